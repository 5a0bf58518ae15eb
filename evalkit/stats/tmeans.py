"""Student's t for paired differences, and two of them for equivalence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evalkit.stats.distributions import t_cdf, t_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedT:
    """Mean of n differences with its t test and interval.

    Standard error, t, two-sided p and interval have n - 1 degrees of freedom.
    """

    n: int
    mean: float
    error: float
    t: float
    p: float
    low: float
    high: float
    confidence: float


def paired_t(differences: ArrayLike, *, confidence: float = 0.95) -> PairedT:
    """Test (n,) differences by the one-sample t test (Student 1908).

    They are not all equal, n >= 2.
    """
    n, mean, error = _moments(differences)
    t = mean / error
    reach = t_quantile(0.5 + confidence / 2.0, n - 1) * error
    return PairedT(
        n=n, mean=mean, error=error, t=t, p=min(1.0, 2.0 * t_cdf(-abs(t), n - 1)), low=mean - reach, high=mean + reach,
        confidence=confidence,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tost:
    """Two one-sided tests for equivalence.

    `above` tests H0: mean <= low bound, `below` H0: mean >= high bound; `p` is the larger.

    p <= 0.05 proves that the mean lies between the bounds; so does a 90 % interval inside them.
    """

    p: float
    above: float
    below: float


def tost_paired(differences: ArrayLike, *, low: float, high: float) -> Tost:
    """Test equivalence within (low, high).

    Schuirmann 1987, J Pharmacokinet Biopharm 15:657-680.
    """
    if not low < high:
        raise ValueError(f"equivalence needs low < high, not ({low}, {high})")
    n, mean, error = _moments(differences)
    above = t_cdf(-(mean - low) / error, n - 1)
    below = t_cdf((mean - high) / error, n - 1)
    return Tost(p=max(above, below), above=above, below=below)


def _moments(differences: ArrayLike) -> tuple[int, float, float]:
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or d.size < 2 or d.min() == d.max():
        raise ValueError("a t test needs two or more differences that are not all equal")
    return d.size, float(d.mean()), float(d.std(ddof=1)) / math.sqrt(d.size)
