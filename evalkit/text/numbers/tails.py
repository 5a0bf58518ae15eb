"""What belongs to a number behind its digits: power, magnitude, fraction, percent, "of ten"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from evalkit.text.numbers.amounts import COMPOSITE, MAGNITUDES, PLAIN, raise_to, read_composite, read_plain

_EXPONENT = re.compile(r"[eE]([+-]?\d{1,6})(?![\w])")
_SCIENTIFIC = re.compile(r"\s?[×xX*·]\s?10\s?\^\s?\(?([-+]?\d{1,6})\)?(?![\d.]*\d)")
_POWER = re.compile(r"\s?\^\s?\(?([-+]?\d{1,6})\)?(?![\d.]*\d)|\s?の\s?(\d{1,4})\s?乗")
_ODD_POWER = re.compile(r"\s?\^\s?[({]?\s?[\w.-]")
_MIXED = re.compile(
    r"(?:\s{1,2}|\s?と\s?|\s?\+?\s?and\s)(\d{1,6})\s?/\s?(\d{1,6})(?![\d/.]*\d)|\s?と\s?(\d{1,6})分の(\d{1,6})"
)
_SLASH = re.compile(rf"\s?/\s?(-?(?:{PLAIN}))(?!\s?/\s?\d)|\s(?:over|out of every)\s({PLAIN})")
_PART_OF = re.compile(rf"\s?分の\s?({COMPOSITE})")
_MAGNITUDE = re.compile(rf"[\s-]?({'|'.join(name for name in MAGNITUDES if len(name) > 3)})\b", re.IGNORECASE)
_SHORT_MAGNITUDE = re.compile(r"\s?(bn|mn|mil|mio|tn)\b|([kKMBT])(?![\w^])|([mbt])(?![\w^])")
_KANJI_MAGNITUDE = re.compile(r"\s([万億兆])")
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b|パーセント|プロ(?:セント)(?![ァ-ヶー]))", re.IGNORECASE)
_TENTHS = re.compile(r"割(?![りるっれろ当合安高])(?:(\d)分)?")
_AND_HALF = re.compile(r"(?:時間|年|か月|ヶ月|カ月|日|倍|周|キロ|枚|畳)半(?!\w*[数分])")
_SYMBOL = re.compile(r"\s?(?:π|√|pi\b)")
_RATING_BEFORE = re.compile(
    r"(?:scor(?:e|ed|ing)|rat(?:e|es|ed|ing)|grade[ds]?|marks?|points?|stars?|評価|評点|点数|得点|採点|スコア|レーティング|満足度"
    r"|総合|判定|quality|helpfulness|accuracy|fluency|relevance|clarity|coherence|品質|有用性|正確[さ性]|自然さ|流暢[さ性]|★|☆)[^\n\d]{0,30}$",
    re.IGNORECASE,
)
_RATED = re.compile(r"\s?(?:点|stars?\b|つ星|★|☆|points?\b|pts\b|marks?\b)", re.IGNORECASE)
_OUT_OF = re.compile(
    rf"\s?(?:[a-z]{{1,10}}\s)?\(?(?:out )?of (?:the |a (?:possible |total of )?)?({PLAIN})"
    r"(?:\s?(?:points?|stars?|marks?)\b)?\)?"
    rf"|\s?点\s?/\s?({PLAIN})\s?点(?:満点)?|\s?点(?:です|だ)?[。、]\s?({PLAIN})\s?点満点|\s?[点つ]\s?\(\s?({PLAIN})\s?(?:点|つ|段階)(?:満点)?中?\s?\)",
    re.IGNORECASE,
)
_OF_TOTAL = re.compile(
    rf"\s?(?:点満点|点|段階|つ星?|個|問|満点)(?:評価)?(?:中|のうち|で)[、,\s]?\s?({PLAIN})\s?[点つ個問]?"
)
_LOOKED_AT = 48
"""Characters before a number that may say what it is"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """A number with what stands behind it.

    `symbolic` where it is no number after all (2π, 2^x).
    """

    value: Fraction
    end: int
    slash: bool = False
    percent: bool = False
    out_of: Fraction | None = None
    symbolic: bool = False


def read_tail(text: str, value: Fraction, *, start: int, end: int, currency: bool) -> Tail:
    """Read the number at text[start:end] with everything behind it that belongs to it."""
    tail = _read_exponent(text, Tail(value=value, end=end))
    if tail.symbolic:
        return tail
    if tail.end == end:
        tail = _parts(text, tail, start=start)
    if not tail.slash:
        tail = _read_magnitude(text, tail, currency=currency)
    return _percent(text, _read_rating(text, tail))


def _read_exponent(text: str, tail: Tail) -> Tail:
    """1e6, 2×10^8, 10^3, 10の3乗, 2π."""
    if found := _EXPONENT.match(text, tail.end):
        return _times(tail, raise_to(Fraction(10), int(found[1])), found.end())
    if found := _POWER.match(text, tail.end):
        raised = raise_to(tail.value, int(found[1] or found[2]))
        return replace(tail, value=raised or Fraction(0), end=found.end(), symbolic=raised is None)
    if found := _SCIENTIFIC.match(text, tail.end):
        return _times(tail, raise_to(Fraction(10), int(found[1])), found.end())
    if found := _SYMBOL.match(text, tail.end) or _ODD_POWER.match(text, tail.end):
        return replace(tail, end=found.end(), symbolic=True)
    return tail


def _times(tail: Tail, factor: Fraction | None, end: int) -> Tail:
    return replace(tail, value=tail.value * (factor or 0), end=end, symbolic=factor is None)


def _parts(text: str, tail: Tail, *, start: int) -> Tail:
    """1 1/2, 1と1/2, 4分の3, 3/4, 2時間半; and 8/10 or 10点中8 where they are ratings."""
    if found := _PART_OF.match(text, tail.end):
        share = read_composite(found[1])
        if share is not None and tail.value:
            return replace(tail, value=share / tail.value, end=found.end(), slash=True)
    if (found := _MIXED.match(text, tail.end)) and tail.value.denominator == 1:
        top, bottom = (int(found[1]), int(found[2])) if found[1] else (int(found[4]), int(found[3]))
        if top < bottom:
            return replace(tail, value=tail.value + Fraction(top, bottom), end=found.end(), slash=True)
    if found := _SLASH.match(text, tail.end):
        bottom_value = read_plain((found[1] or found[2]).lstrip("-")) * (-1 if (found[1] or "").startswith("-") else 1)
        if bottom_value:
            rated = _RATED.match(text, found.end())
            if tail.value <= bottom_value and (rated or _says_rating(text, start)):
                return replace(tail, end=rated.end() if rated else found.end(), out_of=bottom_value)
            return replace(tail, value=tail.value / bottom_value, end=found.end(), slash=True)
        return replace(tail, end=found.end(), symbolic=True)
    if found := _AND_HALF.match(text, tail.end):
        return replace(tail, value=tail.value + Fraction(1, 2), end=found.end())
    return tail


def _says_rating(text: str, start: int) -> bool:
    return _RATING_BEFORE.search(text[max(0, start - _LOOKED_AT) : start]) is not None


def _read_magnitude(text: str, tail: Tail, *, currency: bool) -> Tail:
    """3.5 million, 5k, $3m, 1.2 億."""
    while found := _MAGNITUDE.match(text, tail.end):
        tail = _times(tail, Fraction(10) ** MAGNITUDES[found[1].casefold()], found.end())
    if found := _SHORT_MAGNITUDE.match(text, tail.end):
        name = (found[1] or found[2] or found[3]).casefold()
        if currency or found[1] or found[2]:
            return _times(tail, Fraction(10) ** MAGNITUDES[name], found.end())
    if found := _KANJI_MAGNITUDE.match(text, tail.end):
        return _times(tail, read_composite(f"1{found[1]}"), found.end())
    return tail


def _read_rating(text: str, tail: Tail) -> Tail:
    """8 out of 10, 8点/10点, 8点（10点満点）, 10点満点中8点."""
    if tail.out_of is not None or tail.slash:
        return tail
    if found := _OUT_OF.match(text, tail.end):
        return replace(tail, end=found.end(), out_of=read_plain(found[1] or found[2] or found[3] or found[4]))
    if (found := _OF_TOTAL.match(text, tail.end)) and read_plain(found[1]) <= tail.value:
        return replace(tail, value=read_plain(found[1]), end=found.end(), out_of=tail.value)
    return tail


def _percent(text: str, tail: Tail) -> Tail:
    if found := _PERCENT.match(text, tail.end):
        return replace(tail, end=found.end(), percent=True)
    if found := _TENTHS.match(text, tail.end):
        return replace(tail, value=tail.value * 10 + int(found[1] or 0), end=found.end(), percent=True)
    return tail
