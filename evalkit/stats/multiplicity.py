"""Adjusting p-values for how many were looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p: Sequence[float] | Floats) -> Floats:
    """Adjust p-values by Holm's step-down method, in the order given.

    Holm 1979, Scand J Stat 6:65-70.

    Controls the chance of one or more false alarms under any dependence; never less powerful than Bonferroni.

    >>> holm([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    raw, order = _sort(p)
    steps = raw[order] * np.arange(raw.size, 0, -1)
    return _restore(np.minimum(np.maximum.accumulate(steps), 1.0), order)


def bonferroni(p: Sequence[float] | Floats) -> Floats:
    """Multiply every p-value by their number, to at most 1."""
    raw, _ = _sort(p)
    out: Floats = np.minimum(raw * raw.size, 1.0)
    return out


def hochberg(p: Sequence[float] | Floats) -> Floats:
    """Adjust p-values by Hochberg's step-up method.

    Hochberg 1988, Biometrika 75:800-802; needs independence or the like.
    """
    raw, order = _sort(p)
    steps = raw[order] * np.arange(raw.size, 0, -1)
    return _restore(np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0), order)


def benjamini_hochberg(p: Sequence[float] | Floats) -> Floats:
    """Adjust p-values to control the false discovery rate.

    Benjamini & Hochberg 1995, JRSS B 57:289-300.

    For exploring a table of slices, not for deciding a gate.
    """
    raw, order = _sort(p)
    steps = raw[order] * raw.size / np.arange(1, raw.size + 1)
    return _restore(np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0), order)


def _sort(p: Sequence[float] | Floats) -> tuple[Floats, NDArray[np.intp]]:
    raw = np.asarray(p, dtype=np.float64)
    if raw.ndim != 1 or not np.all((raw >= 0.0) & (raw <= 1.0)):
        raise ValueError("p-values must be a list of numbers from 0 to 1")
    return raw, np.argsort(raw, kind="stable")


def _restore(adjusted: Floats, order: NDArray[np.intp]) -> Floats:
    out = np.empty_like(adjusted)
    out[order] = adjusted
    return out
