"""How the gap between a group and the rest changed from base to candidate, for all groups at once.

theta_g(m) is the mean of group g minus the mean of all other rows under model m. What matters after fine-tuning is
not theta itself but its change, on the same rows and the same resampled clusters in both arms, for all groups together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.clusters import Clusters, cluster_codes
from evalkit.stats.distributions import t_quantile, two_sided_z
from evalkit.stats.resample import Resampled, cluster_bootstrap
from evalkit.stats.score import no_change_reach
from evalkit.stats.simultaneous import max_t

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapChanges:
    """(G,) arrays, one entry a group; intervals hold for all groups together at `confidence`.

    `base` and `candidate` are the signed gaps to the rest, `change` is candidate - base. `growth` is
    |candidate gap| - |base gap|: positive where the group ended up farther from the rest, on whichever side.
    `gap_low` and `gap_high` bound the candidate's gap. Where `defined` is false (the group or the rest is empty, or
    there is one cluster) the entries are 0 and the intervals infinite. `swap_p` is the two-sided p-value of "the arms
    are exchangeable" for the change of the largest gap between groups, by swapping the arms of whole clusters.
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
    gap_low: Floats
    gap_high: Floats
    defined: NDArray[np.bool_]
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
    judged: NDArray[np.bool_] | None = None,
    confidence: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> GapChanges:
    """Compare the gaps of (n,) paired scores; `groups` (n,) holds codes 0..count-1.

    Whole clusters are resampled (a template, a counterfactual family; rows alone by default), the same in both arms.
    The interval is estimate -+ critical * error, `critical` being the max-T quantile over the groups `judged` (all of
    them by default), with two corrections for small samples: errors grow by sqrt(C / (C - 1)) and t(C - 1) / z, and by
    what nobody has seen move yet, z^2 / (C + z^2), as in the score interval of a proportion.
    """
    codes, c = cluster_codes(clusters if clusters is not None else np.arange(base.size))
    sums = _sums(base, candidate, groups, codes, count, c)
    n = np.bincount(groups, minlength=count).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        before, after = _gaps(sums.sum(axis=0), count)
    defined = np.isfinite(before) & np.isfinite(after) & (c > 1)
    sign_before, sign_after = np.where(before < 0.0, -1.0, 1.0), np.where(after < 0.0, -1.0, 1.0)
    # a gap of exactly 0 has no side: it grows to whichever side the other arm stands on
    sign_before = np.where(before == 0.0, sign_after, sign_before)
    sign_after = np.where(after == 0.0, sign_before, sign_after)

    def statistic(totals: Floats) -> Floats:
        b, a = _gaps(totals, count)
        return np.concatenate([sign_after * a - sign_before * b, a - b, a], axis=-1)

    drawn = cluster_bootstrap(sums, statistic, draws=draws, seed=seed)
    wanted = defined if judged is None else defined & judged
    z = two_sided_z(confidence)
    small = math.sqrt(c / (c - 1)) * t_quantile(0.5 + confidence / 2.0, c - 1) / z if c > 1 else math.inf
    unseen = _unseen(sums, count, confidence=confidence, reach=_reach(base, candidate))
    growth = max_t(_part(drawn, 0, wanted), confidence=confidence)
    gap = max_t(_part(drawn, 2, wanted), confidence=confidence)
    critical = growth.critical if math.isfinite(growth.critical) else z
    reach = _half_width(drawn, 0, critical, small=small, unseen=unseen, z=z)
    change_reach = np.where(
        sign_before == sign_after, reach, _half_width(drawn, 1, critical, small=small, unseen=unseen, z=z)
    )
    gap_critical = gap.critical if math.isfinite(gap.critical) else z
    gap_reach = _half_width(drawn, 2, gap_critical, small=small, unseen=unseen, z=z)
    change, grown = after - before, sign_after * after - sign_before * before

    def around(centre: Floats, width: Floats) -> tuple[Floats, Floats]:
        return np.where(defined, centre - width, -np.inf), np.where(defined, centre + width, np.inf)

    low, high = around(change, change_reach)
    growth_low, growth_high = around(grown, reach)
    gap_low, gap_high = around(after, gap_reach)
    return GapChanges(
        n=n,
        n_clusters=c,
        base=np.where(defined, before, 0.0),
        candidate=np.where(defined, after, 0.0),
        change=np.where(defined, change, 0.0),
        low=low,
        high=high,
        growth=np.where(defined, grown, 0.0),
        growth_low=growth_low,
        growth_high=growth_high,
        gap_low=gap_low,
        gap_high=gap_high,
        defined=defined,
        critical=critical,
        swap_p=_swap_p(sums, count, wanted, draws=draws, seed=seed),
        confidence=confidence,
    )


