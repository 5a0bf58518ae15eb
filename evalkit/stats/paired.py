"""Comparing two arms example by example: the one function that gates, slices and reports ask."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.core.errors import DataError, UsageError
from evalkit.stats.arms import arm_interval, scale_of
from evalkit.stats.clusters import Clusters, ClusterSums, cluster_codes
from evalkit.stats.curves import TangoCurve
from evalkit.stats.discordant import mcnemar
from evalkit.stats.distributions import normal_quantile, two_sided_z
from evalkit.stats.means import FEW, Chosen, choose_clustered, choose_mean
from evalkit.stats.permutation import EXACT_UP_TO, sign_flip

Floats = NDArray[np.float64]
Interval = tuple[float, float]

FLIPS_UP_TO = 40
"""Up to so many units that moved the p-value is a sign-flip test; beyond, the interval's own"""
POWER = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedResult:
    """Candidate against base over n paired examples; differences are candidate - base, in the metric's own unit.

    What cannot be said is None, and `reason` says why. `low` and `high` hold the two-sided interval of `delta`.
    `fixed` and `broken` count the pairs that went from 0 to 1 and from 1 to 0 (None when graded). `p` is two-sided;
    `p_worse` tests H0: delta >= 0 (small = a regression); `p_noninferior` tests H0: delta <= -margin (small = proven
    within the margin). `discordance` is the share of pairs that differ, `n_effective` what n is worth after
    clustering, `mde` the smallest true drop that this n detects with power 0.8, `n_needed` how many examples would
    prove `margin` with power 0.8 if nothing changed. `base_interval` and `candidate_interval` are each arm's own.
    """

    n: int
    n_clusters: int
    base: float | None
    candidate: float | None
    delta: float | None
    low: float | None
    high: float | None
    confidence: float
    fixed: int | None
    broken: int | None
    p: float | None
    p_worse: float | None
    p_noninferior: float | None
    method: str
    reason: str
    mde: float | None
    discordance: float | None
    n_effective: float | None
    n_needed: int | None
    base_interval: Interval | None
    candidate_interval: Interval | None


def compare_paired(
    base: ArrayLike,
    candidate: ArrayLike,
    *,
    clusters: Clusters | None = None,
    confidence: float = 0.95,
    margin: float | None = None,
    binary: bool | None = None,
    seed: int = 0,
    mid_p: bool = False,
) -> PairedResult:
    """Compare (n,) scores of the base with (n,) scores of the candidate, row i being the same example in both.

    Repeats are averaged by the caller, so that the example is the unit. `clusters` names the independent unit of every
    row. `binary` None decides from the values: all 0 or 1. The method chooses itself and says why:

    - yes/no, independent: Tango's score interval, exact McNemar (`mid_p` for the mid-p one);
    - graded, independent: BCa bootstrap below 300 examples or while skewed, then paired t; sign-flip or t for p;
    - clusters of one size: averaged, and treated as above; of unequal size: leave-one-cluster-out error, t(G-1);
    - hardly anything moves, or fewer than 10 units: a score interval on the metric's bounds.

    Raises UsageError for a confidence or margin out of range, DataError for arms that do not match or are not finite.
    """
    x, y = _checked(base, candidate, clusters)
    _check_options(confidence, margin)
    n = x.size
    if n == 0:
        return _nothing(confidence)
    scale = scale_of(x, y)
    if margin is not None and margin > scale.reach and scale.is_rate:
        raise UsageError(f"a margin of {margin:g} on a metric from 0 to 1 can never fail; it must be at most 1")
    yes_no = _is_binary(x, y) if binary is None else binary and _is_binary(x, y)
    codes, groups = cluster_codes(clusters) if clusters is not None else (None, n)
    if groups == n:
        codes = None
    # differences of equal steps must be equal numbers, or ties are not seen as ties
    d = np.round(y - x, 12)
    sums = ClusterSums.of(d, codes, groups) if codes is not None else None
    fixed = int(np.count_nonzero(d > 0.0)) if yes_no else None
    broken = int(np.count_nonzero(d < 0.0)) if yes_no else None

    chosen, test = _choose(d, sums, yes_no=yes_no, reach=scale.reach, mid_p=mid_p, seed=seed)
    low, high = chosen.curve.interval(confidence)
    delta = float(y.mean() - x.mean())
    low, high = max(min(low, delta), -scale.reach), min(max(high, delta), scale.reach)
    plan = _plan(d, sums, yes_no=yes_no, interval=(low, high), confidence=confidence, reach=scale.reach)
    return PairedResult(
        n=n,
        n_clusters=groups,
        base=float(x.mean()),
        candidate=float(y.mean()),
        delta=delta,
        low=low,
        high=high,
        confidence=confidence,
        fixed=fixed,
        broken=broken,
        p=test[0],
        p_worse=test[1],
        p_noninferior=None if margin is None else chosen.curve.p_at_most(-margin),
        method=chosen.method,
        reason=chosen.reason,
        mde=plan.mde,
        discordance=float(np.count_nonzero(d)) / n,
        n_effective=plan.n_effective,
        n_needed=None if margin is None else math.ceil(plan.needs / margin**2 - 1e-9),
        base_interval=arm_interval(x, codes, groups, yes_no=yes_no, bounds=scale.bounds, confidence=confidence),
        candidate_interval=arm_interval(y, codes, groups, yes_no=yes_no, bounds=scale.bounds, confidence=confidence),
    )


