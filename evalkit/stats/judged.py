"""A rate measured by a judge, mended with the few labels that people gave: prediction-powered inference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.stats.distributions import two_sided_z

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Powered:
    """The corrected mean, its interval, and the judge's weight (`lam`, 0 to 1)."""

    value: float
    low: float
    high: float
    error: float
    lam: float
    labelled: int
    judged: int
    confidence: float


def ppi_mean(
    labels: ArrayLike, judged: ArrayLike, unlabelled: ArrayLike, *, lam: float | None = None, confidence: float = 0.95
) -> Powered:
    """Compute the PPI++ mean (Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453).

    `labels` and `judged` are (n,), people's and the judge's scores of the same items, n >= 2; `unlabelled` (N,) are the
    judge's scores of items nobody labelled, N >= 2. `lam` None tunes it for the smallest variance: 0 ignores the judge,
    1 trusts it. With a cached base as `judged` and `unlabelled` it is a control variate for a candidate run on n < N.
    """
    y, f = np.asarray(labels, dtype=np.float64), np.asarray(judged, dtype=np.float64)
    u = np.asarray(unlabelled, dtype=np.float64)
    if y.ndim != 1 or y.shape != f.shape or u.ndim != 1 or y.size < 2 or u.size < 2:
        raise ValueError("PPI needs at least two items labelled by both and two by the judge alone")
    n, many = y.size, u.size
    weight = _tune(y, f, u) if lam is None else lam
    value = float(weight * u.mean() + (y - weight * f).mean())
    # population variances, as the authors' package has them
    error = math.sqrt(weight**2 * float(u.var()) / many + float((y - weight * f).var()) / n)
    reach = two_sided_z(confidence) * error
    return Powered(
        value=value, low=value - reach, high=value + reach, error=error, lam=weight, labelled=n, judged=many,
        confidence=confidence,
    )  # fmt: skip


def _tune(y: Floats, f: Floats, u: Floats) -> float:
    spread = float(np.concatenate([f, u]).var(ddof=1))
    if spread <= 0.0:
        return 0.0
    together = float(((y - y.mean()) * (f - f.mean())).mean())
    return min(1.0, max(0.0, together / ((1.0 + y.size / u.size) * spread)))
