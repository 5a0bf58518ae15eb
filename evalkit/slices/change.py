"""How the gaps between groups moved from base to candidate, for many metrics of one tag in one resampling.

Per cluster and group the sums of both arms are additive, so all draws of all metrics are one matrix product; an arm may
have its own denominator (precision: what this arm selected). Intervals are simultaneous over the groups of a metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.slices.groups import Groups
from evalkit.stats.distributions import two_sided_z
from evalkit.stats.gap_ends import small_sample
from evalkit.stats.gap_moves import moves_of
from evalkit.stats.gap_sums import facing, kinds_of_rows, resampled_gaps
from evalkit.stats.resample import Resampled, cluster_bootstrap
from evalkit.stats.simultaneous import critical_value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_MANY = 2_000
"""From so many independent rows on the bootstrap draws kinds of rows, which is exact and costs no row"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """(n,) values of one metric in both arms, and which rows count in each; what does not count is never read."""

    base: Floats
    candidate: Floats
    base_counts: Bools
    candidate_counts: Bools

    @property
    def is_paired(self) -> bool:
        """Whether the same rows count in both arms."""
        return bool((self.base_counts == self.candidate_counts).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class GapMoves:
    """(G,) arrays of one metric; NaN where undefined. `low` and `high` hold for all judged groups at once.

    They count in what nobody has seen move yet, so that groups in which nothing moved are not taken for still.
    """

    base: Floats
    candidate: Floats
    base_gap: Floats
    candidate_gap: Floats
    change: Floats
    low: Floats
    high: Floats

    def of(self, places: Sequence[int]) -> GapMoves:
        """The same of some groups."""
        rows = np.asarray(places, dtype=np.int64)
        return GapMoves(**{name: getattr(self, name)[rows] for name in _FIGURES})


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
    """One `GapMoves` a metric; `clusters` (n,) are codes 0..C-1, rows of a code below 0 in `by.codes` are in no group.

    The gap is that to all other groups, or to the group `reference`, whose own gap is that to all others. Groups that
    are not `judged` (G,) have an interval of their own and are in no family.
    """
    count, units = len(by.names), int(clusters.max()) + 1 if clusters.size else 0
    inside = by.codes >= 0
    if not metrics or not inside.any():
        nothing = np.full(count, np.nan)
        return [GapMoves(**dict.fromkeys(_FIGURES, nothing)) for _ in metrics]
    others = facing(count, reference=reference)
    sums = [_sums(arms, by.codes, inside, clusters, count=count, units=units) for arms in metrics]
    drawn: list[Resampled | None] = [None for _ in metrics]
    if units == inside.size and units > _MANY:
        drawn = [_by_kinds(arms, by.codes, inside, others, draws=draws, seed=seed) for arms in metrics]
    rest = [place for place, found in enumerate(drawn) if found is None]
    if rest:
        together = cluster_bootstrap(
            np.concatenate([sums[place] for place in rest], axis=1),
            lambda totals: _changes(totals, others),
            draws=draws,
            seed=seed,
        )
        for at, place in enumerate(rest):
            part = slice(at * count, (at + 1) * count)
            drawn[place] = Resampled(together.estimate[part], together.draws[:, part], together.clusters)
    return [
        _moves(total, found, arms, large, others, confidence=confidence)
        for total, found, arms, large in zip(sums, drawn, metrics, judged, strict=True)
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


def _by_kinds(arms: Arms, codes: Ints, inside: Bools, others: Bools, *, draws: int, seed: int) -> Resampled | None:
    """Independent rows that count in both arms or in neither, drawn by kind; None where hardly any two are alike."""
    count, rows = others.shape[0], np.flatnonzero(arms.base_counts & inside)
    if not arms.is_paired or not rows.size:
        return None
    kinds = kinds_of_rows(arms.base[rows], arms.candidate[rows], codes[rows], count=count)
    if kinds is None:
        return None
    drawn = resampled_gaps(np.empty((0, 3 * count)), kinds, others=others, draws=draws, seed=seed)
    return Resampled(drawn.estimate[:count], drawn.draws[:, :count], drawn.clusters)


def _moves(sums: Floats, drawn: Resampled, arms: Arms, judged: Bools, others: Bools, *, confidence: float) -> GapMoves:
    base, base_gap, candidate, candidate_gap = _figures(sums.sum(axis=0), others)
    change, error = candidate_gap - base_gap, np.nan_to_num(drawn.error, nan=0.0)
    width = np.full(change.size, np.nan)
    unseen, freedom = _unseen(sums, arms, others, confidence=confidence)
    z = two_sided_z(confidence)
    families = [np.flatnonzero(judged), *(np.array([place]) for place in np.flatnonzero(~judged))]
    for family in families:
        if family.size and drawn.clusters > 1:
            part = Resampled(drawn.estimate[family], drawn.draws[:, family], drawn.clusters)
            critical = critical_value(part, error[family], confidence=confidence)
            critical = critical if np.isfinite(critical) else z
            plain = small_sample(critical, freedom[family]) * error[family]
            width[family] = np.hypot(plain, critical / z * unseen[family])
    width = np.where(np.isfinite(change) & (width > 0.0), width, np.nan)
    return GapMoves(
        base=base,
        candidate=candidate,
        base_gap=base_gap,
        candidate_gap=candidate_gap,
        change=change,
        low=change - width,
        high=change + width,
    )


def _unseen(sums: Floats, arms: Arms, others: Bools, *, confidence: float) -> tuple[Floats, Floats]:
    """(G,) how far a gap might still move by what nobody saw move, and the degrees of freedom of its error.

    Where the arms count different rows (precision) nothing pairs, and a bootstrap's own width has to do.
    """
    n, one, _, two = np.split(sums, 4, axis=1)
    if not arms.is_paired:
        spare = np.maximum((n > 0.0).sum(axis=0) - 1.0, 1.0)
        return np.zeros(spare.size), spare
    seen = np.concatenate([arms.base[arms.base_counts], arms.candidate[arms.candidate_counts]])
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    reach = 1.0 if low >= 0.0 and high <= 1.0 else high - low or abs(high)
    moves = moves_of(np.concatenate([n, one, two], axis=1), others, reach=reach, confidence=confidence)
    return moves.unseen, moves.freedom
