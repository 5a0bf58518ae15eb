"""Who lost: from the changes of all gaps of one slice to the state of every group.

A group is accused where it is proven to have fallen behind and its gap is seen to have grown at its own expense. One
that stands better because another fell is not; but a lead that grew beyond the margin is no PASS while nobody else is
found to have fallen behind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.verdict import State
from evalkit.stats.disparity import GapChanges
from evalkit.stats.states import classify

FEW = 60
"""Below so many clusters effects that are rare or skewed can hide, and the finding says so"""

AHEAD, REVERSED, NO_GROUP_WORSE, GAP, FEW_CLUSTERS = "ahead", "reversed", "no_group_worse", "gap", "few_clusters"


@dataclass(frozen=True, slots=True)
class GroupState:
    """The state of one group, and its flags."""

    state: State
    flags: tuple[str, ...]


def group_states(
    found: GapChanges, judged: NDArray[np.bool_], *, margin: float, max_gap: float | None
) -> tuple[GroupState, ...]:
    """Return one state a group; only those `judged` (G,) count as fallen behind."""
    fallen = found.defined & judged & (found.loss_low > 0.0) & (found.loss_high >= margin)
    # small groups that are not judged are groups as well
    unharmed = bool((found.gained[found.n > 0] >= -1e-12).all())
    return tuple(
        _with_gap(found, g, _state(found, g, margin, fallen=bool(fallen.any()), unharmed=unharmed), max_gap)
        for g in range(judged.size)
    )


def _state(found: GapChanges, g: int, margin: float, *, fallen: bool, unharmed: bool) -> GroupState:
    state: State
    state, flags = classify(-float(found.loss_high[g]), -float(found.loss_low[g]), margin)
    told: list[str] = list(flags)
    grown = bool(found.away[g])
    if state == "IMPROVED" and not float(found.growth_high[g]) < 0.0:
        state = "PASS"
    if float(found.low[g]) > 0.0 and float(found.growth[g]) > 0.0 and float(found.growth_high[g]) >= margin:
        told.append(AHEAD)
        # a lead that grew beyond chance is somebody's loss
        state = "INCONCLUSIVE" if grown and not fallen else "PASS"
    if has_changed_sides(found, g, margin) and not float(found.growth_low[g]) > 0.0:
        told.append(REVERSED)
        if state in ("PASS", "IMPROVED"):  # who led and lags now has lost, though the gap is no larger
            state = "INCONCLUSIVE" if float(found.candidate[g]) < 0.0 else "PASS"
    if unharmed and (state == "REGRESSION" or AHEAD in told):
        told.append(NO_GROUP_WORSE)
    if float(found.few[g]) < FEW and state != "INCONCLUSIVE":
        told.append(FEW_CLUSTERS)
    return GroupState(state, tuple(told))


def has_changed_sides(found: GapChanges, g: int, margin: float) -> bool:
    """Return whether a gap changed sides.

    It did by a change beyond chance and of the margin at least, a quarter of which lies on either side.
    """
    base, candidate, change = (abs(float(of[g])) for of in (found.base, found.candidate, found.change))
    apart = float(found.base[g]) * float(found.candidate[g]) < 0.0 and not found.low[g] <= 0.0 <= found.high[g]
    return apart and change >= margin and min(base, candidate) >= change / 4.0


def _with_gap(found: GapChanges, g: int, judged: GroupState, max_gap: float | None) -> GroupState:
    """With `max_gap` the candidate's own gap is a floor before the change; one beyond it, not proven so, is open."""
    if max_gap is None or abs(float(found.candidate[g])) <= max_gap:
        return judged
    if float(found.gap_low[g]) > max_gap or float(found.gap_high[g]) < -max_gap:
        return GroupState("FLOOR_FAIL", (GAP,))
    return GroupState("REGRESSION" if judged.state == "REGRESSION" else "INCONCLUSIVE", (*judged.flags, GAP))
