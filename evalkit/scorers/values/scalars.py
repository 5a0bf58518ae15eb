"""Matchers of single values. Each returns a similarity in [0, 1]; 1.0 and nothing less is a match."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping

from rapidfuzz import fuzz

from evalkit.core.exchange import Json
from evalkit.scorers.values.equal import same_json
from evalkit.text import ja_values

Scalar = Callable[[Json, Json, Mapping[str, Json]], float]

NEAR = 0.99
"""The most that anything but a match earns"""


def exact(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Equal as JSON, character by character."""
    return 1.0 if same_json(want, got) else 0.0


def number(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Equal within `tolerance` (absolute) or `relative`; without either, within 1e-9 relative (0.1 + 0.2 is 0.3).

    A number written as text ("５") is read when the expected value is text too.
    """
    left, right = _as_number(want), _as_number(got) if _is_number(got) else None
    if right is None and isinstance(want, str) and isinstance(got, str):
        right = ja_values.read_number(got)
    if left is None or right is None:
        return 0.0
    absolute, relative = options.get("tolerance"), options.get("relative")
    if absolute is None and relative is None:
        relative = 1e-9
    return 1.0 if math.isclose(left, right, rel_tol=relative or 0.0, abs_tol=absolute or 0.0) else 0.0


def text(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """Equal up to width, spacing and letter case (`case: keep` minds case)."""
    if not isinstance(want, str) or not isinstance(got, str):
        return exact(want, got, options)
    if want == got:
        return 1.0
    left, right = _fold(want, options), _fold(got, options)
    return 1.0 if left == right else NEAR * fuzz.ratio(left, right) / 100


def fuzzy(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """A rapidfuzz ratio of the folded texts of at least `at_least` (0.9)."""
    if not isinstance(want, str) or not isinstance(got, str):
        return exact(want, got, options)
    ratio = fuzz.ratio(_fold(want, options), _fold(got, options)) / 100
    return 1.0 if ratio >= options.get("at_least", 0.9) else NEAR * ratio


def contains(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """The expected text (or, in a list, the expected value) occurs in what was given."""
    if isinstance(want, str) and isinstance(got, str):
        return 1.0 if _fold(want, options) in _fold(got, options) else 0.0
    return 1.0 if isinstance(got, list) and any(text(want, item, options) == 1.0 for item in got) else 0.0


def regex(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """The pattern matches the whole text, as it stands."""
    return 1.0 if isinstance(got, str) and re.fullmatch(want, got) else 0.0


def date(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """The same day, however written."""
    return _read_both(ja_values.read_date, want, got)


def time(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """The same time of day, however written."""
    return _read_both(ja_values.read_time, want, got)


def datetime(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """The same moment where both name a zone, the same day and wall clock where one does not."""
    if not isinstance(want, str) or not isinstance(got, str):
        return 0.0
    left, right = ja_values.read_datetime(want), ja_values.read_datetime(got)
    if left is None or right is None:
        return text(want, got, options)
    if (left.tzinfo is None) != (right.tzinfo is None):
        left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
    return 1.0 if left == right else 0.0


def prefecture(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """The same prefecture, with or without 都, 府, 県."""
    return _read_both(ja_values.prefecture, want, got)


def person(want: Json, got: Json, options: Mapping[str, Json]) -> float:
    """The same name, with or without さん, 様 and spaces."""
    return _read_both(ja_values.without_honorific, want, got)


SCALARS: Mapping[str, Scalar] = {
    "exact": exact, "number": number, "text": text, "fuzzy": fuzzy, "contains": contains, "regex": regex, "date": date,
    "time": time, "datetime": datetime, "prefecture": prefecture, "person": person,
}  # fmt: skip


def _read_both(read: Callable[[str], object], want: Json, got: Json) -> float:
    if not isinstance(want, str) or not isinstance(got, str):
        return 0.0
    left, right = read(want), read(got)
    if left is None or right is None:
        return text(want, got, {})
    return 1.0 if left == right else 0.0


def _fold(value: str, options: Mapping[str, Json]) -> str:
    return ja_values.fold(value, case=options.get("case", "fold") != "keep")


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_number(value: Json) -> float | None:
    if _is_number(value):
        return float(value) if abs(value) <= sys.float_info.max else None
    return ja_values.read_number(value) if isinstance(value, str) else None
