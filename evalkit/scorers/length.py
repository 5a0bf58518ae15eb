"""How long an answer is, within limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.text.graphemes import count_graphemes
from evalkit.text.script import tokens
from evalkit.text.sentences import sentences

Unit = Literal["characters", "words", "sentences", "lines"]

_COUNT: Mapping[Unit, Callable[[str], int]] = {
    "characters": lambda text: count_graphemes(text.strip()),
    "words": lambda text: len(tokens(text)),
    "sentences": lambda text: len(sentences(text)),
    "lines": lambda text: sum(1 for line in text.splitlines() if line.strip()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """1 when the answer's length is from `min` to `max`, else 0.

    The count itself is the part `count`.

    A character is what a reader sees as one: a letter with its marks, an emoji of several code points, a flag. A word
    of Japanese is a run of one script, since it needs no dictionary.
    """

    VERSION: ClassVar[str] = "2"

    unit: Unit = "characters"
    """What is counted"""
    min: int | None = None
    """At least this many; `min` or `max` is needed"""
    max: int | None = None
    """At most this many"""

    def __post_init__(self) -> None:
        if self.min is None and self.max is None:
            raise ValueError("length needs `min` or `max`")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, and the count (lower is better)."""
        return (
            Metric(about=f"the answer keeps its limits in {self.unit}"),
            Metric(
                part="count",
                higher_is_better=False,
                binary=False,
                about=f"length of the answer in {self.unit}",
                low=0.0,
                unit=self.unit,
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Count the length and compare it with the limits."""
        count = _COUNT[self.unit](answer_text(response))
        good = (self.min is None or count >= self.min) and (self.max is None or count <= self.max)
        evidence = {"count": count, "min": self.min, "max": self.max}
        return score_of(example, response, self.version, good, parts={"count": float(count)}, evidence=evidence)
