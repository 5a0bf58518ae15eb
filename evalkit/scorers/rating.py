"""Marks on a scale: how far an answer's mark is from that of the target, and how well both agree in all."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.sets import SetFigure
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.label_reading import ABSENT, json_at, target_at
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.text.numbers import read_quantity


@dataclass(frozen=True, kw_only=True)
class Rating:
    """How far the mark is from the target's; less is better.

    With the mean error, rank correlation and quadratic kappa.

    A mark that cannot be read, or lies outside the scale, is an error: it counts as the end of the scale that is
    farther from the target, and is not `read`. So an arm that gives no marks never looks good.
    """

    VERSION: ClassVar[str] = "1"

    scale: tuple[float, float]
    """The lowest and the highest mark there is: [1, 5]"""
    field: str = ""
    """Where the mark stands in JSON, in the answer and in the target"""

    def __post_init__(self) -> None:
        if not self.scale[0] < self.scale[1]:
            raise ValueError(
                f"scale must go from a lower to a higher mark, not from {self.scale[0]} to {self.scale[1]}"
            )

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the distance, the readings, the bias, and figures of all cases.

        The readings: whether a mark was read, and whether it is the target's.
        """
        low, high = self.scale
        width = high - low

        def distance(part: str, about: str) -> Metric:
            return Metric(part=part, higher_is_better=False, binary=False, about=about, low=0.0, high=width)

        return (
            distance("", "how far the mark is from the target's"),
            distance("mae", "the same: its mean is the mean absolute error"),
            Metric(
                part="bias",
                binary=False,
                low=-width,
                high=width,
                either=True,
                about="mark less target: above 0 too high; judged by a floor with `min` and `max`",
            ),
            Metric(part="equal", about="the mark is the target's"),
            Metric(part="read", about="a mark on the scale could be read"),
            *(
                Metric(
                    part=name,
                    binary=False,
                    low=-1.0,
                    high=1.0,
                    about=about,
                    over=SetFigure(figure=name, kind="rating", span=(low, high)),
                )
                for name, about in (
                    ("spearman", "rank correlation of marks and targets"),
                    ("qwk", "quadratic weighted kappa: agreement beyond chance, far misses count more"),
                )
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that the target is a mark on the scale."""
        return () if self._mark(target_at(example, self.field)) is not None else (
            f"its target is no mark from {self.scale[0]:g} to {self.scale[1]:g}",
        )  # fmt: skip

    def gold(self, example: Example) -> float:
        """Return the mark of the target."""
        mark = self._mark(target_at(example, self.field))
        if mark is None:
            raise ValueError(f"example {example.id!r}: its target is no mark on the scale")
        return mark

    def score(self, example: Example, response: Response) -> Score:
        """Read the mark."""
        gold, text = self.gold(example), answer_text(response)
        low, high = self.scale
        mark = self._mark(json_at(text, self.field) if self.field else text)
        counted = mark if mark is not None else (low if gold - low > high - gold else high)
        parts: dict[str, float | None] = {
            "mae": abs(counted - gold),
            "bias": counted - gold,
            "equal": float(mark == gold),
            "read": float(mark is not None),
        }
        found = score_of(
            example,
            response,
            self.version,
            abs(counted - gold),
            parts=parts,
            reason="" if mark is not None else "no mark on the scale could be read",
            evidence={"expected": gold, "got": mark},
            reading=None if mark is None else f"{mark:g}",
            expected=f"{gold:g}",
        )
        return dataclasses.replace(found, code=counted)

    def _mark(self, value: Json) -> float | None:
        """A number on the scale; None where it is none."""
        if value is ABSENT or isinstance(value, bool):
            return None
        if isinstance(value, str):
            found = read_quantity(value, take="stated", out_of=Fraction(repr(self.scale[1])))
            value = None if found is None or found.number is None else float(found.number)
        if not isinstance(value, (int, float)):
            return None
        return float(value) if self.scale[0] <= value <= self.scale[1] else None
