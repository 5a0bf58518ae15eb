"""What missing answers may hide of a gap: a group that looks fine must do so whatever they were.

Counting all that is missing against the candidate is not the worst for a gap: where the rest loses answers, a group
that fell behind it seems to catch up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evalkit.core.verdict import Finding, SliceKey, State
from evalkit.gates import words
from evalkit.gates.finding import too_many_unpaired
from evalkit.gates.group_gaps import GroupGaps
from evalkit.gates.group_states import group_states
from evalkit.gates.states import FINE
from evalkit.gates.view import View


@dataclass(frozen=True, slots=True)
class Missing:
    """What leaves a group open: the flag of its finding, what it says."""

    flag: str
    told: str


def why_missing_decides(
    view: View, groups: GroupGaps, g: int, draft: Finding, *, max_gap: float | None
) -> Missing | None:
    """Say why a group that looks fine may not be.

    None if it is fine however the missing answers were: against it and for all others, and the other way round.
    """
    apart = too_many_unpaired(draft.n, int(groups.apart[g]), limit=view.policy.max_error_rate)
    if apart:
        return Missing("one_sided", apart)
    if groups.against_or_for is None or _cannot_matter(groups, g, draft.margin or 0.0, max_gap):
        return None
    for favour, side in ((False, "against it and for all others"), (True, "for it and against all others")):
        filled = group_states(
            groups.against_or_for(g, favour), groups.family, margin=draft.margin or 0.0, max_gap=max_gap
        )
        if filled[g].state not in FINE:
            flag = "failed_calls" if bool(np.any(groups.of.missing & groups.of.applies)) else "one_sided"
            what = "failed calls" if flag == "failed_calls" else "cases that one arm alone has a value for"
            return Missing(flag, f"with the {what} counted {side} the verdict would be another")
    return None


def _cannot_matter(groups: GroupGaps, g: int, margin: float, max_gap: float | None) -> bool:
    """Whether so few answers are missing that no value of theirs moves an end to the margin: nothing is resampled."""
    found, of, holes = groups.found, groups.of, groups.holes
    if holes is None or max_gap is not None or float(found.growth_high[g]) >= margin:
        return False
    values = np.concatenate([of.least_base, of.closed_base, of.most_candidate, of.closed_candidate])
    span = float(values.max() - values.min())
    own, others = int(holes[g]), int(holes.sum() - holes[g])
    sizes = groups.sizes[g], groups.sizes.sum() - groups.sizes[g]
    if groups.reference not in (None, g):
        others, sizes = int(holes[groups.reference]), (groups.sizes[g], groups.sizes[groups.reference])
    if not min(sizes):
        return False
    # both gaps may move by all that is missing, and each row of it widens the interval
    moved = 2.0 * (own / sizes[0] + others / sizes[1])
    wider = 2.0 * found.critical * (own**0.5 / sizes[0] + others**0.5 / sizes[1])
    # what is missing of third groups changes the quantile that holds for all
    quantile = 0.25 * float(found.growth_high[g] - found.growth[g])
    return float(found.growth_high[g]) + quantile + span * float(moved + wider) < margin


def judge_too_few_left(view: View, groups: GroupGaps, g: int, draft: Finding) -> Finding:
    """Judge a group that is large enough, but whose answers escaped or failed.

    It is not excused. A group that one arm alone has values for, whatever became of the other's, is not there to be
    compared: INVALID.
    """
    key = SliceKey(by=groups.by, value=groups.values[g])
    size, apart, inside = int(groups.sizes[g]), int(groups.apart[g]), view.mask(key)
    there = [bool((present & inside).any()) for present in (groups.of.base_present, groups.of.candidate_present)]
    failed = bool((groups.of.missing & inside).any())
    told = too_many_unpaired(draft.n, apart, limit=view.policy.max_error_rate)
    if there[0] != there[1] and failed:
        lacking = "candidate" if there[0] else "base"
        told = f"every call of the {lacking} failed or gave no value, so nothing can be compared; ask them again"
    told = told or "the rest of the calls failed, so it cannot be told; ask them again"
    because = (
        f"{groups.of.metric}{words.where(key)}: {words.count(draft.n, 'pair')} of {words.count(size, 'case')} are "
        f"left: {told}."
    )
    state: State = "INVALID" if there[0] != there[1] else "INCONCLUSIVE"
    return replace(draft, state=state, flags=("one_sided" if apart else "failed_calls",), because=because)
