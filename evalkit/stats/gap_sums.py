"""Sums by cluster and group behind the gaps of `disparity`, and their resamples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.resample import Resampled, cluster_bootstrap

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_KINDS = 2_000
"""Up to so many kinds of rows the bootstrap of independent rows draws kinds instead of rows"""


def gap_sums(base: Floats, candidate: Floats, groups: Ints, codes: Ints, *, count: int, clusters: int) -> Floats:
    """Sum rows, base and candidate by cluster and group: (C, 3 G)."""
    cell = codes * count + groups
    size = clusters * count
    parts = [np.bincount(cell, weights=w, minlength=size).reshape(clusters, count) for w in (None, base, candidate)]
    return np.concatenate(parts, axis=1).astype(np.float64)


def mark_compared(count: int, *, reference: int | None = None) -> Bools:
    """Mark which groups (columns) each group (row) is compared with: (G, G).

    All others, or the one `reference`.

    The reference itself is compared with all others, so that nobody falls behind unseen.
    """
    others = ~np.eye(count, dtype=bool)
    if reference is not None:
        named = np.zeros((count, count), dtype=bool)
        named[:, reference] = True
        named[reference] = others[reference]
        return named
    return others


def _gaps(totals: Floats, others: Bools) -> tuple[Floats, Floats]:
    """(..., G) gaps of both arms from (..., 3 G) totals; NaN where the group or what it faces is empty."""
    n, one, two = np.split(totals, 3, axis=-1)
    across = others.T.astype(np.float64)
    there = n @ across
    gaps = [s / n - (s @ across) / there for s in (one, two)]
    return gaps[0], gaps[1]


@dataclass(frozen=True, slots=True)
class Kinds:
    """Rows that are alike.

    `rows` (U, 3 G) is one of each kind as `gap_sums` writes it, `sizes` (U,) their numbers.
    """

    rows: Floats
    sizes: Ints


def kinds_of_rows(base: Floats, candidate: Floats, groups: Ints, *, count: int) -> Kinds | None:
    """Group independent rows that are alike; None where hardly any are.

    Rows of the same group and scores are exchangeable.

    Kinds stand in the order of their numbers, so that neither the names of groups nor those of the arms change a draw.
    """
    pairs, inverse = np.unique(base + 1j * candidate, return_inverse=True)
    if pairs.size * count > _KINDS or pairs.size * count > base.size:
        return None
    table = np.bincount(inverse.reshape(-1) * count + groups, minlength=pairs.size * count).reshape(pairs.size, count)
    rank = np.lexsort(np.sort(table, axis=1).T)
    table, pairs = table[rank], pairs[rank]
    order = np.lexsort(table)
    pair, place = np.nonzero(table[:, order])
    group = order[place]
    sizes = table[pair, group].astype(np.int64)
    rows = gap_sums(pairs[pair].real, pairs[pair].imag, group, np.arange(sizes.size), count=count, clusters=sizes.size)
    return Kinds(rows, sizes)


def resampled_gaps(sums: Floats, kinds: Kinds | None, *, others: Bools, draws: int, seed: int) -> Resampled:
    """Resample clusters into (3 G) statistics of the gaps.

    They are the change, the base gap and the candidate gap of every group.

    With `kinds` (independent rows) the bootstrap is drawn exactly and at once: how often each kind of row comes up is
    multinomial.
    """

    def statistic(totals: Floats) -> Floats:
        before, after = _gaps(totals, others)
        return np.concatenate([after - before, before, after], axis=-1)

    if kinds is None:
        return cluster_bootstrap(sums, statistic, draws=draws, seed=seed)
    n = int(kinds.sizes.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.random.default_rng(seed).multinomial(n, kinds.sizes / n, draws).astype(np.float64)
        estimate = statistic(kinds.sizes.astype(np.float64) @ kinds.rows)
        return Resampled(estimate, statistic(weights @ kinds.rows), n)
