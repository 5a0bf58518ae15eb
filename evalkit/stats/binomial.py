"""Binomial masses and tails, many at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def binomial_masses(k: Ints, n: int, p: float) -> Floats:
    """Compute P(X = k) for X ~ Binomial(n, p).

    `k` are (m,) whole numbers that follow each other within 0..n.

    >>> binomial_masses(np.arange(3), 2, 0.5).tolist()
    [0.25, 0.5, 0.25]
    """
    if p <= 0.0 or p >= 1.0:
        return np.asarray(k == (n if p >= 1.0 else 0), dtype=np.float64)
    steps = np.log((n - k[:-1]) / k[1:]) + (math.log(p) - math.log1p(-p))
    masses: Floats = np.exp(_log_mass(int(k[0]), n, p) + np.concatenate([[0.0], np.cumsum(steps)]))
    return masses


def binomial_tails(most: Ints, n: Ints, p: float) -> Floats:
    """Compute P(X <= most[i]) for X ~ Binomial(n[i], p), to 1e-11.

    (m,) `n` rise by 1, `most` by 0 or 1, from -1 (never) on.

    Each tail is the one before it, less what one trial more takes, and with what one success more adds.

    >>> binomial_tails(np.array([-1, 0, 0, 1]), np.arange(4), 0.5).tolist()
    [0.0, 0.5, 0.25, 0.5]
    """
    if p <= 0.0 or p >= 1.0:
        return np.asarray(most >= (n if p >= 1.0 else 0), dtype=np.float64)
    tails: Floats = np.where(most < 0, 0.0, 1.0)
    start = int(np.argmax((most >= 0) & (most < n)))
    k, n = most[start:], n[start:]
    if k[0] < 0 or k[0] >= n[0]:
        return tails
    added = k[1:] - k[:-1]
    if added.size and (added.min() < 0 or added.max() > 1 or int(n[-1]) - int(n[0]) != added.size):
        raise ValueError("tails that follow each other are needed: n rises by 1, most by 0 or 1")
    stay, odds = math.log1p(-p), math.log(p) - math.log1p(-p)
    # log P(X = most): one trial more, and where there is one success more, that too
    log_mass = np.empty(n.size)
    log_mass[0] = _log_mass(int(k[0]), int(n[0]), p)
    log_mass[1:] = np.log(n[1:] / (n[1:] - k[:-1])) + stay
    log_mass[1:] += added * (np.log((n[1:] - k[1:] + 1) / np.maximum(k[1:], 1)) + odds)
    mass = np.exp(np.cumsum(log_mass))
    change = np.empty(n.size)
    change[0] = _tail(int(k[0]), int(n[0]), p)
    change[1:] = added * mass[1:] - p * mass[:-1]
    tails[start:] = np.minimum(np.maximum(np.cumsum(change), 0.0), 1.0)
    return tails


def _tail(k: int, n: int, p: float) -> float:
    """P(X <= k) of one binomial; what lies more than twelve standard deviations below k and the mean is left out."""
    least = math.floor(min(k, n * p) - 12.0 * math.sqrt(n * p * (1.0 - p)) - 12.0)
    return float(binomial_masses(np.arange(max(0, least), k + 1), n, p).sum())


def _log_mass(k: int, n: int, p: float) -> float:
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return ways + k * math.log(p) + (n - k) * math.log1p(-p)
