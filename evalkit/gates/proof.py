"""What an interval within the margin proves: PASS only where an exact argument allows it at so few cases."""

from __future__ import annotations

import math

from evalkit.core.verdict import State
from evalkit.gates import words
from evalkit.gates.states import FINE
from evalkit.gates.view import Cell
from evalkit.stats.exact import fewest_gains, proves_margin, unchanged_pairs
from evalkit.stats.paired import PairedResult
from evalkit.stats.states import classify

TOO_FEW, NOTHING_CHANGED = "too_few", "nothing_changed"


def judge_interval(result: PairedResult | None, margin: float) -> tuple[State, tuple[str, ...]]:
    """Judge one interval by what so few cases can prove.

    It returns the partition of the interval; what has no interval cannot tell.

    A good state is INCONCLUSIVE (`too_few`) where the chance to prove the margin though it is just missed would exceed
    its share; so is a bad one where so few changes go one way by chance more often than that, and a gain of so few is a
    PASS at most. Where nothing changed at
    all it is a PASS (`nothing_changed`) from that n on, whatever the interval says.
    """
    if result is None or result.low is None or result.high is None:
        return "INCONCLUSIVE", ()
    state, flags = classify(result.low, result.high, margin, mde=result.mde)
    alpha = (1.0 - result.confidence) / 2.0
    if state == "INCONCLUSIVE" and _is_still(result) and result.n_clusters >= least_unchanged(result, margin):
        return "PASS", ("equivalent", NOTHING_CHANGED)
    if state == "REGRESSION" and is_luck(result):
        return "INCONCLUSIVE", (TOO_FEW,)
    if state in FINE and not _is_proven(result, margin, improved=state == "IMPROVED", alpha=alpha):
        return "INCONCLUSIVE", (TOO_FEW,)
    if state == "IMPROVED" and is_luck(result):
        return "PASS", ()
    return state, flags


def is_luck(result: PairedResult) -> bool:
    """Return whether as many changes go one way by chance too often.

    That is in more than (1 - confidence) / 2 of runs: 5 changes do in 3 %, 6 in 1.6 %.
    """
    return bool(0.5 ** _count_changed(result) > (1.0 - result.confidence) / 2.0)


def least_unchanged(result: PairedResult, margin: float) -> int:
    """Return the fewest units that prove the margin if not one changes.

    Units are clusters, or cases that stand alone.
    """
    share = margin / result.reach if result.reach else margin
    return unchanged_pairs(share, alpha=(1.0 - result.confidence) / 2.0)


def enough(result: PairedResult | None, margin: float) -> int | None:
    """Return how many cases prove the margin if nothing changes.

    They are clustered as these are; they are more than there are.
    """
    if result is None:
        return None
    still = math.ceil(least_unchanged(result, margin) * result.n / result.n_clusters - 1e-9)
    return max(still, result.n_needed or 0, result.n + 1)


def too_few_because(cell: Cell, margin: float) -> str:
    """Say why a good-looking interval proves nothing yet.

    Says also from how many cases on one could.
    """
    result, share = cell.result, cell.of.share
    if result is None:
        return ""
    if result.delta is not None and result.delta < 0.0 and result.high is not None and result.high < 0.0:
        changed = words.count(_count_changed(result), "change")
        return (
            f"{changed} all one way would come by chance in more than {50.0 * (1.0 - result.confidence):.3g}% of runs"
        )
    least = least_unchanged(result, margin)
    what = "case" if result.n_clusters == result.n else "cluster"
    told = (
        f"{words.count(result.n_clusters, what)} of this kind would look as good in more than "
        f"{100 * (1.0 - result.confidence) / 2.0:.3g}% of runs though the change were that large"
    )
    if result.n_clusters < least:
        size = words.size(margin, share=share, unit=cell.of.unit)
        told += f"; without a single change {words.count(least, what)} are needed for {size}"
    return told


def _count_changed(result: PairedResult) -> int:
    """How many units tell of a side: the pairs that differ where they are counted, else all of them.

    If none of a candidate's changes were its own, all of so few would go one way with the chance 0.5 to this power.
    """
    if result.method == "tango" and result.fixed is not None and result.broken is not None:
        return (result.fixed + result.broken) // (result.n // result.n_clusters)
    return result.n_clusters


def _is_still(result: PairedResult) -> bool:
    return result.discordance == 0.0 and result.scale_known


def _is_proven(result: PairedResult, margin: float, *, improved: bool, alpha: float) -> bool:
    units = result.n_clusters
    if result.method == "tango" and result.fixed is not None and result.broken is not None:
        rows = result.n // units
        return proves_margin(units, result.fixed // rows, result.broken // rows, margin=margin, alpha=alpha)
    if improved:
        return units >= fewest_gains(margin / result.reach if result.reach else margin, alpha=alpha)
    return units >= least_unchanged(result, margin)
