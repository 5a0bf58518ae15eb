"""Intervals and p-values for many contrasts at once: max-T over the same resamples.

Westfall & Young 1993 (Resampling-based multiple testing), single step: the largest studentised deviation over all
contrasts gives one critical value, which uses their correlation and so costs less than Bonferroni.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.resample import Resampled

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simultaneous:
    """M contrasts that hold together at `confidence`. All arrays are (M,).

    `critical` replaces 1.96. `p` (two-sided), `p_worse` (H0: contrast >= 0) and `p_better` (H0: contrast <= 0) are
    adjusted for all M. Where `defined` is false the contrast has no value or does not vary in the resamples: its
    interval is (-inf, inf), its p-values are 1 and it takes no part in the adjustment.
    """

    estimate: Floats
    error: Floats
    low: Floats
    high: Floats
    p: Floats
    p_worse: Floats
    p_better: Floats
    defined: NDArray[np.bool_]
    critical: float
    confidence: float


def max_t(resampled: Resampled, *, confidence: float = 0.95) -> Simultaneous:
    """Compute simultaneous intervals and single-step adjusted p-values.

    The intervals are estimate -+ critical * error.

    A draw in which some contrast is undefined counts with the contrasts that it has.
    """
    estimate, error = resampled.estimate, resampled.error
    defined = _varies(estimate, error)
    count = estimate.size
    low, high = np.full(count, -np.inf), np.full(count, np.inf)
    p, p_worse, p_better = np.ones(count), np.ones(count), np.ones(count)
    critical = float("inf")
    if defined.any():
        centre, scale = estimate[defined], error[defined]
        deviations = _deviations(resampled, defined, error)
        largest = np.sort(np.abs(deviations).max(axis=1)).astype(np.float64)
        critical = float(np.quantile(largest, confidence))
        low[defined], high[defined] = centre - critical * scale, centre + critical * scale
        observed = centre / scale
        p[defined] = _share_at_least(largest, np.abs(observed))
        p_better[defined] = _share_at_least(np.sort(deviations.max(axis=1)), observed)
        p_worse[defined] = _share_at_least(np.sort((-deviations).max(axis=1)), -observed)
    return Simultaneous(
        estimate=np.where(np.isfinite(estimate), estimate, 0.0),
        error=np.where(defined, error, np.inf),
        low=low,
        high=high,
        p=p,
        p_worse=p_worse,
        p_better=p_better,
        defined=defined,
        critical=critical,
        confidence=confidence,
    )


def critical_value(resampled: Resampled, error: Floats, *, confidence: float = 0.95, sides: int = 2) -> float:
    """Compute the max-T quantile alone, for (M,) errors that are known.

    It is infinite where nothing varies.

    With `sides` = 1 it is that of the largest deviation to one side, both sides alike.
    """
    defined = _varies(resampled.estimate, error)
    if not defined.any():
        return float("inf")
    deviations = _deviations(resampled, defined, error)
    up, down = deviations.max(axis=1), -deviations.min(axis=1)
    largest = np.maximum(up, down) if sides == 2 else np.concatenate([up, down])
    return float(np.quantile(largest, confidence))


def _varies(estimate: Floats, error: Floats) -> NDArray[np.bool_]:
    defined = np.isfinite(estimate) & np.isfinite(error)
    out: NDArray[np.bool_] = defined & (
        np.where(defined, error, 0.0) > 1e-12 * (1.0 + np.abs(np.where(defined, estimate, 0.0)))
    )
    return out


def _deviations(resampled: Resampled, defined: NDArray[np.bool_], error: Floats) -> Floats:
    """(B, D) studentised; 0 where a draw has no value."""
    shifted = (resampled.draws[:, defined] - resampled.estimate[defined]) / error[defined]
    out: Floats = np.where(np.isfinite(shifted), shifted, 0.0)
    return out


def _share_at_least(ordered: Floats, observed: Floats) -> Floats:
    """Share of the draws, the observation counted among them, that reach `observed`."""
    reached = (ordered.size - np.searchsorted(ordered, observed, side="left")).astype(np.float64)
    out: Floats = (reached + 1.0) / (ordered.size + 1.0)
    return out
