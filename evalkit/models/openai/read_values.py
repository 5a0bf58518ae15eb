"""Values out of a body, whatever a server put there: the type that was promised, or None.

A kept answer must be readable next year: what reaches a `Response` is text, a count or a finite number, never a stray
object. Bodies nested too deep to read are errors of the kind every caller expects.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

from evalkit.core.exchange import Json

_LARGEST = 2**53
"""Counts beyond are no counts: they would not survive as a float"""


def parse_json(content: bytes | str) -> Json:
    """Parse the JSON of a body.

    Raises ValueError for what is none, and for one nested too deep to be read.
    """
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deep") from None


def text_of(value: Json) -> str | None:
    """Return a text; a number as text; None for everything else.

    >>> text_of("stop"), text_of(7), text_of({"a": 1}), text_of(None)
    ('stop', '7', None, None)
    """
    if value is None or isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def write_out(value: Json) -> str:
    """Return a text as it is, any other value as its JSON.

    Arguments that a server has parsed are written out again.

    >>> write_out('{"a": 1}'), write_out({"a": "é"}), write_out(None)
    ('{"a": 1}', '{"a": "é"}', '')
    """
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def count_of(value: Json) -> int | None:
    """Return a count from 0; None for everything else.

    >>> count_of(12), count_of(-1), count_of(True), count_of("12")
    (12, None, None, None)
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value < _LARGEST else None


def numbers_of(values: Iterable[Json]) -> tuple[float, ...]:
    """Return the numbers among values.

    There are none at all where one is infinite or no number: a part of a sum would mislead.
    """
    found = tuple(float(v) for v in values if isinstance(v, (int, float)) and not isinstance(v, bool))
    return found if all(map(math.isfinite, found)) else ()
