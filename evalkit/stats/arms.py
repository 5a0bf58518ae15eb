"""One arm by itself: the scale a metric lives on, and the interval of its mean."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.errors import DataError
from evalkit.stats.clusters import ClusterSums, Ints
from evalkit.stats.curves import TCurve
from evalkit.stats.means import FEW
from evalkit.stats.proportions import wilson
from evalkit.stats.score import ScoreCurve

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """What values are possible: `bounds` of one arm, `reach` between two.

    `reach` is how far apart two arms can be.
    """

    bounds: tuple[float, float]
    reach: float
    is_rate: bool


def scale_of(
    base: Floats,
    candidate: Floats,
    declared: tuple[float, float] | None = None,
    counted: tuple[float, float] | None = None,
) -> Scale:
    """Return the declared scale, or infer one from the values.

    Where none is declared, values within [0, 1] are a rate, and anything else reaches as far as it was seen to; with
    `counted` it is no rate, and reaches at least from one of these to the other.

    DataError for values beyond a declared scale.
    """
    low = float(min(base.min(), candidate.min()))
    high = float(max(base.max(), candidate.max()))
    if declared is not None:
        least, most = declared
        slack = 1e-9 * (most - least)
        if not least < most or low < least - slack or high > most + slack:
            raise DataError(f"values from {low:g} to {high:g} on a scale declared as {least:g} to {most:g}")
        return Scale((least, most), most - least, (least, most) == (0.0, 1.0))
    if counted is not None:
        low, high = min(low, counted[0]), max(high, counted[1])
    elif low >= 0.0 and high <= 1.0:
        return Scale((0.0, 1.0), 1.0, True)
    span = high - low if high > low else abs(high)
    return Scale((low - span, high + span), span, False)


def arm_interval(
    values: Floats,
    codes: Ints | None,
    count: int,
    *,
    yes_no: bool,
    bounds: tuple[float, float],
    confidence: float,
) -> tuple[float, float]:
    """Compute the interval of the mean of (n,) values of one arm.

    `codes` number the clusters, None means independent rows.

    Yes/no: Wilson, on the effective n when clustered. Graded: t with the (clustered) standard error, or the score
    interval where fewer than 10 units differ from the commonest value.
    """
    n = values.size
    mean = float(values.mean())
    sums = ClusterSums.of(values, codes, count) if codes is not None else None
    if yes_no:
        worth = float(n) if sums is None else _effective(n, mean, sums)
        return wilson(min(mean * worth, worth), worth, confidence=confidence)
    units = values if sums is None else sums.totals / sums.sizes
    if units.size - int(np.unique(units, return_counts=True)[1].max()) < FEW:
        return ScoreCurve.of(units, low=bounds[0], high=bounds[1]).interval(confidence)
    error = float(values.std(ddof=1)) / math.sqrt(n) if sums is None else sums.jackknife_error()
    low, high = TCurve(mean, error, units.size - 1).interval(confidence)
    return max(low, bounds[0]), min(high, bounds[1])


def _effective(n: int, mean: float, sums: ClusterSums) -> float:
    """n over the design effect, between the number of clusters (where nothing varies) and n."""
    independent = mean * (1.0 - mean) / n
    clustered = sums.standard_error() ** 2
    if independent <= 0.0 or clustered <= 0.0:
        return float(sums.count)
    return min(float(n), n * independent / clustered)
