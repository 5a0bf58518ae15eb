"""How the gaps between groups moved from base to candidate, for many metrics of one tag in one resampling.

Per cluster and group the sums of both arms are additive, so all draws of all metrics are one matrix product; an arm may
have its own denominator (precision: what this arm selected). Intervals are simultaneous over the groups of a metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evalkit.slices.groups import Groups
from evalkit.stats.distributions import two_sided_z
from evalkit.stats.gap_ends import small_sample
from evalkit.stats.gap_moves import moves_of, size_of_move
from evalkit.stats.gap_sums import mark_compared
from evalkit.stats.resample import Resampled, cluster_bootstrap
from evalkit.stats.simultaneous import critical_value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BY_DRAWS = "cluster bootstrap, max-T over groups"
BY_ROWS = "standard errors of independent rows, Sidak over groups"

_MANY = 2_000
"""From so many independent rows on nothing is resampled: the errors of means are known"""
_CELLS = 20_000_000
"""Metrics are resampled together up to so many sums"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """One metric's (n,) values in both arms, and which rows count.

    What does not count is never read.
    """

    base: Floats
    candidate: Floats
    base_counts: Bools
    candidate_counts: Bools

    @property
    def is_paired(self) -> bool:
        """Whether the same rows count in both arms."""
        return bool((self.base_counts == self.candidate_counts).all())

    @property
    def reach(self) -> float:
        """How far one row can move.

        1 for shares, else the range that was seen.
        """
        seen = np.concatenate([self.base[self.base_counts], self.candidate[self.candidate_counts]])
        low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
        return 1.0 if low >= 0.0 and high <= 1.0 else high - low or abs(high)


@dataclass(frozen=True, slots=True)
class GapMoves:
    """(G,) arrays of one metric; NaN where undefined.

    `low` and `high` hold for all judged groups at once.

    They count in what nobody has seen move yet, so that groups in which nothing moved are not taken for still.
    """

    base: Floats
    candidate: Floats
    base_gap: Floats
    candidate_gap: Floats
    change: Floats
    low: Floats
    high: Floats
    method: str = ""

    def of(self, places: Sequence[int]) -> GapMoves:
        """Return the moves of some of the groups."""
        rows = np.asarray(places, dtype=np.int64)
        return replace(self, **{name: getattr(self, name)[rows] for name in _FIGURES})


def gap_moves(
    metrics: Sequence[Arms],
    by: Groups,
    *,
    clusters: Ints,
    judged: Sequence[Bools],
    reference: int | None = None,
    confidence: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> list[GapMoves]:
    """Return one `GapMoves` per metric.

    `clusters` (n,) are codes 0..C-1; rows of a code below 0 in `by.codes` are in no group.

    The gap is that to all other groups, or to the group `reference`, whose own gap is that to all others. Groups that
    are not `judged` (G,) have an interval of their own and are in no family.
    """
    count, units = len(by.names), int(clusters.max()) + 1 if clusters.size else 0
    inside = by.codes >= 0
    if not metrics or not inside.any():
        no = np.full(count, np.nan)
        return [GapMoves(no, no, no, no, no, no, no) for _ in metrics]
    others = mark_compared(count, reference=reference)
    alone = units == inside.size > _MANY
    drawn: list[_Spread | None] = [
        _of_rows(arms, by.codes, inside, others, confidence) if alone and arms.is_paired else None for arms in metrics
    ]
    rest = [place for place, found in enumerate(drawn) if found is None]
    size = max(1, _CELLS // (4 * count * units))
    for some in (rest[at : at + size] for at in range(0, len(rest), size)):
        sums = [_sums(metrics[place], by.codes, inside, clusters, count=count, units=units) for place in some]
        for place, found in zip(some, _resample(sums, others, draws=draws, seed=seed), strict=True):
            drawn[place] = found.with_unseen(metrics[place], others, confidence=confidence)
    return [
        _moves(found, large, others, confidence=confidence)
        for found, large in zip(drawn, judged, strict=True)
        if found is not None
    ]


_FIGURES = ("base", "candidate", "base_gap", "candidate_gap", "change", "low", "high")


def _sums(arms: Arms, codes: Ints, inside: Bools, clusters: Ints, *, count: int, units: int) -> Floats:
    """(C, 4 G): rows and sum of base, rows and sum of candidate, by cluster and group."""
    parts = []
    for values, counts in ((arms.base, arms.base_counts), (arms.candidate, arms.candidate_counts)):
        rows = np.flatnonzero(counts & inside)
        cell = clusters[rows] * count + codes[rows]
        for weights in (None, values[rows]):
            parts.append(np.bincount(cell, weights, minlength=units * count).reshape(units, count))
    return np.concatenate(parts, axis=1).astype(np.float64)


def _figures(totals: Floats, others: Bools) -> tuple[Floats, Floats, Floats, Floats]:
    """(..., G) figures and gaps of both arms from (..., 4 G) totals; NaN where 0 / 0."""
    across, out = others.T.astype(np.float64), []
    parts = np.split(totals, 4, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        for n, total in (parts[:2], parts[2:]):
            own = total / n
            out += [own, own - (total @ across) / (n @ across)]
    return out[0], out[1], out[2], out[3]


def _changes(totals: Floats, others: Bools) -> Floats:
    """(..., M G) changes of the gaps from (..., 4 M G) totals."""
    width, changes = 4 * others.shape[0], []
    for at in range(0, totals.shape[-1], width):
        _, before, _, after = _figures(totals[..., at : at + width], others)
        changes.append(after - before)
    return np.concatenate(changes, axis=-1)


@dataclass(frozen=True, slots=True)
class _Spread:
    """How sure the changes of G gaps are: (4 G) `totals`, (G,) errors, what was not seen, degrees of freedom.

    `draws` are None for independent rows, whose errors are known without resampling.
    """

    totals: Floats
    error: Floats
    unseen: Floats
    freedom: Floats
    units: int
    draws: Resampled | None = None
    sums: Floats | None = None

    def with_unseen(self, arms: Arms, others: Bools, *, confidence: float) -> _Spread:
        """Where the arms count different rows (precision) nothing pairs: a bootstrap's own width has to do."""
        assert self.sums is not None
        n, one, _, two = np.split(self.sums, 4, axis=1)
        if not arms.is_paired:
            spare = np.maximum((n > 0.0).sum(axis=0) - 1.0, 1.0)
            return replace(self, unseen=np.zeros(spare.size), freedom=spare, sums=None)
        sums = np.concatenate([n, one, two], axis=1)
        moves = moves_of(sums, others, reach=arms.reach, confidence=confidence)
        return replace(self, unseen=moves.unseen, freedom=moves.freedom, sums=None)

    def critical(self, family: Ints, *, confidence: float) -> float:
        """By max-T over the family; for independent rows by Sidak's, which needs no draws and is hardly wider."""
        z = two_sided_z(confidence ** (1.0 / family.size))
        if self.draws is None:
            return z
        part = Resampled(self.draws.estimate[family], self.draws.draws[:, family], self.draws.clusters)
        found = critical_value(part, self.error[family], confidence=confidence)
        return found if np.isfinite(found) else z


