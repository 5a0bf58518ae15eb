"""Matchers of single values. Each returns a similarity in [0, 1]; 1.0 and nothing less is a match."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache

from rapidfuzz import fuzz

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.equal import is_same_json
from evalkit.text import ja_values

Scalar = Callable[[Json, Json, Mapping[str, Json]], float]

NEAR = 0.99
"""The most that anything but a match earns"""


def exact(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare as JSON, character by character."""
    return 1.0 if is_same_json(want, got) else 0.0


def number(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare numbers within `tolerance` (absolute) or `relative`.

    Without either, the same number.

    Two whole numbers are the same only if they are the same integer, however large. Where one is not whole they may
    differ by what arithmetic loses: a billionth of their size, at most a millionth (0.1 + 0.2 is 0.3).
    A number written as text ("５") is read when the expected value is text too.
    """
    if type(want) is int and type(got) is int and not options:
        return 1.0 if want == got else 0.0
    if not options and (told := _plainly(want, got)) is not None:
        return told
    left, right = _as_number(want), _as_number(got) if _is_number(got) else None
    if right is None and isinstance(want, str) and isinstance(got, str):
        right = _as_number(got)
    if left is None or right is None:
        return 0.0
    absolute, relative = options.get("tolerance"), options.get("relative")
    if absolute is None and relative is None:
        return 1.0 if _is_same_number(left, right) else 0.0
    apart, size = abs(left - right), max(abs(left), abs(right))
    return 1.0 if apart <= max(_exactly(absolute or 0), _exactly(relative or 0) * size) else 0.0


def _plainly(want: Json, got: Json) -> float | None:
    """What `number` says of two numbers that are equal or clearly apart, without exact arithmetic; else None."""
    if type(want) not in (int, float) or type(got) not in (int, float):
        return None
    size = max(abs(want), abs(got))
    if not size < _EXACT:  # nan and infinity, too
        return None
    if want == got:
        return 1.0
    return 0.0 if abs(want - got) > 1e-5 + 16 * math.ulp(float(size)) else None


_EXACT = 2.0**53
"""Below it every whole number is a float of its own"""


def _is_same_number(left: Fraction, right: Fraction) -> bool:
    if left == right or (left.denominator == 1 and right.denominator == 1):
        return left == right
    size = max(abs(left), abs(right))
    return abs(left - right) <= min(size / 10**9, max(Fraction(1, 10**6), 8 * Fraction(math.ulp(size))))


def integer(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare two numbers as they are written; nothing is tolerated."""
    if type(want) is int and type(got) is int:
        return 1.0 if want == got else 0.0
    left, right = (_as_number(side) if _is_number(side) else None for side in (want, got))
    return 1.0 if left is not None and left == right else 0.0


def text(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare texts up to width, spacing inside a line and letter case.

    `case: keep` minds case, `spaces: drop` no spaces.

    Line breaks and the indentation of lines always count; and so does the case of text in several lines.
    """
    if not isinstance(want, str) or not isinstance(got, str):
        return exact(want, got, options)
    if want == got:
        return 1.0
    left, right = _fold_lines(want, got, options), _fold_lines(got, want, options)
    return 1.0 if left == right else NEAR * fuzz.ratio(left, right) / 100


def fuzzy(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare the folded texts by a rapidfuzz ratio.

    It must be at least `at_least` (0.9).
    """
    if not isinstance(want, str) or not isinstance(got, str):
        return exact(want, got, options)
    ratio = fuzz.ratio(_fold(want, options), _fold(got, options)) / 100
    return 1.0 if ratio >= options.get("at_least", 0.9) else NEAR * ratio


def contains(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Find the expected text in what was given.

    Or, in a list, the expected value.
    """
    if isinstance(want, str) and isinstance(got, str):
        return 1.0 if _fold(want, options) in _fold(got, options) else 0.0
    return 1.0 if isinstance(got, list) and any(text(want, item, options) == 1.0 for item in got) else 0.0


def regex(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Match the pattern with the whole text, as it stands."""
    return 1.0 if isinstance(got, str) and re.fullmatch(want, got) else 0.0


def date(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare two days, however written."""
    return _read_both(ja_values.read_date, want, got)


def time(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare two times of day, however written."""
    return _read_both(ja_values.read_time, want, got)


def datetime(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare two moments where both name a zone.

    Where one does not, the same day and wall clock.
    """
    if not isinstance(want, str) or not isinstance(got, str):
        return 0.0
    left, right = ja_values.read_datetime(want), ja_values.read_datetime(got)
    if left is None or right is None:
        return text(want, got, options)
    if (left.tzinfo is None) != (right.tzinfo is None):
        left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
    return 1.0 if left == right else 0.0


def prefecture(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare two prefectures, with or without 都, 府, 県."""
    return _read_both(ja_values.prefecture, want, got)


def place(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare two places as text, without spaces between Japanese characters.

    A prefecture may stand with or without 県.
    """
    if not isinstance(want, str) or not isinstance(got, str):
        return exact(want, got, options)
    if prefecture(want, got, options) == 1.0:
        return 1.0
    left, right = (_BETWEEN.sub("", ja_values.fold(side)) for side in (want, got))
    return 1.0 if left == right else NEAR * fuzz.ratio(left, right) / 100


def person(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Compare two names, with or without さん, 様 and spaces."""
    return _read_both(ja_values.without_honorific, want, got)


SCALARS: Mapping[str, Scalar] = {
    "exact": exact, "number": number, "text": text, "fuzzy": fuzzy, "contains": contains, "regex": regex, "date": date,
    "time": time, "datetime": datetime, "prefecture": prefecture, "person": person,
    "place": place, "integer": integer,
}  # fmt: skip


def _read_both(read: Callable[[str], object], want: Json, got: Json) -> float:
    if not isinstance(want, str) or not isinstance(got, str):
        return 0.0
    left, right = read(want), read(got)
    if left is None or right is None:
        return text(want, got, {})
    return 1.0 if left == right else 0.0


_LONG = 300
_folded = lru_cache(maxsize=16_384)(ja_values.fold)
"""Kept for short texts: an expected one is folded for every answer"""


def _fold(value: str, options: Mapping[str, Json]) -> str:
    fold = _folded if len(value) < _LONG else ja_values.fold
    folded = fold(value, case=options.get("case", "fold") != "keep")
    return folded.replace(" ", "") if options.get("spaces") == "drop" else folded


def _fold_lines(value: str, other: str, options: Mapping[str, Json]) -> str:
    """Folded line by line, indentation kept; with its case where it or the other has several lines."""
    if "\n" not in value and "\n" not in other and "\r" not in value and "\r" not in other:
        return _fold(value, options)
    lines, others = (_LINE_END.split(text.strip("\r\n")) for text in (value, other))
    if len(lines) == 1 and len(others) == 1:
        return _fold(value, options)
    kept = {"case": "keep", **options}
    return "\n".join(
        line[: len(line) - len(line.lstrip())] + _fold(line, kept) if line.strip() else "" for line in lines
    )


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_number(value: Json) -> Fraction | None:
    if _is_number(value):
        return _exactly(value) if isinstance(value, int) or math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    plain = ja_values.fold(value).replace(",", "")
    if _WHOLE.fullmatch(plain) and (read := ja_values.read_number(value)) is not None:
        return Fraction(int(plain)) if math.isfinite(read) else None  # whole numbers beyond floats too
    read = ja_values.read_number(value)
    return None if read is None or not math.isfinite(read) else _exactly(read)


def _exactly(value: float) -> Fraction:
    """The number as it is written: 1.1 is 11/10."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


_WHOLE = re.compile(r"[+-]?[0-9]{1,4000}")
_LINE_END = re.compile(r"\r\n|\r|\n")
_JAPANESE = "\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
_BETWEEN = re.compile(rf"(?<=[{_JAPANESE}]) | (?=[{_JAPANESE}])")
