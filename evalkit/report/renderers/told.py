"""What evalkit says on a page, in both languages: the page holds the Japanese of each sentence that stands on it."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from evalkit.report.sentences import Language, in_japanese, is_whole

_KANA = re.compile("[\u3040-\u30ff]")

NAMES = frozenset(
    (
        "Metric", "Slice", "Group", "Scorer", "Rule", "Place", "Judge", "Model", "Prompt", "Owner", "Reason",
        "State", "Finding", "Gate", "Expires", "Family", "Asked",
    )
)  # fmt: skip
"""Columns whose cells are names and other people's words, which no language changes"""


TITLES = ("", "Per case")
"""Columns whose cells say what a row shows"""


class Told:
    """Says sentences in the language of a page and remembers their Japanese."""

    def __init__(self, *, start: Language) -> None:
        self.start = start
        self.labels: dict[str, str] = dict(_labels())

    def __call__(self, text: str) -> str:
        """Return what stands on the page at first."""
        japanese = self._japanese(text)
        return japanese if self.start == "ja" else text

    def knows(self, text: str) -> bool:
        """Tell whether a text is said in both languages."""
        return self._japanese(text) != text

    def is_english(self, text: str) -> bool:
        """Tell whether a text stays English prose in every language."""
        return not self.knows(text) and not is_whole(text)

    def tongue(self, text: str) -> str:
        """Return the language of other people's words, empty where it is not plain."""
        return "ja" if _KANA.search(text) else "en" if text.isascii() and any(map(str.isalpha, text)) else ""

    def in_column(self, column: str, text: str) -> bool:
        """Tell whether a cell is evalkit's own words, in both languages."""
        words = " " in text or column in TITLES
        return words and column not in NAMES and any(map(str.isalpha, text)) and self.knows(text)

    def _japanese(self, text: str) -> str:
        known = self.labels.get(text)
        if known is None:
            known = in_japanese(text)
            if known != text:
                self.labels[text] = known
        return known


@cache
def _labels() -> dict[str, str]:
    asset = files("evalkit.report.renderers").joinpath("assets", "labels.ja.json")
    found: dict[str, str] = json.loads(asset.read_text(encoding="utf-8"))
    return found
