"""Which matcher a bare expected value gets: chosen from its schema, or from what it is where the schema is silent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from evalkit.core.exchange import Json
from evalkit.text import ja_values

_FORMATS = {"date": "date", "time": "time", "date-time": "datetime"}


def default_kind(value: Json, schema: Mapping[str, Json]) -> str:
    """The matcher of a bare scalar.

    Values of an enum or a const, ids under a `pattern` and integers (5.0 is 5) are exact; other numbers have a
    tolerance; text with a date or time
    format is compared as such, and so is text that reads as a date, a time or a prefecture; other text is folded.

    >>> default_kind("2024-05-01", {}), default_kind("東京", {"type": "string"}), default_kind("red", {"enum": ["red"]})
    ('date', 'prefecture', 'exact')
    """
    if isinstance(value, (bool, type(None))):
        return "exact"
    if isinstance(value, (int, float)):
        return "exact" if schema.get("type") == "integer" else "number"
    if not isinstance(value, str) or "enum" in schema or "const" in schema or "pattern" in schema:
        return "exact"
    named = _FORMATS.get(str(schema.get("format", "")))
    if named:
        return named
    return _kind_of_text(value)


@lru_cache(maxsize=16_384)
def _kind_of_text(text: str) -> str:
    return next((kind for kind, read in _READERS if read(text) is not None), "text")


_READERS = (
    ("prefecture", ja_values.prefecture),
    ("date", ja_values.read_date),
    ("time", ja_values.read_time),
    ("datetime", ja_values.read_datetime),
)
