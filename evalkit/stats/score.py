"""A score interval for the mean of bounded values: Tango's idea for graded metrics.

Under a mean `m` the likeliest distribution on the observed values and both bounds (the restricted nonparametric
maximum likelihood; Owen 2001, Empirical Likelihood, ch. 2) gives the variance that the score statistic is divided by.
On differences of -1, 0 and 1 with bounds -1 and 1 it is Tango's interval, on 0 and 1 it is Wilson's. Because both
bounds may hold mass that nobody has seen yet, it has a width even where all values are equal, which no bootstrap has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.distributions import normal_cdf, two_sided_z
from evalkit.stats.roots import find_root

_PRECISE = 1e-15
"""Of the range, and of the strongest tilt: as near as a crossing is looked for"""
_TINY = 1e-300
"""A value on a bound under the strongest tilt: infinite weight, but for rounding"""


@dataclass(frozen=True, slots=True)
class ScoreCurve:
    """The score statistic of a mean, by the mean that is tested.

    `points` are the distinct values, `counts` how often each was seen, `low` and `high` the bounds they cannot leave.
    """

    points: tuple[float, ...]
    counts: tuple[int, ...]
    low: float
    high: float

    @classmethod
    def of(cls, values: NDArray[np.float64], *, low: float, high: float) -> ScoreCurve:
        """Build the curve from (n,) values within [low, high].

        n >= 1, low < high; a rounding error beyond counts as on the bound.
        """
        slack = 1e-9 * (high - low)
        if values.size == 0 or not low < high or values.min() < low - slack or values.max() > high + slack:
            raise ValueError("a score interval needs values, all of them within bounds low < high")
        points, counts = np.unique(np.clip(values, low, high), return_counts=True)
        return cls(tuple(points.tolist()), tuple(counts.tolist()), float(low), float(high))

    @property
    def n(self) -> int:
        """How many values."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """Their mean."""
        return math.fsum(p * c for p, c in zip(self.points, self.counts, strict=True)) / self.n

    def z(self, mean: float) -> float:
        """Compute the statistic, positive where the data lie above `mean`.

        It is infinite where no distribution with that mean fits them.
        """
        gap = self.mean - mean
        if abs(gap) <= 1e-12 * (self.high - self.low):
            return 0.0
        if gap > 0.0:
            mirrored = [-p for p in reversed(self.points)]
            variance = _restricted_variance(mirrored, self.counts[::-1], -self.low, -mean)
        else:
            variance = _restricted_variance(self.points, self.counts, self.high, mean)
        return math.copysign(math.inf, gap) if variance <= 0.0 else gap * math.sqrt(self.n / variance)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Compute the means whose statistic is smaller than the normal quantile."""
        return _interval(self, confidence)

    def p_at_most(self, mean: float) -> float:
        """Compute the one-sided p-value of H0: the mean is at most `mean`."""
        if mean >= self.high:
            return 1.0
        return 0.0 if mean < self.low else normal_cdf(-self.z(mean))

    def p_at_least(self, mean: float) -> float:
        """Compute the one-sided p-value of H0: the mean is at least `mean`."""
        if mean <= self.low:
            return 1.0
        return 0.0 if mean > self.high else normal_cdf(self.z(mean))

    def find_crossing(self, far: float, critical: float) -> float:
        """Find the mean towards `far` whose statistic is `critical`.

        It lies between the data's mean and `far`; `far` where there is none.
        """
        near = self.mean
        if near == far:
            return far
        return find_root(
            lambda mean: abs(self.z(mean)) - critical, near, far, tolerance=_PRECISE * (self.high - self.low)
        )


@lru_cache(maxsize=4096)
def _interval(curve: ScoreCurve, confidence: float) -> tuple[float, float]:
    """Metrics and slices show the same few values again and again."""
    critical = two_sided_z(confidence)
    return curve.find_crossing(curve.low, critical), curve.find_crossing(curve.high, critical)


def score_interval(
    values: NDArray[np.float64], *, low: float, high: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Compute the score interval of the mean of (n,) values.

    They cannot leave [low, high]; n >= 1, and the interval never has width zero.
    """
    return ScoreCurve.of(np.asarray(values, dtype=np.float64), low=low, high=high).interval(confidence)


def no_change_reach(units: int, *, reach: float = 1.0, confidence: float = 0.95) -> float:
    """Return half the width of the score interval where nothing changed.

    That of `units` differences that are all 0 and cannot exceed +-`reach`.

    z^2 / (n + z^2) of the reach, the rule of three of this method: what stays possible where nothing was seen to move.

    >>> round(no_change_reach(50), 4)
    0.0713
    """
    if units < 1:
        raise ValueError("without a unit anything is possible: units must be at least 1")
    square = two_sided_z(confidence) ** 2
    return reach * square / (units + square)


def unchanged_examples(margin: float, *, reach: float = 1.0, confidence: float = 0.95) -> int:
    """Return the fewest units that prove `margin` if none of them moves.

    Below it no outcome can prove it.

    >>> unchanged_examples(0.05), unchanged_examples(0.01)
    (73, 381)
    """
    if not margin > 0.0:
        raise ValueError(f"a margin must be greater than 0, not {margin}")
    return math.floor(two_sided_z(confidence) ** 2 * max(reach / margin - 1.0, 0.0)) + 1


def _restricted_variance(points: Sequence[float], counts: Sequence[int], high: float, mean: float) -> float:
    """Variance of the likeliest distribution with `mean`, which lies above the mean of the data.

    Its weights are counts / (n (1 + tilt (x - mean))) with a tilt from -1 / (high - mean) to 0. If even the strongest
    tilt leaves the mean too low, the rest of the mass sits on `high`.
    """
    room = high - mean
    if room <= 0.0:
        return 0.0
    gaps = [x - mean for x in points]
    strongest = -1.0 / room

    def pull(tilt: float) -> float:
        return sum(c * g / max(1.0 + tilt * g, _TINY) for g, c in zip(gaps, counts, strict=True))

    if points[-1] < high and pull(strongest) < 0.0:
        tilt = strongest
    else:
        tilt = find_root(pull, 0.0, strongest, tolerance=_PRECISE * -strongest)
    n = sum(counts)
    weights = [c / (n * max(1.0 + tilt * g, _TINY)) for g, c in zip(gaps, counts, strict=True)]
    unseen = max(0.0, 1.0 - sum(weights))
    return sum(w * g * g for w, g in zip(weights, gaps, strict=True)) + unseen * room * room
