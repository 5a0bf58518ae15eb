"""An amount of a metric: in its own unit (0.02 of a rate, 0.5 of a rating), or a share of the base's value ("5%")."""

from __future__ import annotations

import math
import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")
_PATTERN = r"^\s*\d+(\.\d+)?\s*%\s*$"


def _check(value: object) -> object:
    wanted = "must be a number above 0 in the metric's own unit, or a share of the base's value such as \"5%\""
    if isinstance(value, str):
        found = _SHARE.fullmatch(value)
        if found is None or not float(found[1]) > 0.0:
            raise ValueError(f"{wanted}, not {value[:40]!r}")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"must be a finite number, not {value}")
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 < value < float("inf"):
        raise ValueError(f"{wanted}, not {value!r}")
    return value


Amount = Annotated[
    float | str,
    BeforeValidator(_check),
    WithJsonSchema({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": _PATTERN}]}),
]


def amount_of(amount: float | str, base: float) -> float:
    """Return the amount in the metric's own unit.

    The base's value is `base`; 0 is a share of nothing.

    >>> amount_of(0.5, 6.2), amount_of("5%", 40.0)
    (0.5, 2.0)
    """
    if isinstance(amount, str):
        found = _SHARE.fullmatch(amount)
        return float(found[1]) / 100.0 * abs(base) if found else 0.0
    return float(amount)
