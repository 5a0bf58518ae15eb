"""Choosing interval and test for paired differences, and saying why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.clusters import ClusterSums, Ints
from evalkit.stats.curves import Curve, TangoCurve
from evalkit.stats.discordant import mcnemar
from evalkit.stats.means import Chosen, choose_clustered, choose_mean
from evalkit.stats.permutation import EXACT_UP_TO, sign_flip
from evalkit.stats.together import graded_curve
from evalkit.stats.unseen import clustered_curve, is_still, never_narrower

Floats = NDArray[np.float64]

FLIPS_UP_TO = 40
"""Up to so many units that moved the p-value is a sign-flip test; beyond, the interval's own"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodChoice:
    """The interval's curve, the p-values, the method and its reason.

    `p` is two-sided; `p_worse` is that of H0: not worse.
    """

    curve: Curve
    p: float
    p_worse: float
    method: str
    reason: str


def choose_paired(
    d: Floats,
    sums: ClusterSums | None,
    codes: Ints | None,
    *,
    yes_no: bool,
    reach: float,
    known: bool,
    mid_p: bool,
    seed: int,
) -> MethodChoice:
    """Choose the method for (n,) differences within +-`reach`.

    `sums` are theirs by cluster, (n,) `codes` 0..G-1 the cluster of each; None where rows are independent.

    `known` says that the reach is the metric's own and not only as far as the values seen go.
    """
    units = d if sums is None else (sums.totals / sums.sizes if sums.balanced else sums.totals)
    if yes_no and (sums is None or sums.balanced) and bool(np.isin(units, (-1.0, 0.0, 1.0)).all()):
        return _tango(units, clustered=sums is not None, mid_p=mid_p)
    chosen = _choose(d, sums, None if yes_no else codes, reach=reach, known=known, seed=seed)
    moved = int(np.count_nonzero(units))
    if moved <= FLIPS_UP_TO:
        flips = sign_flip(units, seed=seed)
        p, worse, how = flips.p, flips.worse, "exact sign flips" if moved <= EXACT_UP_TO else "sampled sign flips"
    else:
        worse, better = chosen.curve.p_at_least(0.0), chosen.curve.p_at_most(0.0)
        p, how = min(1.0, 2.0 * min(worse, better)), "the interval's own distribution"
    return MethodChoice(
        curve=chosen.curve, p=p, p_worse=worse, method=chosen.method, reason=f"{chosen.reason}; p from {how}"
    )


def _choose(
    d: Floats, sums: ClusterSums | None, graded: Ints | None, *, reach: float, known: bool, seed: int
) -> Chosen:
    bounds = (-reach, reach)
    if sums is not None and known:
        how = f"{sums.count} clusters: leave-one-cluster-out standard error with t({sums.count - 1})"
        if graded is not None and not is_still(sums, reach=reach):
            why = f"{how}, and what one row more and those that move with it may hide"
            return Chosen(graded_curve(d, graded, sums, reach=reach), "clustered_t", why)
        why = f"{how}, never narrower than what unchanged clusters may hide"
        return Chosen(clustered_curve(sums, reach=reach), "clustered_t", why)
    if sums is not None:
        return choose_clustered(sums, bounds=bounds, seed=seed)
    chosen = choose_mean(d, bounds=bounds, seed=seed)
    if not known:
        return chosen
    why = f"{chosen.reason}; never narrower than with one answer more that loses all"
    return replace(chosen, curve=never_narrower(chosen.curve, d, None, reach=reach), reason=why)


def _tango(units: Floats, *, clustered: bool, mid_p: bool) -> MethodChoice:
    fixed, broken = int(np.count_nonzero(units > 0.0)), int(np.count_nonzero(units < 0.0))
    test = mcnemar(fixed, broken)
    what = "clusters whose rows all agree" if clustered else "independent examples"
    return MethodChoice(
        curve=TangoCurve(units.size, fixed, broken),
        p=test.mid_p if mid_p else test.exact,
        p_worse=test.worse_mid_p if mid_p else test.worse,
        method="tango",
        reason=f"yes/no, {units.size} {what}: Tango's score interval, {'mid-p' if mid_p else 'exact'} McNemar",
    )
