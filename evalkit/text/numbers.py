"""Numbers as people and models write them: 1,234.5, １２, −3, 1/2, 3万5千."""

from __future__ import annotations

import re

from evalkit.text.normalize import nfkc

_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<!\d)\.\d+"
_NUMBER = re.compile(
    rf"(?<![\w.])[-−](?=[$¥€£]?(?:{_PLAIN}))[$¥€£]?(?:{_PLAIN})(?:[兆億万千百]\d*)*|(?:{_PLAIN})(?:[兆億万千百]\d*)*"
)
_MARKS = ".,-−$¥€£兆億万千百"
"""What may stand inside or before a number"""
_PIECE = re.compile(r"[兆億万千百]|[\d.]+")
_UNITS = {"兆": 10**12, "億": 10**8, "万": 10**4}
_SMALL = {"千": 1000, "百": 100}


def numbers(text: str) -> list[float]:
    """Every number of a text, in order. Full-width digits count, commas between groups of three are read over.

    A minus counts as a sign only where no letter or digit stands before it, so that 3-5 is two numbers.

    >>> numbers("It costs $1,234.50, not −3 or 3-5.")
    [1234.5, -3.0, 3.0, 5.0]
    >>> numbers("合計は１２個、３万５千円")
    [12.0, 35000.0]
    """
    return [_value(found.group()) for found in _NUMBER.finditer(nfkc(text))]


def last_number(text: str) -> float | None:
    """The last number of a text; None where there is none.

    >>> last_number("7 - 3 = 4"), last_number("none")
    (4.0, None)
    """
    text = nfkc(text)
    end = next((i for i in range(len(text) - 1, -1, -1) if text[i].isdecimal()), -1)
    if end < 0:
        return None
    start = end
    while start and (text[start - 1].isdecimal() or text[start - 1] in _MARKS):
        start -= 1
    return numbers(text[max(0, start - 1) :])[-1]


def first_number(text: str) -> float | None:
    """The first number of a text; None where there is none."""
    found = _NUMBER.search(nfkc(text))
    return _value(found.group()) if found else None


def _value(text: str) -> float:
    negative = text[0] in "-−"
    digits = text.lstrip("-−$¥€£").replace(",", "")
    value = float(digits) if digits.replace(".", "", 1).isdecimal() else _with_units(digits)
    return -value if negative else value


def _with_units(text: str) -> float:
    """3万5千 and the like: 千 and 百 multiply the digits before them, 万 and larger all since the last of them."""
    total = section = 0.0
    digits: float | None = None
    for piece in _PIECE.findall(text):
        if piece in _SMALL:
            section += (1 if digits is None else digits) * _SMALL[piece]
            digits = None
        elif piece in _UNITS:
            total += (section + (digits or 0)) * _UNITS[piece]
            section, digits = 0.0, None
        else:
            digits = float(piece)
    return total + section + (digits or 0)
