"""One-sided bounds of a pass rate whose rows come in clusters of any sizes: what a proven floor stands on.

Every cluster has its own chance to fail, drawn from a beta distribution (Skellam 1948, JRSS B 10:257-261); rows of one
cluster are alike by the intraclass correlation. The bound is the largest rate under which so few failures, or fewer,
have no more than the allowed chance: Clopper and Pearson's argument with the clusters' sizes as they are, so that few
large clusters make the skewed sum that they make. Where nothing of two rows is known to differ within a cluster, the
clusters are the sample; where every cluster is one row, it is the binomial.

The correlation is estimated from the clusters that fail, and errs twice: from a handful of them nothing is known
(`likeness` draws it towards 1), and where luck spares the large clusters it comes out low with the count itself
(`allowed_chance` pays for that with a t of as many degrees of freedom as clusters fail). The constants of both were
chosen by simulation, so that the bound holds and stays near Korn and Graubard's: docs/benchmarks/calibration.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.clusters import ClusterSums, Ints
from evalkit.stats.distributions import normal_cdf, t_quantile
from evalkit.stats.proportions import clopper_pearson, wilson
from evalkit.stats.roots import find_root

Floats = NDArray[np.float64]

ALIKE, BELIEF = 0.63, 1.2
"""From k failing clusters the correlation is drawn towards 1 by ALIKE / k ** BELIEF of the way"""
SPARED, LARGE, MOST_DOUBT = 4.0, 22.0, 1.5
"""Sizes that vary by a squared coefficient of 1 / SPARED leave a whole doubt of what luck spared, and so do clusters of
LARGE rows, however equal; more than MOST_DOUBT is not counted"""
COUNTED_UP_TO = 4_096
"""Up to so many rows the chance of a count is computed exactly, beyond by a saddlepoint"""
_WHOLE = 1.0 - 1e-6
"""From this correlation on a cluster fails as a whole or not at all"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A one-sided lower bound of a pass rate.

    With the intraclass correlation it allows for, and its method's name.
    """

    low: float
    correlation: float | None
    method: str


def lower_bound(passed: Floats, codes: Ints, count: int, *, confidence: float = 0.95) -> Bound:
    """Bound the rate of (n,) values of 0 or 1 from below.

    (n,) `codes` number `count` clusters from 0 on.

    With one row a cluster: Wilson, or Clopper-Pearson where all rows pass. Clusters never make it tighter than that.
    """
    n, failed = int(passed.size), float(passed.size - passed.sum())
    alone = _independent(n, failed, confidence)
    if count == n:
        return Bound(low=alone, correlation=None, method="wilson" if failed else "clopper_pearson")
    sums = ClusterSums.of(1.0 - passed, codes, count)
    sizes, fails = sums.sizes.astype(np.int64), np.rint(sums.totals).astype(np.int64)
    if not failed:
        # a cluster is without a failure no more often than one of its rows, whatever the correlation
        low = _independent(count, 0.0, confidence)
        return Bound(low=min(low, alone), correlation=1.0, method="clopper_pearson_of_clusters")
    correlation = likeness(sizes, fails)
    distinct, times = np.unique(sizes, return_counts=True)
    sure = 1.0 - allowed_chance(sizes, fails, confidence=confidence)
    low = _find_rate(tuple(distinct.tolist()), tuple(times.tolist()), int(failed), correlation, sure)
    return Bound(low=min(low, alone), correlation=correlation, method="beta_binomial_of_clusters")


def likeness(sizes: Ints, fails: Ints) -> float:
    """Estimate the intraclass correlation that the failing rows allow for.

    (G,) clusters have `fails` of `sizes` rows; at least one row fails.

    How often another row of a failing row's cluster fails, over chance (the pairwise estimator), drawn towards 1: with
    few failing clusters nothing is known about it.
    """
    found, seen, _ = _seen_together(sizes, fails)
    return found + min(1.0, ALIKE / seen**BELIEF) * (1.0 - found) if seen else 1.0


def allowed_chance(sizes: Ints, fails: Ints, *, confidence: float) -> float:
    """Return the chance of so few failures from which a rate is ruled out.

    It is 1 - `confidence` where the estimated correlation costs nothing: clusters alike in size, few rows in each, or
    clusters that fail as a whole. Else it is smaller, by Student's t in place of the normal.
    """
    found, seen, worth = _seen_together(sizes, fails)
    m = sizes.astype(np.float64)
    spread = float(m.size * (m**2).sum() / m.sum() ** 2) - 1.0
    doubt = min(MOST_DOUBT, SPARED * spread + (float((m**2).sum() / m.sum()) / LARGE) ** 3) * (1.0 - found**2)
    if not seen or doubt <= 1e-9:
        return 1.0 - confidence
    return 1.0 - normal_cdf(t_quantile(confidence, max(1.0, (worth + 3.0) / doubt)))


def _seen_together(sizes: Ints, fails: Ints) -> tuple[float, int, float]:
    """The pairwise estimate of the correlation, how many clusters of two rows or more fail, and their effective count.

    That count is (sum x)^2 / sum x^2 of x failing rows a cluster.
    """
    pairs = sizes >= 2
    m, x = sizes[pairs].astype(np.float64), fails[pairs].astype(np.float64)
    seen, rate = int(np.count_nonzero(x)), float(fails.sum() / sizes.sum())
    if not seen or rate >= 1.0:
        return 1.0, seen, 0.0
    together = float((x * (x - 1.0) / (m - 1.0)).sum() / x.sum())
    found = min(max((together - rate) / (1.0 - rate), 0.0), 1.0)
    return found, seen, float(x.sum() ** 2 / (x**2).sum())


def _independent(n: int, failed: float, confidence: float) -> float:
    sides = 2.0 * confidence - 1.0
    return wilson(n - failed, n, confidence=sides)[0] if failed else clopper_pearson(n, n, confidence=sides)[0]


@lru_cache(maxsize=4096)
def _find_rate(
    sizes: tuple[int, ...], times: tuple[int, ...], failed: int, correlation: float, confidence: float
) -> float:
    """The rate below which so few failures are no longer likely; suites show the same clusters again and again."""
    n = sum(size * count for size, count in zip(sizes, times, strict=True))
    if failed >= n:
        return 0.0

    def above(rate: float) -> float:
        return chance_of_few(sizes, times, failed, rate=rate, correlation=correlation) - (1.0 - confidence)

    return 1.0 - find_root(above, failed / n, 1.0, tolerance=1e-9)


def chance_of_few(
    sizes: tuple[int, ...], times: tuple[int, ...], failed: int, *, rate: float, correlation: float
) -> float:
    """Compute P(at most `failed` rows fail), where rows fail at `rate`.

    The rows are those of `times` clusters of each of `sizes`.
    """
    step = math.gcd(*sizes) if correlation >= _WHOLE else 1
    m, c = np.asarray(sizes, dtype=np.int64) // step, np.asarray(times, dtype=np.int64)
    few = _tail_by_transform if int((m * c).sum()) <= COUNTED_UP_TO else _tail_by_saddlepoint
    return few(m, c, -(-failed // step), rate, correlation)


def rate_bound(sizes: tuple[int, ...], times: tuple[int, ...], failed: int, *, confidence: float) -> float:
    """Bound the rate of failing rows from above.

    Every cluster fails as a whole or not at all.
    """
    if not failed:
        return float(1.0 - (1.0 - confidence) ** (1.0 / sum(times)))
    return 1.0 - _find_rate(sizes, times, failed, 1.0, confidence)


def _tail_by_transform(sizes: Ints, times: Ints, most: int, rate: float, correlation: float) -> float:
    """P(at most `most` failures), by multiplying the clusters' transforms."""
    if rate >= 1.0:
        return 0.0
    length = 1 << int((sizes * times).sum()).bit_length()
    product = np.ones(length // 2 + 1, dtype=np.complex128)
    for size, count in zip(sizes.tolist(), times.tolist(), strict=True):
        product *= np.fft.rfft(_masses(size, rate, correlation), length) ** count
    return float(np.fft.irfft(product, length)[: most + 1].sum())


def _tail_by_saddlepoint(sizes: Ints, times: Ints, most: int, rate: float, correlation: float) -> float:
    """The same by Lugannani and Rice's formula with Daniels' correction for counts (Daniels 1987, ISR 55:37-48)."""
    at, mean = most + 0.5, rate * float((sizes * times).sum())
    if rate >= 1.0 or at >= mean:
        return 0.0 if rate >= 1.0 else 1.0
    if correlation >= _WHOLE:
        x = np.stack([np.zeros(sizes.size), sizes.astype(np.float64)], axis=1).ravel()
        masses, starts = np.tile([1.0 - rate, rate], sizes.size), 2 * np.arange(sizes.size)
    else:
        x = np.concatenate([np.arange(size + 1.0) for size in sizes.tolist()])
        masses = np.concatenate([_masses(size, rate, correlation) for size in sizes.tolist()])
        starts = np.concatenate([[0], np.cumsum(sizes[:-1] + 1)])

    def moments(s: float) -> tuple[float, float, float]:
        tilted = masses * np.exp(s * x)
        whole = np.add.reduceat(tilted, starts)
        first = np.add.reduceat(tilted * x, starts) / whole
        second = np.add.reduceat(tilted * x * x, starts) / whole - first**2
        return float(times @ np.log(whole)), float(times @ first), float(times @ second)

    s = find_root(lambda s: moments(s)[1] - at, 0.0, -60.0, tolerance=1e-9)
    total, _, second = moments(s)
    w = -math.sqrt(max(2.0 * (s * at - total), 1e-300))
    u = 2.0 * math.sinh(0.5 * s) * math.sqrt(second)
    density = math.exp(-0.5 * w * w) / math.sqrt(2.0 * math.pi)
    return min(max(normal_cdf(w) + density * (1.0 / w - 1.0 / u), 0.0), 1.0)


def _masses(size: int, rate: float, correlation: float) -> Floats:
    """(size + 1,) chances of 0 .. size failures in one cluster: beta-binomial."""
    if size == 1 or correlation >= _WHOLE:
        masses = np.zeros(size + 1)
        masses[0], masses[-1] = 1.0 - rate, rate
        return masses
    spread = (1.0 - correlation) / correlation
    a, b = rate * spread, (1.0 - rate) * spread
    x = np.arange(float(size))
    # P(0), then P(x + 1) / P(x) = (size - x) (a + x) / ((x + 1) (b + size - x - 1))
    start = math.lgamma(b + size) - math.lgamma(b) + math.lgamma(spread) - math.lgamma(spread + size)
    steps = np.log((size - x) * (a + x) / ((x + 1.0) * (b + size - x - 1.0)))
    masses = np.exp(start + np.concatenate([[0.0], np.cumsum(steps)]))
    return np.asarray(masses / masses.sum())
