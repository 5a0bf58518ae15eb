"""Which matcher a bare expected value gets: chosen from its schema, or from what it is where the schema is silent."""

from __future__ import annotations

import re
from functools import lru_cache

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.resolve import NOTHING_SAID, SchemaView
from evalkit.text import ja_values

_MOMENTS = {"date": "date", "time": "time", "date-time": "datetime"}
_PROSE = frozenset({"text", "textarea", "multiline", "markdown", "name", "full-name", "address", "place", "city"})
"""Formats outside JSON Schema that say prose; every other one is an id, an address or a code"""


def default_kind(value: Json, view: SchemaView = NOTHING_SAID) -> str:
    """Choose the matcher of a bare scalar.

    `view` is what its schema says of this value.

    Values of an enum or a const and text under a `pattern`, an encoding or a `format` (dates and times aside) are
    exact; so are URLs and paths, by their look. Numbers: see `scalars.integer` and `scalars.number`. Text that must be
    or reads as a date, a time or a prefecture is compared as one; other text is folded.

    >>> default_kind("2024-05-01"), default_kind("東京"), default_kind("/srv/A.txt"), default_kind("red")
    ('date', 'prefecture', 'exact', 'text')
    """
    if isinstance(value, (bool, type(None))) or view.listed:
        return "exact"
    if isinstance(value, (int, float)):
        return "integer" if view.whole else "number"
    if not isinstance(value, str) or view.spelled:
        return "exact"
    if view.format and view.format not in _PROSE:
        return _MOMENTS.get(view.format, "exact")
    return _kind_of_text(value)


@lru_cache(maxsize=16_384)
def _kind_of_text(text: str) -> str:
    if _ADDRESS.fullmatch(text):
        return "exact"
    if not _MAY_BE_READ.search(text):
        return "text"
    return next((kind for kind, read in _READERS if read(text) is not None), "text")


_ADDRESS = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://\S+"  # a URL
    r"|(?:~?/|\.{1,2}[/\\]|[A-Za-z]:[\\/]|\\\\)[^\s/\\][^\n]*"  # a path from the root, from home or from here
    r"|[\w.@-]+(?:[/\\][\w.@-]+)*[/\\][\w@-]+(?:\.[A-Za-z][A-Za-z0-9]{0,5}){1,2}",  # a file in a folder
    re.ASCII,
)
_MAY_BE_READ = re.compile(r"[\d〇零一二三四五六七八九十元午]|[^\x00-\x7f]{2}")
"""A digit in any script, or Japanese: without one of them a text is no date, no time and no prefecture"""
_READERS = (
    ("prefecture", ja_values.prefecture),
    ("date", ja_values.read_date),
    ("time", ja_values.read_time),
    ("datetime", ja_values.read_datetime),
)
