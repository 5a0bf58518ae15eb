"""What may change over runs: a line through all of them, or one step between two, each seen within the cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContrasts:
    """The contrasts of every look at a history.

    `parts` (C, J) are what each cluster adds to contrast j: their sum is its score, 0 where nothing changes; `weights`
    (C, J) are the squares that the slope divides by, so that sum(parts) / sum(weights) is the change. `look` (J,) is
    the last run that a contrast knows, `step` (J,) the first run of the new level, 0 for the line.
    """

    parts: Floats
    weights: Floats
    look: Ints
    step: Ints


def is_paired(scores: Floats) -> bool:
    """Tell whether most scores are of cases that several runs asked.

    Half of them are enough.
    """
    present = np.isfinite(scores)
    counts = present.sum(axis=1)
    total = int(counts.sum())
    return total > 0 and int(counts[counts > 1].sum()) * 2 >= total


def contrast_runs(scores: Floats, codes: Ints, looks: range, *, paired: bool) -> RunContrasts:
    """Compute the contrasts of the runs up to each look.

    `scores` (N, K) is NaN where a case has none; `codes` (N,) numbers the clusters. Paired, a contrast is centred
    within each case over the runs that asked it (the within estimator of panel data; Wooldridge 2010, Econometric
    Analysis of Cross Section and Panel Data, 10.5): how hard a case is drops out, and cases that came or went add only
    what they themselves saw change. Otherwise it is a contrast of the runs' means about their common mean.
    """
    runs = scores.shape[1]
    shapes, look, step = _shapes(runs, looks)
    present = np.isfinite(scores)
    filled = np.where(present, scores, 0.0)
    counts, sums = present.cumsum(axis=1)[:, look], filled.cumsum(axis=1)[:, look]
    held = present.astype(np.float64)
    if paired:
        centre = (held @ shapes) / np.maximum(counts, 1)
        parts = filled @ shapes - centre * sums
        weights = held @ shapes**2 - centre**2 * counts
    else:
        share = shapes / np.maximum(held.sum(axis=0), 1.0)[:, None]
        common = sums.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)
        parts = filled @ share - (held @ share) * common
        weights = np.broadcast_to((shapes**2).sum(axis=0) / scores.shape[0], parts.shape)
    clusters = int(codes.max(initial=-1)) + 1
    return RunContrasts(
        parts=_sum_by(codes, parts, clusters), weights=_sum_by(codes, weights, clusters), look=look, step=step
    )


def _shapes(runs: int, looks: range) -> tuple[Floats, Ints, Ints]:
    """(K, J): a centred line and every centred step, of the runs up to each look.

    A step has two runs before it: the sums of one run alone are skewed where a metric is near the end of its scale.
    """
    shapes, look, step = [], [], []
    for last in looks:
        count = last + 1
        for first in (0, *range(2, count)):
            shape = np.arange(count, dtype=np.float64) if first == 0 else (np.arange(count) >= first).astype(np.float64)
            shapes.append(np.concatenate([shape - shape.mean(), np.zeros(runs - count)]))
            look.append(last)
            step.append(first)
    return np.array(shapes).T, np.array(look, dtype=np.int64), np.array(step, dtype=np.int64)


def _sum_by(codes: Ints, values: Floats, count: int) -> Floats:
    if count == values.shape[0] and (codes == np.arange(count)).all():
        return np.asarray(values, dtype=np.float64)
    out = np.zeros((count, values.shape[1]))
    np.add.at(out, codes, values)
    return out
