"""Intervals of one proportion."""

from __future__ import annotations

import math

from evalkit.stats.distributions import beta_quantile, two_sided_z


def wilson(successes: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Compute Wilson's score interval (Wilson 1927, JASA 22:209-212).

    `n` may be an effective, fractional count > 0.

    >>> low, high = wilson(81, 263)
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    _check(successes, n)
    z = two_sided_z(confidence)
    share = successes / n
    centre = share + z * z / (2.0 * n)
    reach = z * math.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n))
    scale = 1.0 + z * z / n
    low = 0.0 if successes == 0 else max(0.0, (centre - reach) / scale)
    high = 1.0 if successes == n else min(1.0, (centre + reach) / scale)
    return low, high


def clopper_pearson(successes: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Compute the exact interval (Clopper & Pearson 1934, Biometrika 26:404-413).

    Its coverage is never below `confidence`.
    """
    _check(successes, n)
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if successes == 0 else beta_quantile(tail, successes, n - successes + 1)
    high = 1.0 if successes == n else beta_quantile(1.0 - tail, successes + 1, n - successes)
    return low, high


def _check(successes: float, n: float) -> None:
    if not n > 0 or not 0 <= successes <= n:
        raise ValueError(f"a proportion needs n > 0 and 0 <= successes <= n, not {successes} of {n}")
