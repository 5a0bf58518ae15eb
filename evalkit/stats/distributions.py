"""Tails and quantiles of the distributions the other modules stand on.

The normal is the standard library's; the others are scipy.special's, loaded on first use (scipy.stats costs a second of
CPU to import, scipy.special a third of one).
"""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()


def normal_quantile(p: float) -> float:
    """The z with P(Z <= z) = p; infinite at 0 and 1."""
    if p <= 0.0:
        return -math.inf
    if p >= 1.0:
        return math.inf
    return _NORMAL.inv_cdf(p)


def normal_cdf(z: float) -> float:
    """P(Z <= z), accurate in both tails."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def two_sided_z(confidence: float) -> float:
    """The z of a two-sided interval: 1.96 for 0.95."""
    return normal_quantile(0.5 + confidence / 2.0)


def t_quantile(p: float, df: float) -> float:
    """The t with P(T <= t) = p for `df` degrees of freedom (need not be whole)."""
    from scipy.special import stdtrit

    return float(stdtrit(df, p))


def t_cdf(t: float, df: float) -> float:
    """P(T <= t) for `df` degrees of freedom."""
    from scipy.special import stdtr

    return float(stdtr(df, t))


def fair_coin_cdf(k: int, n: int) -> float:
    """P(X <= k) for X ~ Binomial(n, 1/2); exact integer arithmetic up to n = 300."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    if n <= 300:
        return sum(math.comb(n, i) for i in range(k + 1)) / (1 << n)
    from scipy.special import bdtr

    return float(bdtr(k, n, 0.5))


def fair_coin_pmf(k: int, n: int) -> float:
    """P(X = k) for X ~ Binomial(n, 1/2)."""
    if n <= 300:
        return math.comb(n, k) / (1 << n)
    return math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2.0))


def beta_quantile(p: float, a: float, b: float) -> float:
    """The x with P(X <= x) = p for X ~ Beta(a, b)."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, p))
