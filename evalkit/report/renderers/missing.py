"""Why a number of the verdict is null: by what its gate says of it, or because nothing was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping

from evalkit.core.exchange import EMPTY, Json

_YES_NO = "only yes/no metrics count fixed and broken cases"
_WHY = {
    "fixed": _YES_NO,
    "broken": _YES_NO,
    "p": "no test was made of this figure",
    "p_adjusted": "one look only, or a gate without correction",
    "margin": "this gate has no margin",
    "mde": "not estimated for this method",
    "n_needed": "enough cases, or not estimated for this method",
}


def explain_missing(row: Mapping[str, Json], because: str, *, known: Mapping[str, str] = EMPTY) -> dict[str, str]:
    """Return the reason for every number of a row that is null.

    The row's own sentence where nothing was measured at all.

    `known` are the reasons of the row's gate.
    """
    measured = row["delta"] is not None or row["candidate"] is not None
    known = {**_WHY, **known}
    reasons = {}
    for name, found in row.items():
        if name in ("slice", "because") or not (found is None or is_odd(found)):
            continue
        told = known.get(name) if (measured and not is_odd(found)) or name == "margin" else None
        reasons[name] = told or because or "not measured"
    return reasons


def is_odd(value: object) -> bool:
    """Tell whether a value is NaN or infinity.

    JSON has no number for these.
    """
    return isinstance(value, float) and not math.isfinite(value)
