"""Why a number of the verdict is null: by what its gate looks at, or because nothing was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping

from evalkit.core.exchange import Json

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
_ALONE = "looks at the candidate alone"
_EVERY = "every critical case counts, so nothing is estimated"
_GATES: Mapping[str, Mapping[str, str]] = {
    "floor": {
        **dict.fromkeys(("delta", "low", "high", "fixed", "broken", "p", "p_adjusted", "mde"), f"a floor {_ALONE}"),
        "base": "no case has a value in the base",
        "margin": "a floor is a value, not a margin",
        "n_needed": "told only where a floor is met, but not proven",
    },
    "budget": {
        **dict.fromkeys(("delta", "low", "high", "margin"), f"the maximum of a budget {_ALONE}"),
        "p": "a budget is judged by its interval, not by a test",
        "p_adjusted": "a budget is judged by its interval, not by a test",
        "mde": "not estimated for a budget",
        "n_needed": "not estimated for a budget",
    },
    "critical": {
        **dict.fromkeys(("low", "high", "p", "p_adjusted", "mde", "n_needed"), _EVERY),
        "margin": "no critical case may break, so there is no margin",
    },
    "fairness": {
        "fixed": "a gap lies between groups, and no case is fixed or broken by it",
        "broken": "a gap lies between groups, and no case is fixed or broken by it",
        "p": "a gap is judged by its interval over all groups at once, not by a test",
        "p_adjusted": "a gap is judged by its interval over all groups at once, not by a test",
        "mde": "not estimated for a gap between groups",
        "n_needed": "not estimated for a gap between groups",
    },
}


def missing(row: Mapping[str, Json], because: str) -> dict[str, str]:
    """The reason for every number of a row that is null; the row's own sentence where nothing was measured at all."""
    measured = row["delta"] is not None or row["candidate"] is not None
    known = {**_WHY, **_GATES.get(str(row.get("gate")), {})}
    reasons = {}
    for name, found in row.items():
        if name in ("slice", "because") or not (found is None or odd(found)):
            continue
        told = known.get(name) if (measured and not odd(found)) or name == "margin" else None
        reasons[name] = told or because or "not measured"
    return reasons


def odd(value: object) -> bool:
    """NaN or infinity, which JSON has no number for."""
    return isinstance(value, float) and not math.isfinite(value)
