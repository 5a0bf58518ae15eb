"""The number an answer ends in, against the number of the target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, missing_target, scored
from evalkit.text.numbers import first_number, last_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeric:
    """1 when the number of the answer equals that of the target within the tolerances, else 0.

    The last number is taken (of a target that is text, too): where models reason aloud, it is the answer. An answer
    without a number is wrong. Numbers are equal when they differ by at most `absolute`, or by `relative` of the larger.
    """

    VERSION: ClassVar[str] = "1"

    take: Literal["first", "last"] = "last"
    """Which number of the answer (and of a target that is text) counts"""
    absolute: float = 1e-9
    """Largest difference that is none"""
    relative: float = 0.0
    """Largest difference as a share of the larger of the two"""

    def __post_init__(self) -> None:
        if self.absolute < 0 or self.relative < 0:
            raise ValueError("tolerances must not be negative")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """Yes/no, and whether there was a number at all."""
        return (
            Metric(about="the number equals the target's"),
            Metric(part="found", about="the answer holds a number"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """A target with a number is needed."""
        if example.target is None:
            return missing_target(example)
        return () if self._wanted(example.target) is not None else ("its target holds no number",)

    def score(self, example: Example, response: Response) -> Score:
        """Compare the two numbers."""
        wanted = self._wanted(example.target)
        if wanted is None:
            raise ValueError(f"example {example.id!r}: the target holds no number")
        got = self._taken(answer_text(response))
        hit = got is not None and math.isclose(got, wanted, rel_tol=self.relative, abs_tol=self.absolute)
        evidence = {"expected": wanted, "got": got if got is None or math.isfinite(got) else str(got)}
        return scored(example, response, self.version, hit, parts={"found": float(got is not None)}, evidence=evidence)

    def _wanted(self, target: Json) -> float | None:
        if isinstance(target, (int, float)) and not isinstance(target, bool):
            return float(target) if math.isfinite(target) else None
        return self._taken(target) if isinstance(target, str) else None

    def _taken(self, text: str) -> float | None:
        return last_number(text) if self.take == "last" else first_number(text)
