"""How far rows of a cluster move together, and so how many units stand behind graded differences in clusters.

What was not seen may be a row that lost the whole scale, and it takes along what moves with it: a whole cluster where
clusters move as wholes, and hardly more than itself where rows of a cluster go their own ways. Until that is seen every
cluster counts as one unit, as for yes/no (`unseen`). It is seen as moves are, and as far as clusters differ by more
than their rows explain: the more surely, the nearer the units are to n over the design effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.beta import incomplete_beta
from evalkit.stats.clusters import ClusterSums
from evalkit.stats.distributions import normal_cdf, t_quantile, two_sided_z
from evalkit.stats.roots import find_root

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FADES = 2.5
"""What is known of moves grows as 1 - exp(-clusters that moved / 2.5), as in `gap_moves`"""
_FARTHEST = 8.0
"""Standard errors beyond which a tail is nothing"""


@dataclass(frozen=True, slots=True)
class UnitsTCurve:
    """Student's t of a mean, widened by what `units` have not shown.

    Half the width is the root of the sum of both squares: t * `error`, and reach * z^2 / (units + z^2), which is
    Tango's (1998) where nothing changed. `error` > 0.
    """

    estimate: float
    error: float
    df: float
    units: float
    reach: float

    def interval(self, confidence: float) -> tuple[float, float]:
        """Compute the interval, the same to both sides."""
        half = self._half(0.5 + confidence / 2.0, two_sided_z(confidence))
        return self.estimate - half, self.estimate + half

    def p_at_most(self, mean: float) -> float:
        """Compute the one-sided p-value: that of the interval which ends at `mean`."""
        return self._tail(self.estimate - mean)

    def p_at_least(self, mean: float) -> float:
        """Compute the same of the swapped arms."""
        return self._tail(mean - self.estimate)

    def _half(self, level: float, z: float) -> float:
        return math.hypot(t_quantile(level, self.df) * self.error, self.reach * z * z / (self.units + z * z))

    def _tail(self, beyond: float) -> float:
        far = abs(beyond)
        z = find_root(lambda z: self._half(normal_cdf(z), z) - far, 0.0, _FARTHEST, tolerance=1e-12)
        return normal_cdf(-z if beyond > 0.0 else z)


def graded_curve(differences: Floats, codes: Ints, sums: ClusterSums, *, reach: float) -> UnitsTCurve:
    """Build the curve of the mean of (n,) graded differences in clusters.

    They lie within +-`reach`, and clusters do not all have one mean. The error is leave-one-cluster-out, with t(G-1).
    """
    n = float(sums.sizes.sum())
    return UnitsTCurve(
        sums.mean, sums.jackknife_error(), sums.count - 1.0, n / _rows_a_unit(differences, codes, sums), reach
    )


def _rows_a_unit(differences: Floats, codes: Ints, sums: ClusterSums) -> float:
    """How many rows a loss that was not seen takes along: the mean cluster's, or what the design effect says."""
    n, count = float(sums.sizes.sum()), sums.count
    means = sums.totals / sums.sizes
    between = float(sums.sizes @ (means - sums.mean) ** 2) / (count - 1)
    within = float(((differences - means[codes]) ** 2).sum()) / max(n - count, 1.0)
    moved = np.unique(codes[np.abs(differences) > 1e-12]).size
    # squared: at no likeness the p-value is anything, and a third of the way is far enough to go by luck
    trust = (1.0 - _chance(between, within, count - 1.0, n - count)) ** 2 * (1.0 - math.exp(-moved / _FADES))
    return _design_effect(differences, sums, between, within) * trust + n / count * (1.0 - trust)


def _chance(between: float, within: float, df: float, rest: float) -> float:
    """The p-value of F, one-way analysis of variance: as much between clusters, if they were all alike."""
    if within <= 1e-12 * between or rest <= 0.0:
        return 0.0
    return incomplete_beta(rest * within / (rest * within + df * between), rest / 2.0, df / 2.0)


def _design_effect(differences: Floats, sums: ClusterSums, between: float, within: float) -> float:
    """The squared ratio of clustered to independent error; in clusters of very unequal size at least by likeness.

    Large clusters that did not move say little of what they would do: 1 + (size - 1) times the intraclass correlation,
    at the size of the cluster that a row is in, weighs in as the squared coefficient of variation of the sizes.
    """
    n, count = float(sums.sizes.sum()), sums.count
    size = float((sums.sizes**2).sum()) / n
    seen = min(max(sums.jackknife_error() ** 2 * n / float(differences.var(ddof=1)), 1.0), size)
    usual = (n - size) / (count - 1)
    alike = max(0.0, (between - within) / (between + (usual - 1.0) * within))
    weight = min(1.0, size * count / n - 1.0)
    carried = 1.0 + (size - 1.0) * alike
    return max(seen, math.exp((1.0 - weight) * math.log(seen) + weight * math.log(carried)))
