"""English numbers in words: minus five, twenty-five, one hundred and two, two and a half, three quarters."""

from __future__ import annotations

import re
from fractions import Fraction

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SMALL = {word: index for index, word in enumerate(_ONES)} | _TENS
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {
    name: bottom
    for word, bottom in {
        "half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
        "eighth": 8, "ninth": 9, "tenth": 10, "hundredth": 100, "thousandth": 1000,
    }.items()
    for name in (word, f"{word}s")
}  # fmt: skip
_CARDINAL = "|".join(sorted((*_SMALL, *_SCALES), key=len, reverse=True))
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_JOIN = r"(?:\s|-|\s?,\s?)"

WORDS = (
    rf"(?:(?:minus|negative){_JOIN})?"
    rf"(?:(?:an?\s(?={'|'.join(_SCALES)}|{_PART}))?(?:{_CARDINAL})(?:{_JOIN}(?:and\s)?(?:{_CARDINAL})){{0,14}}"
    rf"(?:{_JOIN}(?:and\s(?:an?\s)?)?(?:(?:{_CARDINAL}){_JOIN})?(?:{_PART}))?"
    rf"|(?:an?\s)?half|a\s(?:quarter|third|fifth|tenth))\b"
)
"""A pattern without regard to case; `worded` says what it means"""
_TOKEN = re.compile(r"[a-z]+")


def read_words(text: str) -> Fraction | None:
    """Read the value of a number in words; None where the words make none.

    >>> read_words("minus twenty-five"), read_words("two and a half"), read_words("three quarters")
    (Fraction(-25, 1), Fraction(5, 2), Fraction(3, 4))
    """
    words = [word for word in _TOKEN.findall(text.casefold()) if word not in ("a", "an")]
    negative = bool(words) and words[0] in ("minus", "negative")
    words = words[negative:]
    part = _PARTS.get(words[-1]) if words else None
    bare = [word for word in words if word != "and"]
    value = _cardinal(bare) if part is None else _with_part(words[:-1], part)
    return None if value is None else -value if negative else value


def _with_part(words: list[str], bottom: int) -> Fraction | None:
    """`words` before "thirds" and the like: how many, and behind an "and" the whole before them."""
    if "and" not in words:
        top = _cardinal(words) if words else Fraction(1)
        return None if top is None else top / bottom
    at = len(words) - 1 - words[::-1].index("and")
    whole = _cardinal([word for word in words[:at] if word != "and"])
    top = _cardinal(words[at + 1 :]) if words[at + 1 :] else Fraction(1)
    return None if whole is None or top is None else whole + top / bottom


def _cardinal(words: list[str]) -> Fraction | None:
    total = section = 0
    last = 10**15
    seen = False
    for word in words:
        if word in _SMALL:
            value = _SMALL[word]
            if section % 100 and not (section % 100 >= 20 and section % 10 == 0 and value < 10):
                return None
            section, seen = section + value, True
        elif word == "hundred":
            section, seen = (section or 1) * 100, True
        elif word in _SCALES:
            if _SCALES[word] >= last:
                return None
            last = _SCALES[word]
            total, section, seen = total + (section or 1) * last, 0, True
        else:
            return None
    return Fraction(total + section) if seen else None
