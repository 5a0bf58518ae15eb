"""Whether an answer is written in the language it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, not_applicable, score_of
from evalkit.text.language import CODES, Code, LanguageReading, tell_languages
from evalkit.text.language.codes import count_letters

_TOO_SHORT = 20
"""Letters of a prompt from which its language is told beyond its script"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """1 when enough letters are of the expected language, else 0.

    Enough is a share of at least `min_share`.

    Told sentence by sentence. Code, addresses, numbers and names in Latin letters (OpenAI, Windows Server) count for
    no language. Japanese and Chinese are told by kana, by characters that only one of them writes (们这说, 気込払) and
    by the company they keep; languages that share a script by n-grams (py3langid). `latin` takes any in Latin letters,
    `prompt` the language of the last user message. A tool call without words does not apply.
    """

    VERSION: ClassVar[str] = "2"

    expect: Code | Literal["prompt"]
    """The language expected, or that of the prompt"""
    min_share: float = 0.8
    """Share of letters that must be of it"""

    def __post_init__(self) -> None:
        if not 0 < self.min_share <= 1:
            raise ValueError(f"min_share must be above 0 and at most 1, not {self.min_share}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, the shares of letters, and whether any could be told.

        The shares are of letters in the language, and in its script.
        """
        return (
            Metric(about=f"the answer is in the language expected ({self.expect})"),
            Metric(
                part="purity",
                binary=False,
                low=0.0,
                high=1.0,
                about="share of the letters that are of it, code and names aside",
            ),
            Metric(part="share", binary=False, low=0.0, high=1.0, about="share of all letters that are of its script"),
            Metric(part="read", about="the answer holds letters of some language"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that the last user message holds letters with `expect: prompt`."""
        if self.expect == "prompt" and self._wanted_language(example) is None:
            return ("its last user message holds no letters, so no language can be expected",)
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Tell the language of each sentence."""
        text = answer_text(response)
        if not text.strip() and response.tool_calls:
            return not_applicable(example, response, self.version, reason="a tool call without words")
        wanted = self._wanted_language(example)
        if wanted is None:
            raise ValueError(f"example {example.id!r}: {self.check(example)[0]}")
        told = tell_languages(text, expect=wanted)
        purity = told.purity(wanted) or 0.0
        parts = {"purity": purity, "share": _script_share(text, wanted), "read": float(told.total > 0)}
        return score_of(
            example,
            response,
            self.version,
            purity >= self.min_share,
            parts=parts,
            reason="" if told.total else "the answer holds no letters of a language",
            evidence={"expected": wanted, "letters": dict(told.letters), "shares": _shares(told)},
            reading=told.main,
            expected=wanted,
        )

    def _wanted_language(self, example: Example) -> str | None:
        if self.expect != "prompt":
            return self.expect
        asked = [turn.content for turn in example.messages if turn.role == "user" and isinstance(turn.content, str)]
        if not asked:
            return None
        latin = count_letters(asked[-1]).get("latin", 0)
        told = tell_languages(asked[-1], expect="latin" if latin < _TOO_SHORT else None)
        return told.main if told.main in CODES else None


def _shares(told: LanguageReading) -> dict[str, float]:
    return {name: round(count / told.total, 3) for name, count in told.letters.items()}


def _script_share(text: str, language: str) -> float:
    """The share of all letters that are of the language's script; Han is Japanese where the text holds kana."""
    counts = count_letters(text)
    if language == "ja":
        counts["kana"] = counts.get("kana", 0) + counts.pop("han", 0)
    elif counts.get("kana"):
        counts["kana"] += counts.pop("han", 0)
    total = sum(counts.values())
    return counts.get(CODES[language], 0) / total if total else 0.0
