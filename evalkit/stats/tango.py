"""Tango's score interval for the difference of two paired proportions (Tango 1998, Statistics in Medicine 17:891-908).

The default for yes/no metrics: good coverage from n = 1 on, never of width zero, and it inverts a test, so that the
non-inferiority p-value at a margin and the interval always agree.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.stats.distributions import normal_cdf, two_sided_z

Floats = NDArray[np.float64]

_HALVINGS = 60


def tango_z(n: ArrayLike, fixed: ArrayLike, broken: ArrayLike, delta: ArrayLike) -> Floats:
    """Compute the score statistic of H0: candidate - base = `delta`.

    All arguments broadcast.

    `fixed` pairs are right only in the candidate, `broken` only in the base, of `n` in all. Positive where the data lie
    above `delta`. Where the restricted variance is 0 the statistic is infinite, or 0 if the data sit on `delta`.
    """
    n, b, c, d = (np.asarray(x, dtype=np.float64) for x in (n, fixed, broken, delta))
    distance = b - c - n * d
    with np.errstate(divide="ignore", invalid="ignore"):
        z = distance / np.sqrt(_variance(n, b, c, d))
    out: Floats = np.where(np.abs(distance) < 1e-12 * n, 0.0, z)
    return out


def exceeds(n: float, fixed: NDArray[Any], broken: NDArray[Any], delta: float, critical: float) -> NDArray[np.bool_]:
    """Test whether `tango_z` of (m,) tables is greater than `critical`.

    At a third of its cost.
    """
    distance = fixed - broken - n * delta
    above: NDArray[np.bool_] = distance > np.maximum(critical * np.sqrt(_variance(n, fixed, broken, delta)), 1e-12 * n)
    return above


def tango_p(n: float, fixed: float, broken: float, *, margin: float) -> float:
    """Compute the one-sided p-value of H0: candidate - base <= -`margin`.

    A small one proves the candidate non-inferior.
    """
    return normal_cdf(-float(tango_z(n, fixed, broken, -margin)))


def tango_interval(
    n: ArrayLike, fixed: ArrayLike, broken: ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Compute both ends of the two-sided interval of candidate - base.

    Arrays broadcast, n >= 1.

    >>> low, high = tango_interval(32, 9, 3)   # Tango 1998, Table VII
    >>> round(float(low), 3), round(float(high), 3)
    (-0.027, 0.39)
    """
    n, b, c = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (n, fixed, broken)))
    if np.any(n < 1) or np.any(b < 0) or np.any(c < 0) or np.any(b + c > n):
        raise ValueError("a paired table needs n >= 1 and 0 <= fixed + broken <= n")
    estimate = (b - c) / n
    critical = two_sided_z(confidence)
    # rows: the lower end lies in [-1, estimate], the upper in [estimate, 1]; the statistic falls as delta grows
    left = np.stack([np.full_like(estimate, -1.0), estimate])
    right = np.stack([estimate, np.full_like(estimate, 1.0)])
    target = np.stack([np.full_like(estimate, critical), np.full_like(estimate, -critical)])
    for _ in range(_HALVINGS):
        middle = 0.5 * (left + right)
        above = b - c - n * middle > target * np.sqrt(_variance(n, b, c, middle))
        left = np.where(above, middle, left)
        right = np.where(above, right, middle)
    low, high = left[0], right[1]
    return low, high


@lru_cache(maxsize=4096)
def one_tango_interval(n: float, fixed: float, broken: float, confidence: float) -> tuple[float, float]:
    """Compute `tango_interval` of one table, digit for digit, and remember it.

    Metrics and slices show the same small tables again and again.
    """
    estimate, critical = (fixed - broken) / n, two_sided_z(confidence)

    def end(left: float, right: float, target: float) -> tuple[float, float]:
        for _ in range(_HALVINGS):
            middle = 0.5 * (left + right)
            linear = (2.0 * n - fixed + broken) * middle - fixed - broken
            room = middle * (1.0 - middle)
            root = math.sqrt(max(linear * linear + 8.0 * n * broken * room, 0.0))
            error = math.sqrt(max(0.5 * (root - linear) + n * room, 0.0))
            if fixed - broken - n * middle > target * error:
                left = middle
            else:
                right = middle
        return left, right

    return end(-1.0, estimate, critical)[0], end(estimate, 1.0, -critical)[1]


def _variance(n: Any, b: Any, c: Any, d: Any) -> Floats:
    """Of b - c under H0, with q = P(only base right) at its restricted maximum likelihood."""
    linear = (2.0 * n - b + c) * d - b - c
    room = d * (1.0 - d)
    root = np.sqrt(np.maximum(linear * linear + 8.0 * n * c * room, 0.0))
    out: Floats = np.maximum(0.5 * (root - linear) + n * room, 0.0)
    return out