def _resample(sums: Sequence[Floats], others: Bools, *, draws: int, seed: int) -> list[_Spread]:
    """The changes of several metrics in the same draws."""
    count = others.shape[0]
    together = cluster_bootstrap(
        np.concatenate(sums, axis=1), lambda totals: _changes(totals, others), draws=draws, seed=seed
    )
    nothing, out = np.zeros(count), []
    for at, mine in enumerate(sums):
        part = slice(at * count, (at + 1) * count)
        one = Resampled(together.estimate[part], together.draws[:, part], together.clusters)
        error = np.nan_to_num(one.error, nan=0.0)
        out.append(_Spread(mine.sum(axis=0), error, nothing, nothing, together.clusters, one, mine))
    return out


def _of_rows(arms: Arms, codes: Ints, inside: Bools, others: Bools, confidence: float) -> _Spread:
    """Many independent rows: the errors are those of two means, and the moves are counted (`moves_of`, rows alone)."""
    count, rows = others.shape[0], np.flatnonzero(arms.base_counts & inside)
    own, shift = codes[rows], arms.candidate[rows] - arms.base[rows]
    n, one, two, total, square, moved = (
        np.bincount(own, weights, minlength=count).astype(np.float64)
        for weights in (None, arms.base[rows], arms.candidate[rows], shift, shift**2, np.abs(shift) > 1e-12)
    )
    near = _Side(n, total, square, moved)
    far = _Side(*(others.astype(np.float64) @ part for part in (n, total, square, moved)))
    reach, z = arms.reach, two_sided_z(confidence)
    variances = near.variance, far.variance
    both = np.stack([side.variance**2 / np.maximum(side.n - 1.0, 1.0) for side in (near, far)]).sum(axis=0)
    freedom = np.where(both > 0.0, sum(variances) ** 2 / np.where(both > 0.0, both, 1.0), np.maximum(n - 1.0, 1.0))
    return _Spread(
        np.concatenate([n, one, n, two]),
        np.sqrt(variances[0] + variances[1]),
        np.hypot(near.unseen(z, reach), far.unseen(z, reach)),
        np.where((n < 2.0) | (far.n == 1.0), 1.0, freedom),
        rows.size,
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """(G,) of one side of a gap: rows, the sum and the sum of squares of their shifts, how many moved."""

    n: Floats
    total: Floats
    square: Floats
    moved: Floats

    @property
    def variance(self) -> Floats:
        """Of the mean shift."""
        n = np.maximum(self.n, 1.0)
        out: Floats = np.maximum(self.square - self.total**2 / n, 0.0) / n**2
        return out

    def unseen(self, z: float, reach: float) -> Floats:
        """The rule of three of a score interval times the size of a move."""
        typical = np.sqrt(self.square / np.maximum(self.moved, 1.0))
        out: Floats = size_of_move(typical, self.moved, reach=reach) * z * z / (self.n + z * z)
        return out


def _moves(of: _Spread, judged: Bools, others: Bools, *, confidence: float) -> GapMoves:
    base, base_gap, candidate, candidate_gap = _figures(of.totals, others)
    change = candidate_gap - base_gap
    width = np.full(change.size, np.nan)
    z = two_sided_z(confidence)
    judged = judged & (of.totals[: change.size] > 0.0)
    families = [np.flatnonzero(judged), *(np.array([place]) for place in np.flatnonzero(~judged))]
    for family in families:
        if family.size and of.units > 1:
            critical = of.critical(family, confidence=confidence)
            plain = small_sample(critical, of.freedom[family]) * of.error[family]
            width[family] = np.hypot(plain, critical / z * of.unseen[family])
    width = np.where(np.isfinite(change) & (width > 0.0), width, np.nan)
    return GapMoves(
        base=base,
        candidate=candidate,
        base_gap=base_gap,
        candidate_gap=candidate_gap,
        change=change,
        low=change - width,
        high=change + width,
        method=BY_ROWS if of.draws is None else BY_DRAWS,
    )
