"""Cells of Arrow tables as JSON has them: dates as text, decimals as numbers; bytes are no text and are told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from evalkit.core.exchange import Json


class BinaryCell(ValueError):
    """A cell that holds bytes: an image, a sound."""


def as_json(value: Any) -> Json:
    """Return a cell as a JSON value; raise BinaryCell for bytes.

    >>> as_json({"day": date(2026, 4, 1), "price": Decimal("1.5"), "gap": float("nan")})
    {'day': '2026-04-01', 'price': 1.5, 'gap': None}
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): as_json(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(inner) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise BinaryCell
    return str(value)
