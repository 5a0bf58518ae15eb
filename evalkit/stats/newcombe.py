"""Newcombe's square-and-add intervals for differences of proportions, paired or independent."""

from __future__ import annotations

import math
from typing import Literal

from evalkit.stats.proportions import wilson


def newcombe_paired(
    both: int, fixed: int, broken: int, neither: int, *, method: Literal[8, 10] = 10, confidence: float = 0.95
) -> tuple[float, float]:
    """Compute the interval of candidate - base from a paired table.

    Newcombe 1998, Statistics in Medicine 17:2635-2650.

    `both` cases are right in both arms, `fixed` only in the candidate, `broken` only in the base, `neither` in none.
    Method 10 is method 8 with a continuity correction of the correlation of the arms.

    >>> low, high = newcombe_paired(20, 12, 2, 16)
    >>> round(low, 4), round(high, 4)
    (0.0562, 0.3292)
    """
    n = both + fixed + broken + neither
    if n < 1 or min(both, fixed, broken, neither) < 0:
        raise ValueError("a paired table needs at least one pair and no negative count")
    candidate, base = both + fixed, both + broken
    phi = _correlation(both, fixed, broken, neither, corrected=method == 10)
    p1, p2 = candidate / n, base / n
    l1, u1 = wilson(candidate, n, confidence=confidence)
    l2, u2 = wilson(base, n, confidence=confidence)
    down = (p1 - l1) ** 2 - 2.0 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2
    up = (p2 - l2) ** 2 - 2.0 * phi * (p2 - l2) * (u1 - p1) + (u1 - p1) ** 2
    delta = (fixed - broken) / n
    return delta - math.sqrt(max(down, 0.0)), delta + math.sqrt(max(up, 0.0))


def newcombe_independent(
    successes_1: int, n_1: int, successes_2: int, n_2: int, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Compute the interval of p1 - p2 for independent samples.

    Newcombe 1998, Statistics in Medicine 17:873-890, method 10.
    """
    p1, p2 = successes_1 / n_1, successes_2 / n_2
    l1, u1 = wilson(successes_1, n_1, confidence=confidence)
    l2, u2 = wilson(successes_2, n_2, confidence=confidence)
    delta = p1 - p2
    return delta - math.hypot(p1 - l1, u2 - p2), delta + math.hypot(u1 - p1, p2 - l2)


def _correlation(both: int, fixed: int, broken: int, neither: int, *, corrected: bool) -> float:
    product = (both + fixed) * (broken + neither) * (both + broken) * (fixed + neither)
    if product == 0:
        return 0.0
    cross = float(both * neither - fixed * broken)
    if corrected and cross > 0.0:
        cross = max(cross - (both + fixed + broken + neither) / 2.0, 0.0)
    return cross / math.sqrt(product)
