"""Gaps between groups within the levels of a control feature, pooled: who applied where is taken out of the gap.

In each stratum a group is compared with those that it faces there, and the strata are pooled with Mantel and Haenszel's
weights n m / (n + m) (1959, J Natl Cancer Inst 22:719; of risk differences Greenland and Robins 1985, Biometrics
41:55). A stratum in which one side is empty compares nothing and has no weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.slices.change import Arms
from evalkit.slices.groups import Groups
from evalkit.stats.distributions import two_sided_z
from evalkit.stats.gap_ends import small_sample
from evalkit.stats.gap_moves import moves_of
from evalkit.stats.gap_sums import mark_compared
from evalkit.stats.resample import Resampled, cluster_bootstrap
from evalkit.stats.simultaneous import critical_value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledGaps:
    """(G,) gaps of one arm, pooled over strata, with pointwise intervals.

    NaN where no stratum compares. `compared` are the strata that do, `rows` the group's rows in them.
    """

    gap: Floats
    low: Floats
    high: Floats
    compared: Ints
    rows: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledMoves:
    """(G,) pooled gaps of both arms and their change.

    `low` and `high` hold for all judged groups at once.
    """

    base_gap: Floats
    candidate_gap: Floats
    change: Floats
    low: Floats
    high: Floats


def pool_gaps(
    values: Floats, by: Groups, strata: Groups, *, reference: int | None = None, confidence: float = 0.95
) -> PooledGaps:
    """Pool the gaps of (n,) independent values over strata.

    Rows of a code below 0 are in no group or stratum. The error is Greenland and Robins': sums of the variances within
    cells.
    """
    shape = (len(strata.names), len(by.names))
    rows = np.flatnonzero((by.codes >= 0) & (strata.codes >= 0))
    cell = strata.codes[rows] * shape[1] + by.codes[rows]
    n, total, square = (
        np.bincount(cell, weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
        for weights in (None, values[rows], values[rows] ** 2)
    )
    across = mark_compared(shape[1], reference=reference).T.astype(np.float64)
    m, facing, squares = n @ across, total @ across, square @ across
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where((n > 0) & (m > 0), n * m / (n + m), 0.0)
        gaps = np.where(weight > 0, total / n - facing / m, 0.0)
        spread = np.where(weight > 0, _variance(n, total, square) / n + _variance(m, facing, squares) / m, 0.0)
        gap = (weight * gaps).sum(axis=0) / weight.sum(axis=0)
        error = np.sqrt((weight**2 * spread).sum(axis=0)) / weight.sum(axis=0)
    half = two_sided_z(confidence) * np.where(error > 0.0, error, np.nan)
    counted = weight > 0
    return PooledGaps(
        gap=gap,
        low=gap - half,
        high=gap + half,
        compared=counted.sum(axis=0).astype(np.int64),
        rows=np.where(counted, n, 0.0).sum(axis=0).astype(np.int64),
    )


def pool_moves(
    arms: Arms,
    by: Groups,
    strata: Groups,
    *,
    clusters: Ints,
    judged: Bools,
    reference: int | None = None,
    confidence: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> PooledMoves:
    """Pool the gaps of both arms and bound their change.

    By a max-T bootstrap of `clusters` (n,) codes 0..C-1. What was not seen to move widens it as it does the plain gap
    (`evalkit.slices.change`).
    """
    count, levels, units = len(by.names), len(strata.names), int(clusters.max()) + 1 if clusters.size else 0
    others = mark_compared(count, reference=reference)
    inside = (by.codes >= 0) & (strata.codes >= 0)
    if not inside.any():
        no = np.full(count, np.nan)
        return PooledMoves(base_gap=no, candidate_gap=no, change=no, low=no, high=no)
    sums = _sums(arms, by.codes, strata.codes, inside, clusters, shape=(units, levels, count))
    drawn = cluster_bootstrap(sums, lambda totals: _moves(totals, others, levels), draws=draws, seed=seed)
    change, base_gap, candidate_gap = np.split(drawn.estimate, 3)
    changes = Resampled(change, drawn.draws[:, :count], drawn.clusters)
    error, z = np.nan_to_num(changes.error, nan=0.0), two_sided_z(confidence)
    plain = sums.reshape(units, 4, levels, count).sum(axis=2)
    seen = moves_of(plain[:, [0, 1, 3]].reshape(units, 3 * count), others, reach=arms.reach, confidence=confidence)
    unseen = seen.unseen if arms.is_paired else np.zeros(count)
    width = np.full(count, np.nan)
    for family in (np.flatnonzero(judged), *(np.array([place]) for place in np.flatnonzero(~judged))):
        if family.size and units > 1:
            part = Resampled(change[family], changes.draws[:, family], drawn.clusters)
            critical = critical_value(part, error[family], confidence=confidence)
            critical = critical if np.isfinite(critical) else z
            own = small_sample(critical, seen.freedom[family]) * error[family]
            width[family] = np.hypot(own, critical / z * unseen[family])
    width = np.where(np.isfinite(change) & (width > 0.0), width, np.nan)
    return PooledMoves(
        base_gap=base_gap, candidate_gap=candidate_gap, change=change, low=change - width, high=change + width
    )


def _variance(n: Floats, total: Floats, square: Floats) -> Floats:
    """Of the rows of a cell; of a single row as of a yes/no that is seen once: none."""
    out: Floats = np.maximum(square - total**2 / n, 0.0) / n
    return out


def _sums(
    arms: Arms, groups: Ints, strata: Ints, inside: Bools, clusters: Ints, *, shape: tuple[int, int, int]
) -> Floats:
    """(C, 4 K G): rows and sum of base, rows and sum of candidate, by cluster, stratum and group."""
    units, levels, count = shape
    parts = []
    for values, counts in ((arms.base, arms.base_counts), (arms.candidate, arms.candidate_counts)):
        rows = np.flatnonzero(counts & inside)
        cell = (clusters[rows] * levels + strata[rows]) * count + groups[rows]
        for weights in (None, values[rows]):
            parts.append(np.bincount(cell, weights, minlength=units * levels * count).reshape(units, levels * count))
    return np.concatenate(parts, axis=1).astype(np.float64)


def _moves(totals: Floats, others: Bools, levels: int) -> Floats:
    """(..., 3 G): change, base gap and candidate gap from (..., 4 K G) totals."""
    across = others.T.astype(np.float64)
    parts = totals.reshape(*totals.shape[:-1], 4, levels, others.shape[0])
    gaps = []
    for n, total in ((parts[..., 0, :, :], parts[..., 1, :, :]), (parts[..., 2, :, :], parts[..., 3, :, :])):
        m = n @ across
        there = (n > 0) & (m > 0)
        weight = np.where(there, n * m / np.where(there, n + m, 1.0), 0.0)
        gap = total / np.where(there, n, 1.0) - (total @ across) / np.where(there, m, 1.0)
        gaps.append((weight * gap).sum(axis=-2) / weight.sum(axis=-2))
    return np.concatenate([gaps[1] - gaps[0], *gaps], axis=-1)