def _choose(
    d: Floats, sums: ClusterSums | None, *, yes_no: bool, reach: float, mid_p: bool, seed: int
) -> tuple[Chosen, tuple[float, float]]:
    """The interval's curve, and the p-values (two-sided, one-sided H0: not worse)."""
    units = d if sums is None else (sums.totals / sums.sizes if sums.balanced else sums.totals)
    if yes_no and (sums is None or sums.balanced) and bool(np.isin(units, (-1.0, 0.0, 1.0)).all()):
        fixed, broken = int(np.count_nonzero(units > 0.0)), int(np.count_nonzero(units < 0.0))
        what = "independent examples" if sums is None else "clusters whose rows all agree"
        reason = f"yes/no, {units.size} {what}: Tango's score interval, {'mid-p' if mid_p else 'exact'} McNemar"
        test = mcnemar(fixed, broken)
        p = (test.mid_p, test.worse_mid_p) if mid_p else (test.exact, test.worse)
        return Chosen(TangoCurve(units.size, fixed, broken), "tango", reason), p
    bounds = (-reach, reach)
    if sums is None:
        chosen = choose_mean(d, bounds=bounds, seed=seed)
    else:
        chosen = choose_clustered(sums, bounds=bounds, seed=seed)
    moved = int(np.count_nonzero(units))
    if moved <= FLIPS_UP_TO:
        flips = sign_flip(units, seed=seed)
        kind = "exact" if moved <= EXACT_UP_TO else "sampled"
        return _also(chosen, f"p by {kind} sign flips"), (flips.p, flips.worse)
    worse = 1.0 - chosen.curve.p_at_most(0.0)
    return _also(chosen, "p of the interval"), (min(1.0, 2.0 * min(worse, 1.0 - worse)), worse)


def _also(chosen: Chosen, what: str) -> Chosen:
    return Chosen(chosen.curve, chosen.method, f"{chosen.reason}; {what}")


@dataclass(frozen=True, slots=True)
class _Plan:
    """`needs` / margin^2 is the n that proves the margin."""

    mde: float
    needs: float
    n_effective: float


def _plan(
    d: Floats, sums: ClusterSums | None, *, yes_no: bool, interval: Interval, confidence: float, reach: float
) -> _Plan:
    """MDE and n from the observed spread; where hardly anything moved, never finer than the interval itself."""
    n = d.size
    n_effective = float(n)
    if sums is not None:
        independent = float(d.std()) / math.sqrt(n)
        clustered = sums.standard_error()
        # without any spread between rows or clusters nothing shows that rows are worth more than their cluster
        known = min(independent, clustered) > 1e-12 * reach
        n_effective = min(float(n), n * (independent / clustered) ** 2) if known else float(sums.count)
    spread = float((d**2).mean()) if yes_no else float(d.var(ddof=1)) if n > 1 else reach**2
    # nothing moved: plan as if one pair had
    spread = max(spread, reach**2 / n)
    z_side, z_power = two_sided_z(confidence), normal_quantile(POWER)
    mde = (z_side + z_power) * math.sqrt(spread / n_effective)
    units = d if sums is None else sums.totals
    if np.count_nonzero(units) < FEW:
        mde = max(mde, 0.5 * (interval[1] - interval[0]) * (1.0 + z_power / z_side))
    needs = (z_side + z_power) ** 2 * spread * n / n_effective
    return _Plan(min(mde, 2.0 * reach), needs, n_effective)


def _checked(base: ArrayLike, candidate: ArrayLike, clusters: Clusters | None) -> tuple[Floats, Floats]:
    x, y = np.asarray(base, dtype=np.float64), np.asarray(candidate, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise DataError(f"two arms of the same examples are needed, not shapes {x.shape} and {y.shape}")
    if clusters is not None and len(clusters) != x.size:
        raise DataError(f"{len(clusters)} cluster names for {x.size} examples")
    bad = int(np.count_nonzero(~(np.isfinite(x) & np.isfinite(y))))
    if bad:
        raise DataError(f"{bad} of {x.size} pairs hold a number that is not finite; leave pairs without a score out")
    return x, y


def _check_options(confidence: float, margin: float | None) -> None:
    if not 0.5 < confidence < 1.0:
        raise UsageError(f"confidence must lie between 0.5 and 1, not {confidence}")
    if margin is not None and not 0.0 < margin < math.inf:
        raise UsageError(f"a margin must be greater than 0, not {margin}")


def _is_binary(x: Floats, y: Floats) -> bool:
    return bool((((x == 0.0) | (x == 1.0)) & ((y == 0.0) | (y == 1.0))).all())


def _nothing(confidence: float) -> PairedResult:
    return PairedResult(
        n=0,
        n_clusters=0,
        base=None,
        candidate=None,
        delta=None,
        low=None,
        high=None,
        confidence=confidence,
        fixed=None,
        broken=None,
        p=None,
        p_worse=None,
        p_noninferior=None,
        method="none",
        reason="nothing to compare: no example has a score in both arms",
        mde=None,
        discordance=None,
        n_effective=None,
        n_needed=None,
        base_interval=None,
        candidate_interval=None,
    )
