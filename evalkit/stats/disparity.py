"""How the gap between a group and the rest changed from base to candidate, for all groups at once.

theta_g(m) is the mean of group g minus the mean of all other rows (or of a reference group) under model m. What matters
after fine-tuning is not theta itself but its change, on the same rows and the same resampled clusters in both arms, for
all groups together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.clusters import Clusters, cluster_codes
from evalkit.stats.gap_ends import Widths, widths_of
from evalkit.stats.gap_growth import Growth, change_ends, growth_of
from evalkit.stats.gap_moves import moves_of
from evalkit.stats.gap_sums import gap_sums, kinds_of_rows, mark_compared, resampled_gaps
from evalkit.stats.swap import spread_swap_p

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapChanges:
    """(G,) arrays, one entry a group; intervals hold for all groups together at `confidence`.

    `base` and `candidate` are the signed gaps to the rest (or to the reference), `change` is candidate - base with
    [`low`, `high`], and `gap_low`, `gap_high` bound the candidate's gap. `growth` is |candidate gap| - |base gap|:
    positive where the group ended up farther away, on whichever side; `growth_low` above 0 proves it. `away` marks gaps
    that moved away from level beyond chance. `loss` is the growth at the group's expense: its lower end accuses, its
    upper end acquits (`gap_growth`). `gained` is the change of the group's own mean. `plain` and `unseen` are the parts
    of the change's half width: what resampling shows, and what nobody saw move. `few` are the clusters, or the degrees
    of freedom where the other side has fewer, that an entry stands on. Where `defined` is false (the group or what it
    is compared with is empty, or there is one cluster) entries are 0 and intervals infinite. `swap_p` is the two-sided
    p-value of "the arms are exchangeable" for the change of the largest gap between groups.
    """

    n: Ints
    n_clusters: int
    base: Floats
    candidate: Floats
    change: Floats
    low: Floats
    high: Floats
    growth: Floats
    growth_low: Floats
    growth_high: Floats
    loss: Floats
    loss_low: Floats
    loss_high: Floats
    gap_low: Floats
    gap_high: Floats
    gained: Floats
    plain: Floats
    unseen: Floats
    few: Floats
    away: Bools
    defined: Bools
    critical: float
    swap_p: float
    confidence: float


def gap_changes(
    base: Floats,
    candidate: Floats,
    groups: Ints,
    *,
    count: int,
    clusters: Clusters | None = None,
    judged: Bools | None = None,
    reference: int | None = None,
    reach: float | None = None,
    confidence: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> GapChanges:
    """Compare the gaps of (n,) paired scores; `groups` (n,) holds codes 0..count-1.

    Whole clusters are resampled (a template, a counterfactual family; rows alone by default), the same in both arms.
    Intervals are simultaneous (max-T) over the groups `judged` (all of them by default). Gaps are those to all other
    groups, or to the group `reference`, whose own gap is that to all others. `reach` is how far one score can move: the
    width of its scale; 1 for scores within 0 and 1 and else the range that was seen by default.
    """
    codes, c = cluster_codes(clusters if clusters is not None else np.arange(base.size))
    sums = gap_sums(base, candidate, groups, codes, count=count, clusters=c)
    others = mark_compared(count, reference=reference)
    kinds = kinds_of_rows(base, candidate, groups, count=count) if c == base.size else None
    drawn = resampled_gaps(sums, kinds, others=others, draws=draws, seed=seed)
    change, before, after = np.split(drawn.estimate, 3)
    defined = np.isfinite(change) & (c > 1)
    wanted = defined if judged is None else defined & judged
    moves = moves_of(sums, others, reach=reach or _reach(base, candidate), confidence=confidence)
    widths = widths_of(drawn, moves, wanted, confidence=confidence, seed=seed)
    ends = change_ends(change, widths)
    grown = growth_of(before, after, ends, widths, wanted, confidence=confidence)

    totals = [np.bincount(groups, weights=weights, minlength=count) for weights in (None, candidate - base)]
    return GapChanges(
        n=totals[0].astype(np.int64),
        n_clusters=c,
        **_figures_shown(defined, change, before, after, ends, grown, widths),
        gained=totals[1] / np.maximum(totals[0], 1),
        plain=widths.plain,
        unseen=widths.unseen,
        few=moves.freedom + 1.0,
        away=grown.away & defined,
        defined=defined,
        critical=widths.critical,
        swap_p=spread_swap_p(*(block[:, wanted] for block in np.split(sums, 3, axis=1)), draws=draws, seed=seed),
        confidence=confidence,
    )


def _figures_shown(
    defined: Bools,
    change: Floats,
    before: Floats,
    after: Floats,
    ends: tuple[Floats, Floats],
    grown: Growth,
    widths: Widths,
) -> dict[str, Floats]:
    """The figures of every group; where a gap is not defined they are 0, and their ends say nothing."""

    def blank_undefined(values: Floats, otherwise: float = 0.0) -> Floats:
        return np.where(defined, values, otherwise)

    return {
        "base": blank_undefined(before),
        "candidate": blank_undefined(after),
        "change": blank_undefined(change),
        "low": blank_undefined(ends[0], -np.inf),
        "high": blank_undefined(ends[1], np.inf),
        "growth": blank_undefined(grown.size),
        "growth_low": blank_undefined(grown.size_ends[0], -np.inf),
        "growth_high": blank_undefined(grown.size_ends[1], np.inf),
        "loss": blank_undefined(grown.loss),
        "loss_low": blank_undefined(grown.loss_ends[0], -np.inf),
        "loss_high": blank_undefined(grown.loss_ends[1], np.inf),
        "gap_low": blank_undefined(after - widths.gap, -np.inf),
        "gap_high": blank_undefined(after + widths.gap, np.inf),
    }


def _reach(base: Floats, candidate: Floats) -> float:
    """How far one row can move: 1 for rates, else the range that was seen."""
    if base.size == 0:
        return 1.0
    low = float(min(base.min(), candidate.min()))
    high = float(max(base.max(), candidate.max()))
    return 1.0 if low >= 0.0 and high <= 1.0 else (high - low or abs(high) or 1.0)
