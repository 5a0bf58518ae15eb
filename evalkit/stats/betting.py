"""Evidence that may be looked at any time: e-values of a bounded mean by betting, and the confidence sequence.

Waudby-Smith & Ramdas 2024 (JRSS B 86:1-27). A gambler bets against "the mean is at most theta" on differences in
[-1, 1]; under that hypothesis the wealth is a nonnegative supermartingale, so it ever reaches 1 / alpha with chance at
most alpha (Ville 1939), however often one looks and whenever one stops, at any sample size and for any distribution.
The wealth is the average over five gamblers, each growth-optimal for another share of pairs that differ.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

PLANNED = (0.03, 0.06, 0.12, 0.25, 0.5)
"""The shares of differing pairs that the five gamblers plan for"""
_BOLDEST = 0.99
"""Of the stake that a single worst outcome would ruin"""
_HALVINGS = 60


def stakes(theta: ArrayLike, alternative: ArrayLike) -> Floats:
    """Choose (..., 5) growth-optimal stakes against H0: mean <= theta.

    They are optimal if the mean is `alternative` > theta.

    Gambler j multiplies the wealth by 1 + stake_j (d - theta) per difference d. The optimum for differences of 1, 0 and
    -1 with shares (q + a) / 2, 1 - q and (q - a) / 2 solves sum p (d - theta) / (1 + stake (d - theta)) = 0.
    """
    null = np.asarray(theta, dtype=np.float64)[..., None]
    gain = np.clip(np.asarray(alternative, dtype=np.float64)[..., None], -1.0, 1.0)
    q = np.maximum(np.asarray(PLANNED), np.abs(gain))
    chances = ((q + gain) / 2.0, 1.0 - q, (q - gain) / 2.0)
    steps = (1.0 - null, -null, -1.0 - null)
    low = np.zeros(np.broadcast_shapes(q.shape, null.shape))
    high = np.broadcast_to(_BOLDEST / np.maximum(1.0 + null, 1e-12), low.shape).copy()
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        slope = sum(p * s / (1.0 + middle * s) for p, s in zip(chances, steps, strict=True))
        low, high = np.where(slope > 0.0, middle, low), np.where(slope > 0.0, high, middle)
    return low


def e_value(differences: ArrayLike, *, at_most: float, planned: float) -> float:
    """Compute the evidence against "the mean is at most `at_most`".

    From (n,) differences in [-1, 1]; 1 is none, 1/alpha rejects.

    `planned` is the mean the gamblers hope for. Without a difference the e-value is 1.
    """
    points, counts = _count_points(differences)
    return float(_wealth(points, counts, np.asarray([at_most]), _bets_once(at_most, planned))[0])


def e_value_of_counts(fixed: int, same: int, broken: int, *, at_most: float, planned: float) -> float:
    """Compute the same evidence from the counts of differences 1, 0 and -1.

    For a yes/no metric these counts are all it depends on.
    """
    points, counts = np.asarray([1.0, 0.0, -1.0]), np.asarray([fixed, same, broken], dtype=np.float64)
    return float(_wealth(points, counts, np.asarray([at_most]), _bets_once(at_most, planned))[0])


def confidence_sequence(differences: ArrayLike, *, margin: float, alpha: float) -> tuple[float, float]:
    """Find all means that the evidence so far does not reject.

    At level `alpha` a side; valid at every look together.

    The gamblers against theta hope for theta + margin (from below) and theta - margin (from above), so that the lower
    end exceeds -margin only when non-inferiority is proven, and the upper is below 0 only when a drop is. With a few
    differences the wealth need not fall steadily in theta: then a proof may stand while the end, which must hold for
    all means at once, does not reach as far.
    """
    points, counts = _count_points(differences)
    low = _lower_end(points, counts, margin, alpha)
    return low, -_lower_end(-points, counts, margin, alpha)


def mcnemar_e_value(fixed: int, broken: int) -> float:
    """Compute the evidence against "as likely fixed as broken".

    It is the uniform mixture 2^(b+c) B(b+1, c+1).

    >>> [round(mcnemar_e_value(b, c), 4) for b, c in ((8, 0), (6, 16), (10, 2))]
    [28.4444, 2.4441, 4.7739]
    """
    log_beta = math.lgamma(fixed + 1) + math.lgamma(broken + 1) - math.lgamma(fixed + broken + 2)
    return math.exp((fixed + broken) * math.log(2.0) + log_beta)


def _count_points(differences: ArrayLike) -> tuple[Floats, Floats]:
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or (d.size and not (d.min() >= -1.0 and d.max() <= 1.0)):
        raise ValueError("betting needs a list of differences from -1 to 1")
    points, counts = np.unique(d, return_counts=True)
    return points, counts.astype(np.float64)


@lru_cache(maxsize=256)
def _bets_once(theta: float, alternative: float) -> Floats:
    return stakes([theta], [alternative])


@lru_cache(maxsize=16)
def _coarse_grid(margin: float) -> tuple[Floats, Floats]:
    grid = np.linspace(-1.0, 1.0, 201)
    return grid, stakes(grid, grid + margin)


def _wealth(points: Floats, counts: Floats, theta: Floats, bets: Floats) -> Floats:
    """(G,) average wealth of (G, 5) bets against each of (G,) null means."""
    growth = np.log1p(bets[:, :, None] * (points - theta[:, None])[:, None, :])
    logs = (growth * counts).sum(axis=2)
    most = logs.max(axis=1, keepdims=True)
    # beyond e^700 the evidence is as good as certain, and exp would overflow
    out: Floats = np.exp(np.minimum(most[:, 0] + np.log(np.exp(logs - most).mean(axis=1)), 700.0))
    return out


def _lower_end(points: Floats, counts: Floats, margin: float, alpha: float) -> float:
    """The smallest theta that is not rejected: on a grid first, because the wealth need not fall steadily."""
    if counts.sum() == 0:
        return -1.0
    grid, bets = _coarse_grid(margin)
    for _ in range(4):
        kept = np.flatnonzero(_wealth(points, counts, grid, bets) < 1.0 / alpha)
        if kept.size == 0:
            return float(grid[-1])
        if kept[0] == 0:
            return float(grid[0])
        grid = np.linspace(grid[kept[0] - 1], grid[kept[0]], 25)
        bets = stakes(grid, grid + margin)
    return float(grid[0])
