"""Comparing two arms example by example: the one function that gates, slices and reports ask."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.core.errors import DataError, UsageError
from evalkit.stats.arms import Scale, arm_interval, scale_of
from evalkit.stats.choice import MethodChoice, choose_paired
from evalkit.stats.clusters import Clusters, ClusterSums, Ints, cluster_codes
from evalkit.stats.prospect import prospect
from evalkit.stats.result import PairedResult, compare_nothing

__all__ = ["PairedResult", "compare_paired"]

Floats = NDArray[np.float64]


def compare_paired(
    base: ArrayLike,
    candidate: ArrayLike,
    *,
    clusters: Clusters | None = None,
    confidence: float = 0.95,
    margin: float | None = None,
    binary: bool | None = None,
    scale: tuple[float, float] | None = None,
    counted: tuple[float, float] | None = None,
    seed: int = 0,
    mid_p: bool = False,
) -> PairedResult:
    """Compare (n,) scores of the base with those of the candidate.

    Row i is the same example in both.

    Repeats are averaged by the caller, so that the example is the unit. `clusters` names the independent unit of every
    row. `binary` None decides from the values: all 0 or 1. `scale` is the lowest and the highest value that the metric
    can take, None where only the values seen say it; `counted` are then values that it is counted on to take though
    none was seen. The method chooses itself and says why:

    - yes/no, independent: Tango's score interval, exact McNemar (`mid_p` for the mid-p one);
    - graded, independent: BCa bootstrap below 300 examples or while skewed, then paired t; sign-flip or t for p; where
      hardly anything moves, or fewer than 10 do, a score interval on the metric's bounds;
    - yes/no or with a `scale`, in clusters: leave-one-cluster-out error, t of G-1 or, of unequal clusters, fewer
      degrees of freedom; graded ones without a scale as above, on the means of clusters of one size;
    - with a known scale never narrower than what units that did not change may hide (`stats.unseen`); of graded
      clusters as far as their rows move together (`stats.together`).

    Raises UsageError for a confidence or margin out of range, DataError for arms that do not match or are not finite.
    """
    x, y = _check(base, candidate, clusters)
    if x.size == 0:
        _check_options(confidence, margin, None)
        return compare_nothing(confidence)
    limits = scale_of(x, y, scale, counted)
    _check_options(confidence, margin, limits)
    # zeros and ones of a longer scale (all answers of a 0..100 metric at its end) are no yes and no
    yes_no = binary is not False and limits.reach <= 1.0 and _is_binary(x, y)
    pairs = _pair(x, y, clusters, yes_no=yes_no)
    known = scale is not None or pairs.yes_no
    arms = (pairs.d, pairs.sums, pairs.codes)
    choice = choose_paired(*arms, yes_no=pairs.yes_no, reach=limits.reach, known=known, mid_p=mid_p, seed=seed)
    averaged = "repeats averaged within the example; " if binary and not pairs.yes_no else ""
    return replace(
        _result(pairs, choice, limits, confidence=confidence, margin=margin, prefix=averaged), scale_known=known
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Both arms, their differences, and the clusters of rows (None where every row stands alone)."""

    base: Floats
    candidate: Floats
    d: Floats
    codes: Ints | None
    groups: int
    sums: ClusterSums | None
    yes_no: bool


def _pair(x: Floats, y: Floats, clusters: Clusters | None, *, yes_no: bool) -> _Pairs:
    # differences of equal steps must be equal numbers, or ties are not seen as ties
    d = np.round(y - x, 12)
    codes, groups = cluster_codes(clusters) if clusters is not None else (None, x.size)
    if codes is None or groups == x.size:
        return _Pairs(x, y, d, None, x.size, None, yes_no)
    return _Pairs(x, y, d, codes, groups, ClusterSums.of(d, codes, groups), yes_no)


def _result(
    pairs: _Pairs, choice: MethodChoice, scale: Scale, *, confidence: float, margin: float | None, prefix: str
) -> PairedResult:
    x, y, d, yes_no = pairs.base, pairs.candidate, pairs.d, pairs.yes_no
    delta = float(y.mean() - x.mean())
    low, high = choice.curve.interval(confidence)
    low, high = max(min(low, delta), -scale.reach), min(max(high, delta), scale.reach)
    outlook = prospect(d, pairs.sums, yes_no=yes_no, interval=(low, high), confidence=confidence, reach=scale.reach)
    arms = [
        arm_interval(arm, pairs.codes, pairs.groups, yes_no=yes_no, bounds=scale.bounds, confidence=confidence)
        for arm in (x, y)
    ]
    return PairedResult(
        n=x.size,
        n_clusters=pairs.groups,
        base=float(x.mean()),
        candidate=float(y.mean()),
        delta=delta,
        low=low,
        high=high,
        confidence=confidence,
        fixed=int(np.count_nonzero(d > 0.0)) if yes_no else None,
        broken=int(np.count_nonzero(d < 0.0)) if yes_no else None,
        p=choice.p,
        p_worse=choice.p_worse,
        p_noninferior=None if margin is None else choice.curve.p_at_most(-margin),
        method=choice.method,
        reason=prefix + choice.reason,
        mde=outlook.mde,
        discordance=float(np.count_nonzero(d)) / x.size,
        n_effective=outlook.n_effective,
        n_needed=None if margin is None else outlook.examples_for(margin),
        base_interval=arms[0],
        candidate_interval=arms[1],
        reach=scale.reach,
    )


def _check(base: ArrayLike, candidate: ArrayLike, clusters: Clusters | None) -> tuple[Floats, Floats]:
    x, y = np.asarray(base, dtype=np.float64), np.asarray(candidate, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise DataError(f"two arms of the same examples are needed, not shapes {x.shape} and {y.shape}")
    if clusters is not None and len(clusters) != x.size:
        raise DataError(f"{len(clusters)} cluster names for {x.size} examples")
    bad = int(np.count_nonzero(~(np.isfinite(x) & np.isfinite(y))))
    if bad:
        raise DataError(f"{bad} of {x.size} pairs hold a number that is not finite; leave pairs without a score out")
    return x, y


def _check_options(confidence: float, margin: float | None, scale: Scale | None) -> None:
    if not 0.5 < confidence < 1.0:
        raise UsageError(f"confidence must lie between 0.5 and 1, not {confidence}")
    if margin is not None and not 0.0 < margin < math.inf:
        raise UsageError(f"a margin must be greater than 0, not {margin}")
    if margin is not None and scale is not None and scale.is_rate and margin > 1.0:
        raise UsageError(f"a margin of {margin:g} on a metric from 0 to 1 can never fail; it must be at most 1")


def _is_binary(x: Floats, y: Floats) -> bool:
    return bool((((x == 0.0) | (x == 1.0)) & ((y == 0.0) | (y == 1.0))).all())
