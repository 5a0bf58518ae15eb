"""The value of one number: digits in groups, kanji, powers, magnitude words."""

from __future__ import annotations

import re
from fractions import Fraction

_MOST_DIGITS = 1000
_MOST_POWER = 2000
"""Powers beyond this are no numbers that an answer states"""

PLAIN = (
    r"(?:\d{1,3}(?:\.\d{3}){1,8},\d{1,2}(?!\d)"  # 1.234,56
    r"|\d{1,3}(?:\.\d{3}){2,8}(?![\d.])"  # 1.234.567
    r"|\d{1,3}(?:[,_]\d{3}){1,12}(?![,_]?\d)(?:\.\d{1,1000})?"  # 1,234.5
    r"|\d{1,3}(?: \d{3}){1,8}(?! ?\d)(?:\.\d{1,1000})?"  # 3 500
    r"|\d{1,2}(?:,\d{2}){1,4},\d{3}(?![,\d])(?:\.\d{1,1000})?"  # 12,34,567
    r"|\d{1,1000}(?:\.\d{1,1000})?(?!\d)|\.\d{1,1000}(?!\d))"
)
KANJI = "〇零一二三四五六七八九壱弐参"
STEPS = "十百千万億兆京拾"
COMPOSITE = rf"(?:{PLAIN}|[{KANJI}]{{1,20}}|[{STEPS}]){{1,40}}"
"""Digits and kanji, as in 3万5千, 1億2,000万 and 三千五百"""

_KANJI_DIGITS = {mark: index for index, mark in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "壱": 1,
    "弐": 2,
    "参": 3,
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16}
_PIECE = re.compile(rf"{PLAIN}|[{KANJI}]+|[{STEPS}]")
_EUROPEAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}")
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")

MAGNITUDES = {
    "hundred": 2, "thousand": 3, "million": 6, "millions": 6, "mil": 6, "mn": 6, "mio": 6, "billion": 9, "bn": 9,
    "trillion": 12, "tn": 12, "lakh": 5, "crore": 7, "k": 3, "m": 6, "b": 9, "t": 12,
}  # fmt: skip


def read_plain(text: str) -> Fraction:
    """Read the value of digits with their separators.

    >>> read_plain("1,234.5"), read_plain("3 500"), read_plain("1.234,56")
    (Fraction(2469, 2), Fraction(3500, 1), Fraction(30864, 25))
    """
    if _EUROPEAN.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _DOTTED.fullmatch(text):
        text = text.replace(".", "")
    return Fraction(text.replace(",", "").replace(" ", "").replace("_", ""))


def read_composite(text: str) -> Fraction | None:
    """Read the value of digits and kanji; None where they make no number.

    >>> read_composite("1億2,000万"), read_composite("三千五百"), read_composite("二〇二五"), read_composite("千千")
    (Fraction(120000000, 1), Fraction(3500, 1), Fraction(2025, 1), None)
    """
    total, section, digits = Fraction(0), Fraction(0), None
    below, under = 10**4, 10**20
    for piece in _PIECE.findall(text):
        if piece in _SMALL:
            if _SMALL[piece] >= below:
                return None
            below = _SMALL[piece]
            section += (1 if digits is None else digits) * below
            digits = None
        elif piece in _LARGE:
            if _LARGE[piece] >= under or (digits is None and not section):
                return None
            under, below = _LARGE[piece], 10**4
            total += (section + (digits or 0)) * under
            section, digits = Fraction(0), None
        elif digits is not None:
            return None
        else:
            digits = _digits(piece)
    return total + section + (digits or 0)


def _digits(text: str) -> Fraction:
    if text[0] in _KANJI_DIGITS:
        return Fraction(int("".join(str(_KANJI_DIGITS[mark]) for mark in text)))
    return read_plain(text)


def raise_to(base: Fraction, exponent: int) -> Fraction | None:
    """Compute base ** exponent.

    None where the result would be longer than a text says numbers.
    """
    size = max(abs(base.numerator), base.denominator).bit_length()
    if abs(exponent) > _MOST_POWER or size * abs(exponent) > 4 * _MOST_POWER or (base == 0 and exponent < 0):
        return None
    return base**exponent
