"""A text looked for in another by whole words, numbers as numbers."""

from __future__ import annotations

import re
from functools import lru_cache

from evalkit.text.numbers.amounts import KANJI, PLAIN, STEPS, read_composite
from evalkit.text.numbers.quantity import spell

_NUMERAL = re.compile(rf"(?<![\d.])(?>(?:{PLAIN}|[{KANJI}{STEPS}]{{1,30}}){{1,20}})(?![\d])")
_PLAIN_DIGITS = re.compile(r"\d{1,40}")
_HAS_NUMERAL = re.compile(rf"[\d{KANJI}{STEPS}]")
_OTHER_WORD = "぀-ヿ㐀-鿿"
"""Scripts without spaces: a Latin word may stand right beside them"""


def unify_numbers(text: str) -> str:
    """Spell each number of a text in one way.

    1,200 and 千二百 as 1200, 3.0 as 3.

    >>> unify_numbers("1,200円 of 3.50"), unify_numbers("千二百円")
    ('1200円 of 3.5', '1200円')
    """
    return _NUMERAL.sub(_spell, text) if has_numerals(text) else text


def has_numerals(text: str) -> bool:
    """Tell whether a text holds digits or 漢数字."""
    return _HAS_NUMERAL.search(text) is not None


def _spell(found: re.Match[str]) -> str:
    raw = found.group()
    if _PLAIN_DIGITS.fullmatch(raw) and (raw[0] != "0" or raw == "0"):
        return raw
    if not any(mark.isdecimal() for mark in raw) and len(raw) < 2:
        return raw
    value = read_composite(raw)
    return raw if value is None else spell(value)


def has_words(text: str, wanted: str) -> bool:
    """Tell whether `wanted` stands in `text` by whole words.

    No cat in Catalog, no 3 days in 13 days.

    >>> has_words("a cat.", "cat"), has_words("Catalog".casefold(), "cat"), has_words("13 days", "3 days")
    (True, False, False)
    """
    return _whole(wanted).search(text) is not None


@lru_cache(maxsize=1024)
def _whole(wanted: str) -> re.Pattern[str]:
    return re.compile(_edge(wanted[:1], before=True) + re.escape(wanted) + _edge(wanted[-1:], before=False))


def _edge(mark: str, *, before: bool) -> str:
    """What must not stand beside the first or last character."""
    if mark.isdecimal():
        return r"(?<![\d.])(?<!\d,)(?<!\W[-−])(?<!^[-−])" if before else r"(?!\d)(?![.,]\d)"
    if re.match(r"[ァ-ヶー]", mark):
        return "(?<![ァ-ヶー])" if before else "(?![ァ-ヶー])"
    if re.match(rf"[{_OTHER_WORD}]", mark) or not re.match(r"\w", mark):
        return ""
    return rf"(?<![^\W{_OTHER_WORD}])" if before else rf"(?![^\W{_OTHER_WORD}])"
