"""Tails and quantiles of the distributions the other modules stand on.

The normal is the standard library's, Student's t and the binomial stand on the incomplete beta function in `beta`, and
the beta's quantile is scipy.special's, loaded on first use.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from evalkit.stats.beta import incomplete_beta, log_beta

_NORMAL = NormalDist()
_MOST = 1_000
_EXACT = 300


def normal_quantile(p: float) -> float:
    """Compute the z with P(Z <= z) = p; infinite at 0 and 1."""
    if p <= 0.0:
        return -math.inf
    if p >= 1.0:
        return math.inf
    return _NORMAL.inv_cdf(p)


def normal_cdf(z: float) -> float:
    """Compute P(Z <= z), accurate in both tails."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def two_sided_z(confidence: float) -> float:
    """Compute the z of a two-sided interval: 1.96 for 0.95."""
    return normal_quantile(0.5 + confidence / 2.0)


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: float) -> float:
    """Compute the t with P(T <= t) = p.

    It has `df` degrees of freedom (need not be whole).
    """
    if not 0.0 < p < 1.0:
        return math.copysign(math.inf, p - 0.5)
    tail = min(p, 1.0 - p)
    # beyond the median the tail is convex and heavier than the normal's: from there Newton's steps never pass the root
    t = -normal_quantile(tail)
    for _ in range(_MOST):
        step = (t_cdf(-t, df) - tail) / _t_density(t, df)
        t += step
        if not step > 1e-15 * t:
            break
    return math.copysign(t, p - 0.5)


def t_cdf(t: float, df: float) -> float:
    """Compute P(T <= t) for `df` degrees of freedom, accurate in both tails."""
    if math.isinf(t):
        return 1.0 if t > 0.0 else 0.0
    square = t * t
    outside = incomplete_beta(df / (df + square), 0.5 * df, 0.5, rest=square / (df + square))
    return 0.5 * outside if t < 0.0 else 1.0 - 0.5 * outside


def _t_density(t: float, df: float) -> float:
    return math.exp(-0.5 * (df + 1.0) * math.log1p(t * t / df) - 0.5 * math.log(df) - log_beta(0.5 * df, 0.5))


def fair_coin_cdf(k: int, n: int) -> float:
    """Compute P(X <= k) for X ~ Binomial(n, 1/2).

    By exact integer arithmetic up to n = 300.
    """
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    if n > _EXACT:
        return incomplete_beta(0.5, n - k, k + 1.0)
    ways = total = 1
    for i in range(k):
        ways = ways * (n - i) // (i + 1)
        total += ways
    return total / (1 << n)


def fair_coin_pmf(k: int, n: int) -> float:
    """Compute P(X = k) for X ~ Binomial(n, 1/2)."""
    if n <= _EXACT:
        return math.comb(n, k) / (1 << n)
    return math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2.0))


def beta_quantile(p: float, a: float, b: float) -> float:
    """Compute the x with P(X <= x) = p for X ~ Beta(a, b)."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, p))
