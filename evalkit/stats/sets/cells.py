"""The cells of a confusion: every pair (target, reading) that occurs in one arm, and how often it does by cluster.

All figures are functions of the weights of the cells, so that a bootstrap of clusters is one product of matrices, and
what has not been seen yet is weight that moves from one cell to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.core.sets import SetFigure
from evalkit.stats.resample import draw_weights

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_CELLS_AT_ONCE = 1_000_000
_WIDEST, _LARGEST = 400, 20_000_000
"""Up to how many cells, and numbers in all, clusters are searched for such as are alike"""
_MOST_MOVED = 64
"""Cells that unseen weight is taken from: the heaviest ones"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """U cells of one arm, with their weight by cluster.

    `gold` (U,) and `read` (U,) codes, of sums both (U, D); `members` (T, U), sparse: the weight of one cluster.

    `times` (T,): how many clusters are exactly alike in both arms and stand as one row.
    """

    gold: Floats
    read: Floats
    members: Any
    times: Ints

    @property
    def units(self) -> int:
        """How many clusters there are."""
        return int(self.times.sum())

    @property
    def weights(self) -> Floats:
        """(U,) the weight of every cell: how many cases are in it."""
        return np.asarray(self.members.T @ self.times, dtype=np.float64).ravel()

    def weigh_units(self, counts: Floats) -> Floats:
        """Compute (B, U) weights of drawn clusters.

        The clusters of row t are taken `counts[b, t]` times.
        """
        return np.asarray((self.members.T @ counts.T).T, dtype=np.float64)


def cells_of(gold: Floats, codes: Floats, scored: NDArray[np.bool_], clusters: Ints, count: int) -> Cells:
    """Build the cells of (n,) targets and (n, k) readings.

    Of sums they are (n, D) and (n, k, D).

    An example weighs 1, shared by its scored repeats.

    `clusters` (n,) holds numbers below `count`.
    """
    from scipy.sparse import csr_array

    share = scored / scored.sum(axis=1, keepdims=True).clip(min=1)
    rows, repeats = np.nonzero(scored)
    pairs = np.column_stack([gold[rows], codes[rows, repeats]])
    width = pairs.shape[1] // 2
    found, place = np.unique(pairs, axis=0, return_inverse=True)
    members = csr_array(
        (share[rows, repeats], (clusters[rows], np.asarray(place).ravel())), shape=(count, found.shape[0])
    )
    members.sum_duplicates()
    one, two = (found[:, 0], found[:, 1]) if gold.ndim == 1 else (found[:, :width], found[:, width:])
    return Cells(gold=one, read=two, members=members, times=np.ones(count, dtype=np.intp))


def alike(base: Cells, candidate: Cells) -> tuple[Cells, Cells]:
    """Join clusters that are exactly alike in both arms to one row.

    The cells stay the same; it is done where most clusters are alike.
    """
    units, width = base.times.size, base.gold.shape[0] + candidate.gold.shape[0]
    if width > _WIDEST or units * width > _LARGEST:
        return base, candidate
    whole = np.hstack([base.members.toarray(), candidate.members.toarray()])
    kinds, times = np.unique(whole, axis=0, return_counts=True)
    if kinds.shape[0] * 4 > units:
        return base, candidate
    return (
        replace(base, members=kinds[:, : base.gold.shape[0]], times=times.astype(np.intp)),
        replace(candidate, members=kinds[:, base.gold.shape[0] :], times=times.astype(np.intp)),
    )


def draw_units(times: Ints, *, draws: int, seed: int) -> Iterator[Floats]:
    """Yield blocks of (B, T): how often the clusters of each row are drawn.

    Every draw holds as many clusters as there are.
    """
    if bool((times == 1).all()):
        yield from draw_weights(times.size, draws=draws, seed=seed)
        return
    total = int(times.sum())
    yield np.random.default_rng(seed).multinomial(total, times / total, size=draws).astype(np.float64)


def swap_units(times: Ints, *, draws: int, seed: int) -> Iterator[Floats]:
    """Yield blocks of (B, T): in how many clusters the arms change places.

    One column a row of clusters.
    """
    rng = np.random.default_rng(seed)
    rows = max(1, _CELLS_AT_ONCE // times.size)
    for start in range(0, draws, rows):
        yield rng.binomial(times, 0.5, size=(min(rows, draws - start), times.size)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Moved:
    """R ways in which weight could have moved.

    (V,) codes of more cells, and (R, V) weights.
    """

    gold: Floats
    read: Floats
    weights: Floats


def move_cases(cells: Cells, figure: SetFigure, mass: float, *, worse: bool) -> Moved:
    """Move `mass` cases out of one cell, a row each way.

    They move from right to wrong (`worse`), or from wrong to right.
    """
    weights = cells.weights
    sources = (
        np.flatnonzero((cells.gold == cells.read) == worse) if figure.kind != "labels" else np.arange(weights.size)
    )
    sources = sources[np.argsort(-weights[sources], kind="stable")[: max(_MOST_MOVED, len(figure.labels))]]
    ways = [(int(u), code) for u in sources for code in _targets(cells.gold[u], cells.read[u], figure, worse=worse)]
    gold = np.concatenate([cells.gold, [cells.gold[u] for u, _ in ways]])
    read = np.concatenate([cells.read, [code for _, code in ways]])
    table = np.zeros((len(ways), gold.size))
    table[:, : weights.size] = weights
    for row, (u, _) in enumerate(ways):
        moves = min(mass, float(weights[u]))
        table[row, u] -= moves
        table[row, weights.size + row] = moves
    return Moved(gold, read, table)


def _targets(gold: float, read: float, figure: SetFigure, *, worse: bool) -> list[float]:
    """What a case of this target could be read as instead."""
    many = len(figure.labels)
    if figure.kind == "classes":
        return [float(code) for code in range(many + 1) if code != gold] if worse else [gold]
    if figure.kind == "rating":
        return [end for end in figure.span if end != gold] if worse else [gold]
    all_bits = (1 << (many + 1)) - 1
    had, should = int(read), int(gold)
    differ = had ^ should
    flips = [1 << bit for bit in range(many + 1) if bool(differ >> bit & 1) != worse]
    whole = all_bits ^ should if worse else should
    return [float(code) for code in dict.fromkeys([*(had ^ flip for flip in flips), whole]) if code != had]
