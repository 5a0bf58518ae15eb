"""The number an answer states, against the number of the target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, list_alternatives, missing_target, score_of
from evalkit.text.numbers import Kind, Quantity, Take, is_same, list_numbers, read_quantity

_LIKE_A_NUMBER: tuple[Kind, ...] = ("number", "range", "symbolic")
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeric:
    """1 when the answer's number equals the target's within the tolerances, else 0.

    Numbers are read exactly: 1,234.5, 3½, 1e6, 2 × 10⁸, $3.5 million, 1億2,000万, 三千五百, minus five, 50% (equal to
    50 and to 0.5). An answer without a number, or with a range or two numbers to choose from, is wrong and not `read`.
    A target that is a time (5:30), a date (令和8年5月1日), a ratio (3:2) or a range is compared as what it is. A list
    of targets is one of alternatives. Numbers are equal when they differ by at most `absolute`, or by `relative` of the
    larger.
    """

    VERSION: ClassVar[str] = "2"

    take: Take = "stated"
    """Which number counts; `stated` is the one behind its cue (`answer:`, `答えは`, `####`), else the last"""
    unit: str | tuple[str, ...] = ()
    """The unit the number has (円), with its other spellings; a number of another unit is not read"""
    out_of: float | None = None
    """For ratings: the best mark, so that 7/10 is 7 and not a fraction"""
    absolute: float = 1e-9
    """Largest difference that is none"""
    relative: float = 0.0
    """Largest difference as a share of the larger of the two"""

    def __post_init__(self) -> None:
        if self.absolute < 0 or self.relative < 0:
            raise ValueError("tolerances must not be negative")
        if not math.isfinite(self.absolute) or not math.isfinite(self.relative):
            raise ValueError("tolerances must be numbers, not infinite")
        if self.out_of is not None and not 0 < self.out_of < math.inf:
            raise ValueError(f"out_of must be above 0, not {self.out_of:g}")
        if any(not unit.strip() for unit in self._units()):
            raise ValueError("unit must not be empty")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, whether there was a number, whether it could be read."""
        return (
            Metric(about="the number equals the target's"),
            Metric(part="found", about="the answer holds a number"),
            Metric(part="read", about="one number (or time, date, ... as the target is) could be read from the answer"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that the target is one number.

        Or one of what is compared in its place.
        """
        if example.target is None:
            return missing_target(example)
        unread = any(self._read_target(one) is None for one in list_alternatives(example.target))
        return ("its target holds no number",) if unread else ()

    def doubt(self, example: Example) -> str | None:
        """Say why a target may mean another number than it is taken for.

        It names several and has no cue.
        """
        for one in list_alternatives(example.target):
            if isinstance(one, str) and self.take == "stated" and len(several := list_numbers(one)) > 1:
                taken = self._read_target(one)
                return (
                    f"the target {one[:_SHOWN]!r} names several numbers ({', '.join(several[:4])}), and "
                    f"{taken.spelled if taken else 'none'} is taken: give the one that is right, or a list"
                )
        return None

    def score(self, example: Example, response: Response) -> Score:
        """Compare the stated number with that of each target."""
        wanted = [one for one in map(self._read_target, list_alternatives(example.target)) if one is not None]
        if not wanted:
            raise ValueError(f"example {example.id!r}: the target holds no number")
        text = answer_text(response)
        got, best = self._best(text, wanted)
        absolute, relative = Fraction(repr(self.absolute)), Fraction(repr(self.relative))
        hit = got is not None and is_same(got, best, absolute=absolute, relative=relative)
        read = got is not None and (got.kind == best.kind)
        found = read or read_quantity(text, take=self.take) is not None
        expected = best.spelled
        reading = None
        if got is not None and read:
            zero = Fraction(0)
            reading = expected if is_same(got, best, absolute=zero, relative=zero) else got.spelled
        return score_of(
            example,
            response,
            self.version,
            hit,
            parts={"found": float(found), "read": float(read)},
            reason="" if read else _unread(got),
            evidence={"expected": expected, "got": None if got is None else got.spelled},
            reading=reading,
            expected=expected,
        )

    def _best(self, text: str, wanted: Sequence[Quantity]) -> tuple[Quantity | None, Quantity]:
        """What was read, and the target it equals; the first target where it equals none."""
        absolute, relative = Fraction(repr(self.absolute)), Fraction(repr(self.relative))
        first: Quantity | None = None
        for place, target in enumerate(wanted):
            got = self._read_answer(text, target)
            if got is not None and is_same(got, target, absolute=absolute, relative=relative):
                return got, target
            first = got if place == 0 else first
        return first, wanted[0]

    def _read_answer(self, text: str, target: Quantity) -> Quantity | None:
        kinds = _LIKE_A_NUMBER if target.kind == "number" else (target.kind,)
        out_of = None if self.out_of is None else Fraction(repr(self.out_of))
        return read_quantity(text, take=self.take, unit=self._units(), out_of=out_of, kinds=kinds)

    def _read_target(self, target: Json) -> Quantity | None:
        if isinstance(target, (int, float)) and not isinstance(target, bool):
            return Quantity.of(Fraction(repr(target))) if math.isfinite(target) else None
        out_of = None if self.out_of is None else Fraction(repr(self.out_of))
        return read_quantity(target, take=self.take, out_of=out_of) if isinstance(target, str) else None

    def _units(self) -> tuple[str, ...]:
        return (self.unit,) if isinstance(self.unit, str) else self.unit


def _unread(got: Quantity | None) -> str:
    if got is None:
        return "no number could be read from the answer"
    return f"the answer names {got.spelled}, which is not one number"
