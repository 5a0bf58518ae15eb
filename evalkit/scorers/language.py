"""Whether an answer is written in the language it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, not_applicable, scored
from evalkit.text.script import shares

Code = Literal["ja", "zh", "ko", "latin", "ru", "ar"]
_HAN_ALONE = 20
"""Up to this many Han characters without kana may be Japanese as well as Chinese"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """1 when at least `min_share` of the letters are of the expected language's script, else 0.

    Told from scripts alone: `latin` is English as well as French. `expect: prompt` asks for the language of the last
    user message. A tool call without words does not apply.
    """

    VERSION: ClassVar[str] = "1"

    expect: Code | Literal["prompt"]
    """The script expected, or that of the prompt"""
    min_share: float = 0.5
    """Share of letters that must be of it"""

    def __post_init__(self) -> None:
        if not 0 < self.min_share <= 1:
            raise ValueError(f"min_share must be above 0 and at most 1, not {self.min_share}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """Yes/no, and the share of letters."""
        return (
            Metric(about=f"the answer is in the language expected ({self.expect})"),
            Metric(part="share", binary=False, about="share of the letters that are of its script"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """With `expect: prompt` the last user message must hold letters."""
        if self.expect == "prompt" and self._wanted(example) is None:
            return ("its last user message holds no letters, so no language can be expected",)
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Count letters by script."""
        text = answer_text(response)
        if not text.strip() and response.tool_calls:
            return not_applicable(example, response, self.version, reason="a tool call without words")
        wanted = self._wanted(example)
        found = shares(text)
        share = found.get(wanted or "", 0.0)
        if wanted == "ja" and "ja" not in found and len(text) <= _HAN_ALONE:
            share = found.get("zh", 0.0)
        evidence = {"expected": wanted, "shares": {name: round(value, 3) for name, value in found.items()}}
        return scored(
            example, response, self.version, share >= self.min_share, parts={"share": share}, evidence=evidence
        )

    def _wanted(self, example: Example) -> str | None:
        if self.expect != "prompt":
            return self.expect
        asked = [turn.content for turn in example.messages if turn.role == "user" and isinstance(turn.content, str)]
        found = shares(asked[-1]) if asked else {}
        return max(found, key=lambda name: found[name]) if found else None
