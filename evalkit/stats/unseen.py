"""What units that did not change may still hide: the width below which no interval of a difference may fall.

A bootstrap or a t interval knows the spread that it has seen. Where few units moved, or a rare loss was not drawn, that
is too little. On a known scale one answer more is therefore counted, which lost (or gained) the whole scale.

In clusters, of G of which none changed, each may still lose everything with a chance of z^2 / (G + z^2). So an interval
is never narrower than Tango's on the clusters, of which only those that changed whole are taken to have changed, and as
few more as make the difference. It depends on no other change, and so the interval does not narrow when changes are
added that cancel each other. Where clusters differ in size, the loss (or gain) seen is also held against what clusters
of these sizes, that change whole or not at all, make likely: a few large ones count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.clusters import ClusterSums
from evalkit.stats.curves import Curve, TCurve
from evalkit.stats.floors import chance_of_few, rate_bound
from evalkit.stats.tango import one_tango_interval, tango_p

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class UnitsCurve:
    """Tango's score statistic of `units` that change by `reach` or not.

    `units` need not be whole.
    """

    units: float
    fixed: float
    broken: float
    reach: float

    def interval(self, confidence: float) -> tuple[float, float]:
        """Compute Tango's interval, in the metric's unit."""
        low, high = one_tango_interval(self.units, self.fixed, self.broken, confidence)
        return low * self.reach, high * self.reach

    def p_at_most(self, mean: float) -> float:
        """Compute Tango's one-sided p-value."""
        if mean >= self.reach:
            return 1.0
        return 0.0 if mean < -self.reach else tango_p(self.units, self.fixed, self.broken, margin=-mean / self.reach)

    def p_at_least(self, mean: float) -> float:
        """Compute the same p-value of the swapped arms."""
        if mean <= -self.reach:
            return 1.0
        return 0.0 if mean > self.reach else tango_p(self.units, self.broken, self.fixed, margin=mean / self.reach)


@dataclass(frozen=True, slots=True)
class WidestCurve:
    """Two curves of one mean; the more careful one counts at either end."""

    one: Curve
    other: Curve

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the lower of the low ends and the higher of the high ends."""
        (low, high), (left, right) = self.one.interval(confidence), self.other.interval(confidence)
        return min(low, left), max(high, right)

    def p_at_most(self, mean: float) -> float:
        """Return the larger p-value."""
        return max(self.one.p_at_most(mean), self.other.p_at_most(mean))

    def p_at_least(self, mean: float) -> float:
        """Return the larger p-value."""
        return max(self.one.p_at_least(mean), self.other.p_at_least(mean))


@dataclass(frozen=True, slots=True)
class WholeCurve:
    """Clusters that change whole or not at all.

    `sizes` and how often each occurs, and the rows lost or gained on net.

    The lower end is the largest loss under which so small a loss, or a smaller one, is still likely enough, exactly
    where clusters are only lost. Beyond the side of a net gain or loss nothing is claimed: that end binds nothing.
    """

    sizes: tuple[int, ...]
    times: tuple[int, ...]
    lost: int
    gained: int
    reach: float

    def interval(self, confidence: float) -> tuple[float, float]:
        """Compute the interval of the mean over rows."""
        sure = 0.5 + confidence / 2.0
        low = -rate_bound(self.sizes, self.times, self.lost, confidence=sure) if not self.gained else 1.0
        high = rate_bound(self.sizes, self.times, self.gained, confidence=sure) if not self.lost else -1.0
        return low * self.reach, high * self.reach

    def p_at_most(self, mean: float) -> float:
        """Compute the one-sided p-value of H0: the true mean is at most `mean`."""
        return self._chance(-mean / self.reach, self.lost) if not self.gained else 0.0

    def p_at_least(self, mean: float) -> float:
        """Compute the same p-value of the swapped arms."""
        return self._chance(mean / self.reach, self.gained) if not self.lost else 0.0

    def _chance(self, rate: float, changed: int) -> float:
        rows = sum(size * count for size, count in zip(self.sizes, self.times, strict=True))
        if rate <= changed / rows:
            return 1.0
        if rate >= 1.0:
            return 0.0
        if not changed:
            return float((1.0 - rate) ** sum(self.times))
        return chance_of_few(self.sizes, self.times, changed, rate=rate, correlation=1.0)


@dataclass(frozen=True, slots=True)
class WorstRowCurve:
    """Student's t of differences with one more that lost the whole scale.

    At the upper end that one gained it.
    """

    low: TCurve
    high: TCurve

    @classmethod
    def of(cls, differences: Floats, *, reach: float) -> WorstRowCurve:
        """Build the curve from (n,) differences within +-`reach`, n >= 1."""
        return cls(*(_with_row(differences, end) for end in (-reach, reach)))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Compute the lower end with the loss, the upper end with the gain."""
        return self.low.interval(confidence)[0], self.high.interval(confidence)[1]

    def p_at_most(self, mean: float) -> float:
        """Compute the one-sided p-value with the loss."""
        return self.low.p_at_most(mean)

    def p_at_least(self, mean: float) -> float:
        """Compute the one-sided p-value with the gain."""
        return self.high.p_at_least(mean)


