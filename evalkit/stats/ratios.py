"""Paired ratios candidate / base of a mean or a quantile: latency, cost, length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.core.errors import DataError
from evalkit.stats.clusters import Clusters, cluster_codes
from evalkit.stats.distributions import two_sided_z
from evalkit.stats.means import FEW
from evalkit.stats.resample import cluster_bootstrap, draw_weights

Floats = NDArray[np.float64]

_MOST_CELLS = 60_000_000
"""Draws are thinned for a quantile of very many rows: draws x rows stays below this, but at least 400 draws"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioResult:
    """candidate / base with its interval; below 1 means that the candidate needs less.

    `base` and `candidate` are the compared means or quantiles. `ratio`, `low` and `high` are None where the base is
    not above 0 or nothing was measured in both arms; `reason` says which.
    """

    n: int
    n_clusters: int
    base: float | None
    candidate: float | None
    ratio: float | None
    low: float | None
    high: float | None
    confidence: float
    method: str
    reason: str


def paired_ratio(
    base: ArrayLike,
    candidate: ArrayLike,
    *,
    quantile: float | None = None,
    clusters: Clusters | None = None,
    confidence: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> RatioResult:
    """Compute the ratio of the arms' means, or of their quantiles.

    Quantiles are 0.5 or 0.95; the arms hold (n,) values >= 0 of the same examples.

    The interval is the percentile bootstrap over clusters, both arms in the same draws. Where fewer than 10 pairs
    differ a bootstrap has no width; then the interval is what the share of pairs that nobody has seen,
    z^2 / (n + z^2), could still do to the candidate.
    """
    x, y = np.asarray(base, dtype=np.float64), np.asarray(candidate, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or not np.isfinite(x).all() or not np.isfinite(y).all():
        raise DataError("a ratio needs two arms of finite numbers for the same examples")
    codes, count = cluster_codes(clusters if clusters is not None else np.arange(x.size))
    if x.size == 0:
        return _without(x.size, count, confidence, None, None, "nothing was measured in both arms")
    one, other = _summary(x, quantile), _summary(y, quantile)
    if not one > 0.0:
        return _without(x.size, count, confidence, one, other, "the base is 0, and nothing is a multiple of 0")
    moved = np.unique(codes[x != y]).size
    if moved < FEW:
        low, high = _barely_moved(y, quantile, units=count, confidence=confidence, unit=one)
        method, reason = "unseen_share", f"only {moved} of {count} pairs differ, too few to resample"
    else:
        ratios = _ratios(x, y, codes, count, quantile, draws, seed)
        tail = (1.0 - confidence) / 2.0
        low, high = (float(v) for v in np.quantile(ratios, [tail, 1.0 - tail]))
        method, reason = "ratio_bootstrap", f"{ratios.size} paired resamples of {count} units"
    ratio = other / one
    return RatioResult(
        n=x.size, n_clusters=count, base=one, candidate=other, ratio=ratio, low=min(low, ratio), high=max(high, ratio),
        confidence=confidence, method=method, reason=reason,
    )  # fmt: skip


def _summary(values: Floats, quantile: float | None) -> float:
    return float(values.mean() if quantile is None else np.quantile(values, quantile, method="inverted_cdf"))


def _ratios(
    x: Floats, y: Floats, codes: NDArray[np.int64], count: int, quantile: float | None, draws: int, seed: int
) -> Floats:
    if quantile is None:
        sums = np.column_stack([np.bincount(codes, v, minlength=count) for v in (x, y)])
        out = cluster_bootstrap(sums, lambda t: t[..., 1:] / t[..., :1], draws=draws, seed=seed).draws[:, 0]
    else:
        draws = min(draws, max(400, _MOST_CELLS // x.size))
        parts = [
            _weighted_quantile(y, w[:, codes], quantile) / _weighted_quantile(x, w[:, codes], quantile)
            for w in draw_weights(count, draws=draws, seed=seed)
        ]
        out = np.concatenate(parts)
    seen: Floats = out[np.isfinite(out)]
    return seen


def _weighted_quantile(values: Floats, weights: Floats, quantile: float) -> Floats:
    """(B,) quantiles of (n,) values under (B, n) whole weights: the smallest value that reaches the share."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    goal = quantile * reached[:, -1:] - 1e-9
    out: Floats = values[order][np.argmax(reached >= goal, axis=1)]
    return out


def _barely_moved(
    candidate: Floats, quantile: float | None, *, units: int, confidence: float, unit: float
) -> tuple[float, float]:
    square = two_sided_z(confidence) ** 2
    unseen = square / (units + square)
    if quantile is not None:
        low, high = (_summary(candidate, min(max(q, 0.0), 1.0)) for q in (quantile - unseen, quantile + unseen))
        return low / unit, high / unit
    mean, most = float(candidate.mean()), float(candidate.max())
    return max(0.0, mean * (1.0 - unseen)) / unit, (mean + unseen * most) / unit


def _without(
    n: int, count: int, confidence: float, base: float | None, candidate: float | None, reason: str
) -> RatioResult:
    return RatioResult(
        n=n, n_clusters=count, base=base, candidate=candidate, ratio=None, low=None, high=None, confidence=confidence,
        method="none", reason=reason,
    )  # fmt: skip
