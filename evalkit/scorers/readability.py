"""How easily a text is read: jReadability for Japanese, Flesch's formula for English."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal

from evalkit.core.errors import MissingExtra
from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, not_applicable, score_of
from evalkit.text.readability import flesch_ease
from evalkit.text.script import is_japanese

Language = Literal["auto", "ja", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability:
    """How easily the answer is read; higher is easier.

    Japanese by jReadability (Lee and Hasebe 2016): 0.5 to 1.5 is upper advanced, 5.5 to 6.5 lower elementary. English
    by Flesch's reading ease (1948): 60 to 70 is plain English, below 30 very hard. The two scales are not alike, so
    that one suite has one language: `auto` takes that of most user messages. `in_range` is 1 where the value lies
    within `min` and `max`. An answer without words does not apply.
    """

    VERSION: ClassVar[str] = "1"

    language: Language = "auto"
    """Which formula counts; `auto` is told by the user messages of the suite"""
    min: float | None = None
    """The hardest that is still right"""
    max: float | None = None
    """The easiest that is still right"""
    better: Literal["easier", "harder"] = "easier"
    """Which side is good"""

    def __post_init__(self) -> None:
        if self.min is not None and self.max is not None and not self.min < self.max:
            raise ValueError(f"min {self.min:g} must be below max {self.max:g}")
        if self.language == "ja":
            _load_tagger()

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def with_targets(self, examples: Sequence[Example]) -> Readability:
        """Return the scorer with the language of most user messages."""
        if self.language != "auto" or not examples:
            return self
        asked = [_asked_text(one) for one in examples]
        japanese = sum(map(is_japanese, asked))
        return dataclasses.replace(self, language="ja" if 2 * japanese >= len(asked) else "en")

    def metrics(self) -> Sequence[Metric]:
        """List the value, and whether it is within the limits."""
        formula = {"ja": "jReadability", "en": "Flesch reading ease"}.get(self.language, "by the suite's language")
        return (
            Metric(binary=False, higher_is_better=self.better == "easier", about=f"ease of reading ({formula})"),
            Metric(part="in_range", about="the value lies within `min` and `max`"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Compute the ease of reading."""
        text = answer_text(response)
        language = self.language if self.language != "auto" else ("ja" if is_japanese(text) else "en")
        value = measure_japanese(text) if language == "ja" else flesch_ease(text)
        if value is None:
            return not_applicable(example, response, self.version, reason="the answer has no words")
        inside = (self.min is None or value >= self.min) and (self.max is None or value <= self.max)
        return score_of(
            example,
            response,
            self.version,
            value,
            parts={"in_range": float(inside)},
            evidence={"language": language, "readability": round(value, 3)},
        )


def measure_japanese(text: str) -> float | None:
    """Measure jReadability; None for a text without letters."""
    if not any(mark.isalnum() for mark in text):
        return None
    compute, tagger = _load_tagger()
    return float(compute(text, tagger))


@cache
def _load_tagger() -> tuple[Callable[[str, Any], float], Any]:
    try:
        from fugashi import Tagger
        from jreadability import compute_readability
    except ImportError as error:
        raise MissingExtra("jreadability", "readability", "the readability of Japanese") from error
    return compute_readability, Tagger()


def _asked_text(example: Example) -> str:
    return " ".join(turn.content for turn in example.messages if turn.role == "user" and isinstance(turn.content, str))
