"""Pairs of arms whose true difference is known: what calibration draws from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """One simulated evaluation: both arms, the clusters of its rows (None: independent), and the true difference."""

    base: Floats
    candidate: Floats
    clusters: NDArray[np.int64] | None = None
    truth: float = 0.0


def cluster_codes(n: int, *, equal: bool, rng: np.random.Generator) -> NDArray[np.int64]:
    """Clusters of 5 rows, or of 1 to 9 rows (5 on average)."""
    if equal:
        return np.arange(n) // 5
    sizes = rng.integers(1, 10, n)
    return np.repeat(np.arange(n), sizes)[:n]


def changes(n: int, discordance: float, clusters: NDArray[np.int64] | None, rng: np.random.Generator) -> Floats:
    """(n,) of 1 (fixed), 0, -1 (broken) with mean 0; rows of one cluster lean the same way."""
    lean = np.full(n, 0.5) if clusters is None else rng.beta(0.5, 0.5, int(clusters.max()) + 1)[clusters]
    sign = np.where(rng.random(n) < lean, 1.0, -1.0)
    return np.where(rng.random(n) < discordance, sign, 0.0)


def yes_no(n: int, discordance: float, rng: np.random.Generator, *, clusters: NDArray[np.int64] | None = None) -> Pairs:
    """A yes/no metric without a difference; `discordance` of the pairs change."""
    change = changes(n, discordance, clusters, rng)
    base = np.where(change == 0.0, (rng.random(n) < 0.7).astype(float), (change < 0.0).astype(float))
    return Pairs(base, base + change, clusters)


def whole_clusters(n: int, discordance: float, rng: np.random.Generator) -> Pairs:
    """No difference, yes/no, clusters of 1 to 9 rows that change as one: a template breaks or is fixed."""
    clusters = cluster_codes(n, equal=False, rng=rng)
    count = int(clusters.max()) + 1
    sign = np.where(rng.random(count) < discordance, rng.choice([-1.0, 1.0], count), 0.0)
    right = (rng.random(count) < 0.7).astype(float)
    base = np.where(sign == 0.0, right, (sign < 0.0).astype(float))
    return Pairs(base[clusters], (base + sign)[clusters], clusters)


def repeated(
    n: int, discordance: float, rng: np.random.Generator, *, clusters: NDArray[np.int64] | None = None
) -> Pairs:
    """Three repeats averaged: `discordance` of the examples are unsure and drawn anew in both arms."""
    lean = changes(n, discordance, clusters, rng)
    chance = np.where(lean == 0.0, (rng.random(n) < 0.7).astype(float), rng.random(n))
    first, second = rng.binomial(3, chance) / 3, rng.binomial(3, chance) / 3
    if clusters is not None:
        # a leaning cluster gives all its better draws to one arm
        low, high = np.minimum(first, second), np.maximum(first, second)
        first, second = np.where(lean > 0.0, low, high), np.where(lean > 0.0, high, low)
        return Pairs(first, second, clusters)
    return Pairs(first, second)


def normal(n: int, rng: np.random.Generator) -> Pairs:
    """Graded with differences of normal shape."""
    base = rng.random(n)
    return Pairs(base, base + rng.normal(0.0, 0.2, n))


def skewed(n: int, rng: np.random.Generator) -> Pairs:
    """Differences that are lognormal with sigma 1 (skewness 6): slow answers, long outputs."""
    base = rng.lognormal(0.0, 1.0, n)
    return Pairs(base, base + rng.lognormal(0.0, 1.0, n), truth=float(np.exp(0.5)))


def sparse(n: int, rng: np.random.Generator) -> Pairs:
    """Partial credit where one case in twenty moves, by any amount."""
    base = rng.random(n)
    return Pairs(base, np.where(rng.random(n) < 0.05, rng.random(n), base))


def judged(n: int, rng: np.random.Generator) -> Pairs:
    """A judge's scores from 1 to 5; three cases in ten move by one, either way."""
    base = rng.integers(2, 5, n).astype(float)
    return Pairs(base, base + rng.choice([-1.0, 0.0, 1.0], n, p=[0.15, 0.7, 0.15]))
