"""Max-T over alarms: slices resampled together, so that their correlation makes it cheaper than Holm's correction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evalkit.gates.measured import Floats
from evalkit.gates.view import Cell, View
from evalkit.stats.resample import cluster_bootstrap
from evalkit.stats.simultaneous import max_t

DRAWS = 2_000


def adjusted_p(view: View, cells: Sequence[Cell]) -> list[float]:
    """Return the one-sided p-value of "worse" for every cell, adjusted for all.

    It adjusts for all of them by resampling whole clusters (single step).

    A cell in which nothing moves has p = 1.
    """
    count = int(view.clusters.max()) + 1
    columns: list[Floats] = []
    for cell in cells:
        codes, difference = view.clusters[cell.rows], cell.of.candidate[cell.rows] - cell.of.base[cell.rows]
        columns.append(np.bincount(codes, minlength=count).astype(np.float64))
        columns.append(np.bincount(codes, weights=difference, minlength=count).astype(np.float64))
    sums = np.column_stack(columns)
    drawn = cluster_bootstrap(sums, lambda t: t[..., 1::2] / t[..., 0::2], draws=DRAWS, seed=view.seed)
    return [float(p) for p in max_t(drawn, confidence=view.confidence).p_worse]
