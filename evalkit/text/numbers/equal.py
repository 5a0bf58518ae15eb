"""Whether two quantities are the same, exactly or within tolerances."""

from __future__ import annotations

from fractions import Fraction

from evalkit.text.numbers.quantity import Quantity


def is_same(got: Quantity, wanted: Quantity, *, absolute: Fraction, relative: Fraction) -> bool:
    """Tell whether an answer's quantity is the target's.

    A percentage equals its number and its hundredth (50% is 50 where the target says 50, and 0.5 where it says 0.5).
    A rating "7/10" is 7, and 7/10 where the target is written so. What is no number is compared as what it is.
    """
    mine, theirs = got.number, wanted.number
    if mine is None or theirs is None:
        return mine is None and theirs is None and _is_same_other(got, wanted)
    if got.out_of is not None and wanted.out_of is not None:
        return got.out_of == wanted.out_of and mine == theirs
    spellings = [mine]
    if got.out_of and wanted.slash:
        spellings = [mine / got.out_of]
    if got.percent != wanted.percent:
        spellings.append(mine / 100 if got.percent else mine * 100)
    return any(_is_near(one, theirs, absolute=absolute, relative=relative) for one in spellings)


def _is_near(one: Fraction, other: Fraction, *, absolute: Fraction, relative: Fraction) -> bool:
    return abs(one - other) <= max(absolute, relative * max(abs(one), abs(other)))


def _is_same_other(got: Quantity, wanted: Quantity) -> bool:
    if got.kind != wanted.kind or not isinstance(got.value, str) or not isinstance(wanted.value, str):
        return False
    if got.value == wanted.value:
        return True
    return got.kind == "time" and got.half and not wanted.half and _half_day(got.value) == _half_day(wanted.value)


def _half_day(time: str) -> tuple[int, str]:
    hour, _, rest = time.partition(":")
    return int(hour) % 12, rest
