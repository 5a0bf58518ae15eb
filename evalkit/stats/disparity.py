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
from evalkit.stats.gap_sums import gap_sums, kinds_of_rows, resampled_gaps
from evalkit.stats.resample import Resampled
from evalkit.stats.score import no_change_reach
from evalkit.stats.simultaneous import max_t
from evalkit.stats.swap import spread_swap_p

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapChanges:
    """(G,) arrays, one entry a group; intervals hold for all groups together at `confidence`.

    `base` and `candidate` are the signed gaps to the rest, `change` is candidate - base with [`low`, `high`], and
    `gap_low`, `gap_high` bound the candidate's gap. `growth` is |candidate gap| - |base gap|: positive where the group
    ended up farther from the rest, on whichever side; see `_growth` for what its ends claim. Where `defined` is false
    (the group or the rest is empty, or there is one cluster) entries are 0 and intervals infinite. `swap_p` is the
    two-sided p-value of "the arms are exchangeable" for the change of the largest gap between groups.
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
    Intervals are estimate -+ critical * error, `critical` being the max-T quantile over the groups `judged` (all of
    them by default), with two corrections for small samples: errors grow by sqrt(C / (C - 1)) and t(C - 1) / z, and by
    what nobody has seen move yet, z^2 / (C + z^2), as in the score interval of a proportion.
    """
    codes, c = cluster_codes(clusters if clusters is not None else np.arange(base.size))
    sums = gap_sums(base, candidate, groups, codes, count=count, clusters=c)
    kinds = kinds_of_rows(base, candidate, groups, count=count) if c == base.size else None
    drawn = resampled_gaps(sums, kinds, count=count, draws=draws, seed=seed)
    change, before, after = (drawn.estimate[i * count : (i + 1) * count] for i in range(3))
    defined = np.isfinite(change) & (c > 1)
    wanted = defined if judged is None else defined & judged
    widths = _Widths.of(drawn, sums, wanted, confidence=confidence, reach=_reach(base, candidate))
    ends = widths.around(defined, before, after)
    growth, growth_low, growth_high = _growth(before, after, ends)
    return GapChanges(
        n=np.bincount(groups, minlength=count).astype(np.int64),
        n_clusters=c,
        base=np.where(defined, before, 0.0),
        candidate=np.where(defined, after, 0.0),
        change=np.where(defined, change, 0.0),
        low=ends["change"][0],
        high=ends["change"][1],
        growth=np.where(defined, growth, 0.0),
        growth_low=np.where(defined, growth_low, -np.inf),
        growth_high=np.where(defined, growth_high, np.inf),
        gap_low=ends["gap"][0],
        gap_high=ends["gap"][1],
        defined=defined,
        critical=widths.critical,
        swap_p=spread_swap_p(*(block[:, wanted] for block in np.split(sums, 3, axis=1)), draws=draws, seed=seed),
        confidence=confidence,
    )


def _growth(before: Floats, after: Floats, ends: dict[str, tuple[Floats, Floats]]) -> tuple[Floats, Floats, Floats]:
    """|after| - |before| with a lower end that accuses and an upper end that acquits.

    The upper end is proven: the most that |gap + change| - |gap| can be for any base gap and change within their joint
    intervals, and never more than the largest change in size. It knows that a gap seen on one side may truly stand on
    the other. The lower end, where the gap was seen to grow, is that of the change towards the side where the group
    now stands: what is proven is that the change is no chance, its side is what these rows show.
    """
    growth = np.abs(after) - np.abs(before)
    low, high = ends["change"]
    with np.errstate(invalid="ignore"):
        corners = [np.abs(gap + shift) - np.abs(gap) for gap in ends["joint_base"] for shift in ends["joint_change"]]
    most = np.minimum(np.maximum.reduce(corners), np.maximum(np.abs(low), np.abs(high)))
    towards = np.where(after - before < 0.0, -high, low)
    fallen = -np.maximum(np.abs(low), np.abs(high))
    least = np.where(growth > 0.0, np.minimum(towards, growth), np.minimum(fallen, growth))
    return growth, least, np.maximum(most, growth)


@dataclass(frozen=True, slots=True)
class _Widths:
    """Half widths (G,) of the simultaneous intervals: by families of their own, and of change and base gap jointly."""

    change: Floats
    gap: Floats
    joint_change: Floats
    joint_base: Floats
    critical: float

    @classmethod
    def of(
        cls, drawn: Resampled, sums: Floats, wanted: NDArray[np.bool_], *, confidence: float, reach: float
    ) -> _Widths:
        count, c = wanted.size, drawn.clusters
        z = two_sided_z(confidence)
        small = math.sqrt(c / (c - 1)) * t_quantile(0.5 + confidence / 2.0, c - 1) / z if c > 1 else 1.0
        unseen = _unseen(sums, count, confidence=confidence, reach=reach) / z
        sampled = np.nan_to_num(drawn.error, nan=0.0).reshape(3, count)
        errors = [np.hypot(small * row, unseen) for row in sampled]

        def critical(*blocks: int) -> float:
            places = np.concatenate([block * count + np.flatnonzero(wanted) for block in blocks])
            part = Resampled(drawn.estimate[places], drawn.draws[:, places], c)
            found = max_t(part, confidence=confidence).critical
            return found if math.isfinite(found) else z

        own, joint = critical(0), critical(0, 1)
        return cls(own * errors[0], critical(2) * errors[2], joint * errors[0], joint * errors[1], own)

    def around(self, defined: NDArray[np.bool_], before: Floats, after: Floats) -> dict[str, tuple[Floats, Floats]]:
        """The intervals by name; infinite where a gap is not defined."""
        centres = {
            "change": (after - before, self.change),
            "gap": (after, self.gap),
            "joint_change": (after - before, self.joint_change),
            "joint_base": (before, self.joint_base),
        }
        return {
            name: (np.where(defined, centre - width, -np.inf), np.where(defined, centre + width, np.inf))
            for name, (centre, width) in centres.items()
        }


def _reach(base: Floats, candidate: Floats) -> float:
    """How far one row can move: 1 for rates, else the range that was seen."""
    if base.size == 0:
        return 1.0
    low = float(min(base.min(), candidate.min()))
    high = float(max(base.max(), candidate.max()))
    return 1.0 if low >= 0.0 and high <= 1.0 else (high - low or abs(high) or 1.0)


def _unseen(sums: Floats, count: int, *, confidence: float, reach: float) -> Floats:
    """(G,) what may still move in the clusters of the group, and in those of the rest that hold none of it.

    The latter count by the share of the rest's rows that they hold.
    """
    rows = sums[:, :count]
    others = rows.sum(axis=1, keepdims=True) - rows
    here, apart = (rows > 0.0).sum(axis=0), ((rows == 0.0) & (others > 0.0)).sum(axis=0)
    share = np.where(rows == 0.0, others, 0.0).sum(axis=0) / np.maximum(others.sum(axis=0), 1.0)

    def bound(clusters: int) -> float:
        return no_change_reach(clusters, reach=reach, confidence=confidence) if clusters else 0.0

    return np.array([math.hypot(bound(int(here[g])), share[g] * bound(int(apart[g]))) for g in range(count)])
