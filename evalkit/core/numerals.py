"""Numbers of JSON as Python's: whole ones exactly, none beyond what a float holds."""

from __future__ import annotations


class NotStrict(ValueError):
    """Text that Python's parser takes but is no JSON that every reader can take.

    NaN, Infinity, a number beyond floats, a repeated key, half of a surrogate pair, too many levels.
    """


_LONGEST_NUMBER = 300
"""Digits that every float holds"""


def whole(text: str) -> int:
    """Read a number written without point or exponent.

    Raises NotStrict beyond what a float holds.
    """
    value = int(text)
    try:
        if len(text) > _LONGEST_NUMBER:
            float(value)
    except OverflowError:
        raise NotStrict("a whole number beyond what a float holds") from None
    return value


def finite(text: str) -> float:
    """Read a number written with point or exponent.

    Raises NotStrict beyond what a float holds.
    """
    value = float(text)
    if value - value != 0:
        raise NotStrict(f"{text} is beyond what a float holds")
    return value
