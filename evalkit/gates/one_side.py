"""The mean of one arm, bounded from below and above, each end at its own confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.gates.measured import Floats
from evalkit.gates.view import Ints
from evalkit.stats.clusters import cluster_codes
from evalkit.stats.floors import lower_bound
from evalkit.stats.means import mean_interval


@dataclass(frozen=True, slots=True)
class OneSided:
    """Both bounds of a mean, each at its own confidence.

    It has the method too, and the correlation within clusters that it allows for.
    """

    low: float
    high: float
    method: str
    correlation: float | None


def one_sided(values: Floats, clusters: Ints, *, binary: bool, confidence: float, seed: int) -> OneSided:
    """Bound a mean from below and above, each at `confidence` by itself.

    Yes/no and independent: Wilson, Clopper-Pearson where all or none pass. A floor claims one side, so all the error
    may lie there: 59 of 59 prove 95% at 95%, as the binomial says. Yes/no in clusters: the beta-binomial bound
    (`stats.floors`). Graded: the interval of a mean. In clusters none is tighter than without them.
    """
    codes, count = cluster_codes(clusters)
    if binary and bool(np.isin(values, (0.0, 1.0)).all()):
        low = lower_bound(values, codes, count, confidence=confidence)
        high = lower_bound(1.0 - values, codes, count, confidence=confidence)
        shown = low if values.any() else high
        return OneSided(low.low, 1.0 - high.low, shown.method, shown.correlation)
    bounds = (0.0, 1.0) if values.min() >= 0.0 and values.max() <= 1.0 else _wide(values)
    sides = 2.0 * confidence - 1.0
    found = mean_interval(values, bounds=bounds, clusters=clusters, confidence=sides, seed=seed)
    if count == values.size:
        return OneSided(found.low, found.high, found.method, None)
    alone = mean_interval(values, bounds=bounds, confidence=sides, seed=seed)
    return OneSided(min(found.low, alone.low), max(found.high, alone.high), found.method, None)


def _wide(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    span = high - low if high > low else abs(high)
    return low - span, high + span