def _with_row(differences: Floats, end: float) -> TCurve:
    n = differences.size + 1
    mean = (float(differences.sum()) + end) / n
    squares = float(((differences - mean) ** 2).sum()) + (end - mean) ** 2
    error = math.sqrt(squares / (n - 1) / n)
    return TCurve(mean, max(error, 1e-12 * abs(end)), n - 1)


def unseen(sums: ClusterSums, *, reach: float) -> UnitsCurve:
    """Build the curve of the fewest changes that give the cluster sums.

    The sums are of differences within +-`reach`.
    """
    shares, part = sums.totals / (sums.sizes * reach), sums.sizes / sums.sizes.sum()
    units = float(shares.size)
    fixed = units * float(part[shares >= 1.0 - 1e-9].sum())
    broken = units * float(part[shares <= 1e-9 - 1.0].sum())
    rest = units * float(part @ shares) - (fixed - broken)
    fixed, broken = fixed + max(rest, 0.0), broken + max(-rest, 0.0)
    # the fewest changes that make the difference may be more than there is room for: a rounding error
    beyond = max(fixed + broken - units, 0.0) / 2.0
    return UnitsCurve(units, max(fixed - beyond, 0.0), max(broken - beyond, 0.0), reach)


def never_narrower(curve: Curve, differences: Floats, sums: ClusterSums | None, *, reach: float) -> Curve:
    """Widen a curve so that it is no surer than the data allow.

    The data are (n,) differences within +-`reach`, or their sums by cluster.
    """
    if sums is None:
        return WidestCurve(curve, WorstRowCurve.of(differences, reach=reach))
    least: Curve = unseen(sums, reach=reach)
    if not sums.balanced:
        distinct, times = np.unique(sums.sizes.astype(np.int64), return_counts=True)
        net = float(sums.totals.sum()) / reach
        lost, gained = (math.ceil(max(side, 0.0) - 1e-9) for side in (-net, net))
        least = WidestCurve(least, WholeCurve(tuple(distinct.tolist()), tuple(times.tolist()), lost, gained, reach))
    return WidestCurve(curve, least)


def clustered_curve(sums: ClusterSums, *, reach: float) -> Curve:
    """Build the curve of the mean over rows in clusters.

    It is leave-one-cluster-out t(G-1), but never narrower than `unseen`. Where clusters differ in size and a few large
    ones make most of what moved, the degrees of freedom are twice (sum r^2)^2 / sum r^4 of their residuals r.
    """
    freedom = _count_freedom(_residuals(sums), equal=sums.balanced)
    still = is_still(sums, reach=reach)
    seen: Curve = unseen(sums, reach=reach) if still else TCurve(sums.mean, sums.jackknife_error(), freedom)
    return never_narrower(seen, sums.totals, sums, reach=reach)


def is_still(sums: ClusterSums, *, reach: float) -> bool:
    """Return whether nothing shows a spread between clusters.

    There is one cluster, or all have one mean.
    """
    return sums.count < 2 or float(np.abs(_residuals(sums)).max()) <= 1e-12 * reach


def _residuals(sums: ClusterSums) -> Floats:
    out: Floats = sums.totals - sums.mean * sums.sizes
    return out


def _count_freedom(residuals: Floats, *, equal: bool) -> float:
    """G - 1, or fewer where a few large clusters hold most of the squares: twice the number that they are worth."""
    squares = residuals**2
    if equal or not squares.any():
        return residuals.size - 1.0
    worth = float(squares.sum() ** 2 / (squares**2).sum())
    return min(residuals.size - 1.0, max(1.0, 2.0 * worth))