def _sums(base: Floats, candidate: Floats, groups: Ints, codes: Ints, count: int, clusters: int) -> Floats:
    """(C, 3 G): rows, sum of base, sum of candidate, by cluster and group."""
    cell = codes * count + groups
    size = clusters * count
    parts = [np.bincount(cell, weights=w, minlength=size).reshape(clusters, count) for w in (None, base, candidate)]
    return np.concatenate(parts, axis=1).astype(np.float64)


def _gaps(totals: Floats, count: int) -> tuple[Floats, Floats]:
    """(..., G) gaps of both arms from (..., 3 G) totals; NaN where the group or the rest is empty."""
    n, one, two = totals[..., :count], totals[..., count : 2 * count], totals[..., 2 * count :]
    rest = n.sum(axis=-1, keepdims=True) - n
    gaps = [s / n - (s.sum(axis=-1, keepdims=True) - s) / rest for s in (one, two)]
    return gaps[0], gaps[1]


def _part(drawn: Resampled, block: int, wanted: NDArray[np.bool_]) -> Resampled:
    """One block of the statistics, for the wanted groups only."""
    size = wanted.size
    estimate = drawn.estimate[block * size : (block + 1) * size]
    return Resampled(estimate[wanted], drawn.draws[:, block * size : (block + 1) * size][:, wanted], drawn.clusters)


def _half_width(drawn: Resampled, block: int, critical: float, *, small: float, unseen: Floats, z: float) -> Floats:
    size = unseen.size
    error = drawn.error[block * size : (block + 1) * size]
    sampled = np.where(np.isfinite(error), error, 0.0) * small
    out: Floats = critical * np.hypot(sampled, unseen / z)
    return out


def _reach(base: Floats, candidate: Floats) -> float:
    """How far one row can move: 1 for rates, else the range that was seen."""
    if base.size == 0:
        return 1.0
    low = float(min(base.min(), candidate.min()))
    high = float(max(base.max(), candidate.max()))
    return 1.0 if low >= 0.0 and high <= 1.0 else (high - low or abs(high) or 1.0)


def _unseen(sums: Floats, count: int, *, confidence: float, reach: float) -> Floats:
    """(G,) what may still move in the clusters of the group, and in those that hold only the rest."""
    here = sums[:, :count] > 0.0
    rest = (sums[:, :count].sum(axis=1, keepdims=True) - sums[:, :count] > 0.0) & ~here

    def bound(clusters: int) -> float:
        return no_change_reach(clusters, reach=reach, confidence=confidence) if clusters else 0.0

    return np.array([math.hypot(bound(int(here[:, g].sum())), bound(int(rest[:, g].sum()))) for g in range(count)])


def _swap_p(sums: Floats, count: int, wanted: NDArray[np.bool_], *, draws: int, seed: int) -> float:
    """Chance of so large a change of (largest - smallest group mean) if each cluster's arms could be swapped."""
    if np.count_nonzero(wanted) < 2:
        return 1.0
    n = sums[:, :count].sum(axis=0)[wanted]
    one, two = sums[:, count : 2 * count][:, wanted], sums[:, 2 * count :][:, wanted]
    middle, half = (one + two).sum(axis=0) / 2.0, (two - one) / 2.0
    rng = np.random.default_rng(seed)

    def change(shift: Floats) -> Floats:
        spread = [np.ptp((middle + side * shift) / n, axis=-1) for side in (1.0, -1.0)]
        out: Floats = np.abs(spread[0] - spread[1])
        return out

    observed = float(change(half.sum(axis=0)))
    reached = done = 0
    block = max(1, 1_000_000 // sums.shape[0])
    while done < draws:
        size = min(block, draws - done)
        signs = rng.integers(0, 2, (size, sums.shape[0])) * 2.0 - 1.0
        reached += int(np.count_nonzero(change(signs @ half) >= observed - 1e-12))
        done += size
    return (reached + 1) / (draws + 1)
