"""The value of every figure in one arm, by scikit-learn (and scipy for rank correlation)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.core.sets import SetFigure
from evalkit.stats.sets.cells import Cells
from evalkit.stats.sets.figures import figure_of, hot
from evalkit.stats.sets.sums import value_of

Floats = NDArray[np.float64]


def point_values(cells: Cells, figures: Sequence[SetFigure]) -> list[float | None]:
    """Compute one value for each figure of one scorer's set.

    It is None where it is not defined (a label never seen, never read).

    scikit-learn's with `labels` (what lies outside counts as an error and never as a label of its own in a mean over
    labels) and `zero_division=nan`; micro F1 counts such answers as read, so that of one label a case it is accuracy.
    """
    weights = cells.weights
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes that only the answers have are no news here
        if figures and figures[0].kind == "sums":
            found = [value_of((weights @ cells.read).tolist(), figure) for figure in figures]
        elif figures and figures[0].kind == "rating":
            found = [_rating(cells, weights, figure) for figure in figures]
        else:
            found = _classes(cells, weights, figures)
    return [float(value) if np.isfinite(value) else None for value in found]


def _classes(cells: Cells, weights: Floats, figures: Sequence[SetFigure]) -> list[float]:
    from sklearn.metrics import cohen_kappa_score, precision_recall_fscore_support

    if not figures:
        return []
    several, many = figures[0].kind == "labels", len(figures[0].labels)
    gold: Any = hot(cells.gold, figures[0]).astype(int) if several else cells.gold.astype(int)
    read: Any = hot(cells.read, figures[0]).astype(int) if several else cells.read.astype(int)
    how: dict[str, Any] = {"sample_weight": weights, "zero_division": np.nan}
    by_label: Any = precision_recall_fscore_support(gold, read, labels=list(range(many)), average=None, **how)
    precision, recall, f1, support = by_label
    out: list[float] = []
    for figure in figures:
        name, label = figure.figure, figure.label
        if label is not None:
            out.append((precision if name == "precision" else f1)[label])
        elif name == "macro_f1":
            out.append(np.nanmean(f1))
        elif name == "balanced_accuracy":
            out.append(np.nanmean(recall))
        elif name == "weighted_f1":
            out.append(np.average(f1[support > 0], weights=support[support > 0]) if support.any() else np.nan)
        elif name == "micro_f1":
            every = list(range(many + 1))
            out.append(precision_recall_fscore_support(gold, read, labels=every, average="micro", **how)[2])
        else:
            one = np.unique(np.concatenate([gold, read])).size < 2
            out.append(np.nan if one else cohen_kappa_score(gold, read, sample_weight=weights))
    return out


def _rating(cells: Cells, weights: Floats, figure: SetFigure) -> float:
    from scipy.stats import spearmanr
    from sklearn.metrics import cohen_kappa_score

    x, y, name = cells.gold, cells.read, figure.figure
    if name == "spearman" and bool((weights == weights.round()).all()):
        times = weights.astype(int)
        if np.unique(x).size < 2 or np.unique(y).size < 2:
            return float("nan")
        return float(spearmanr(np.repeat(x, times), np.repeat(y, times)).statistic)
    steps = np.concatenate([x, y]) - figure.span[0]
    if name == "qwk" and bool((steps == steps.round()).all()) and np.unique(steps).size > 1:
        levels = list(range(int(figure.span[1] - figure.span[0]) + 1))
        at = steps.astype(int)
        return float(
            cohen_kappa_score(at[: x.size], at[x.size :], labels=levels, weights="quadratic", sample_weight=weights)
        )
    return float(figure_of(x, y, weights, figure))
