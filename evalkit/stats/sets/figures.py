"""The figures as functions of the weights of cells, for thousands of draws at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.core.sets import SetFigure
from evalkit.stats.sets.sums import values_of

Floats = NDArray[np.float64]


def figure_of(gold: Floats, read: Floats, weights: Floats, figure: SetFigure) -> Floats:
    """Compute the figure of weighted cells; NaN where it is not defined.

    For (..., U) weights of cells with (U,) codes, of sums (U, D).
    """
    if figure.kind == "sums":
        return values_of(weights @ read, figure)
    with np.errstate(divide="ignore", invalid="ignore"):
        if figure.kind == "rating":
            return _rating(gold, read, weights, figure.figure)
        target, said = hot(gold, figure), hot(read, figure)
        return _classes(weights @ target, weights @ said, weights @ (target * said), figure)


def hot(codes: Floats, figure: SetFigure) -> Floats:
    """Mark with 0 or 1 which labels a code means: (U, L + 1).

    The last is every label outside of them.
    """
    places = np.arange(len(figure.labels) + 1)
    whole = codes.astype(np.int64)[:, None]
    found = (whole >> places) & 1 if figure.kind == "labels" else whole == places
    return np.asarray(found, dtype=np.float64)


def _classes(a: Floats, p: Floats, t: Floats, figure: SetFigure) -> Floats:
    """From (..., L + 1) how often each label is the target, is read, and both."""
    name, label = figure.figure, figure.label
    if label is not None:
        a, p, t = a[..., label], p[..., label], t[..., label]
        out: Floats = t / p if name == "precision" else 2.0 * t / (a + p)
        return out
    if name == "micro_f1":
        micro: Floats = 2.0 * t.sum(-1) / (a.sum(-1) + p.sum(-1))
        return micro
    if name == "kappa":
        n = a.sum(-1)
        chance = (a * p).sum(-1) / n**2
        kappa: Floats = (t.sum(-1) / n - chance) / (1.0 - chance)
        return np.where(chance < 1.0 - 1e-12, kappa, np.nan)
    if name == "balanced_accuracy":
        return _mean(t / a, a > 0.0)
    a, p, t = a[..., :-1], p[..., :-1], t[..., :-1]
    f1 = 2.0 * t / (a + p)
    if name == "weighted_f1":
        weighted: Floats = (np.where(a > 0.0, f1, 0.0) * a).sum(-1) / a.sum(-1)
        return weighted
    return _mean(f1, a + p > 0.0)


def _mean(values: Floats, there: NDArray[np.bool_]) -> Floats:
    out: Floats = np.where(there, values, 0.0).sum(-1) / there.sum(-1)
    return out


def _rating(x: Floats, y: Floats, w: Floats, name: str) -> Floats:
    n = w.sum(-1)
    if name == "spearman":
        return _correlation(w, _ranks(x, w), _ranks(y, w))
    apart = w @ (x - y) ** 2 / n
    chance = (w @ x**2 + w @ y**2) / n - 2.0 * (w @ x) * (w @ y) / n**2
    out: Floats = 1.0 - apart / chance
    return np.where(chance > 1e-12, out, np.nan)


def _ranks(values: Floats, w: Floats) -> Floats:
    """(..., U) mid-ranks under weights."""
    levels, place = np.unique(values, return_inverse=True)
    belongs = np.equal(np.asarray(place).ravel()[:, None], np.arange(levels.size)).astype(np.float64)
    mass = w @ belongs if levels.size <= 400 else _by_level(w, np.asarray(place).ravel(), levels.size)
    middle = mass.cumsum(-1) - mass / 2.0
    out: Floats = middle[..., np.asarray(place).ravel()]
    return out


def _by_level(w: Floats, place: NDArray[np.intp], count: int) -> Floats:
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(count))
    out: Floats = np.add.reduceat(w[..., order], starts, axis=-1)
    return out


def _correlation(w: Floats, x: Floats, y: Floats) -> Floats:
    n = w.sum(-1, keepdims=True)
    dx, dy = x - (w * x).sum(-1, keepdims=True) / n, y - (w * y).sum(-1, keepdims=True) / n
    size = np.sqrt((w * dx**2).sum(-1) * (w * dy**2).sum(-1))
    out: Floats = (w * dx * dy).sum(-1) / size
    return np.where(size > 1e-9, out, np.nan)
