"""A number that stands in a text, or what looks like one and is something else: a time, a date, a range, a code."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Kind = Literal["number", "time", "date", "range", "ratio", "code", "symbolic"]

_MOST_DIGITS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity and its place in the folded text.

    `value` is exact for a number; anything else is the text that makes it comparable (`17:30`, `2026-11-30`).
    """

    kind: Kind
    value: Fraction | str
    start: int
    end: int
    percent: bool = False
    slash: bool = False
    """Written a/b"""
    out_of: Fraction | None = None
    """b of a rating "a of b\""""
    weak: bool = False
    """A single 漢数字 or words (five): a number only where nothing stands in digits, or behind a cue"""
    half: bool = True
    """A time says whether it is a.m. or p.m., or needs not"""

    @classmethod
    def of(cls, value: Fraction) -> Quantity:
        """Make a bare number that stands nowhere."""
        return cls(kind="number", value=value, start=0, end=0)

    @property
    def number(self) -> Fraction | None:
        """The exact value of a number; None for anything else."""
        return self.value if isinstance(self.value, Fraction) else None

    @property
    def spelled(self) -> str:
        """One spelling for all ways to write it: 3500, -0.5, 1/3, 17:30."""
        return spell(self.value) if isinstance(self.value, Fraction) else self.value


def spell(value: Fraction) -> str:
    """Spell a fraction as a decimal, or as n/d.

    As a decimal where it has an end; very long ones in powers of ten.

    >>> spell(Fraction(7, 2)), spell(Fraction(-1, 3)), spell(Fraction(3500))
    ('3.5', '-1/3', '3500')
    """
    top, bottom = value.numerator, value.denominator
    if max(abs(top), bottom) >= 10**_MOST_DIGITS:
        return _long(value)
    if bottom == 1:
        return str(top)
    twos = fives = 0
    while bottom % 2 == 0:
        bottom, twos = bottom // 2, twos + 1
    while bottom % 5 == 0:
        bottom, fives = bottom // 5, fives + 1
    if bottom != 1:
        return f"{top}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(top) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if top < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _long(value: Fraction) -> str:
    """More digits than a reader wants: d.ddde±n, cut (not rounded) at 40 digits."""
    top, bottom = abs(value.numerator), value.denominator
    power = len(str(top)) - len(str(bottom))
    scaled = Fraction(top, bottom) / Fraction(10) ** power
    if scaled < 1:
        scaled, power = scaled * 10, power - 1
    digits = str(int(scaled * 10 ** (_MOST_DIGITS - 1))).rstrip("0")
    tail = f".{digits[1:]}" if digits[1:] else ""
    return f"{'-' if value < 0 else ''}{digits[0]}{tail}e{power}"
