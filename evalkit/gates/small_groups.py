"""A group below min_n that fell away: too small for its gap to be judged, and too plain to be passed over."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from evalkit.core.verdict import Finding, SliceKey
from evalkit.gates import words
from evalkit.gates.group_gaps import GroupGaps
from evalkit.gates.undecided import LOOKS_WORSE
from evalkit.gates.view import View


def judge_small(view: View, groups: GroupGaps, g: int, draft: Finding, told: str) -> Finding:
    """Return the finding of a group below min_n.

    It is TOO_SMALL, and flagged where it fell by the margin more than all others did; then INCONCLUSIVE where an exact
    sign test (units are clusters, Bonferroni over groups) proves that it fell.
    """
    of, inside = groups.of, view.mask(SliceKey(by=groups.by, value=groups.values[g]))
    mine, rest = of.paired & inside, of.paired & ~inside
    change = of.candidate - of.base
    if not mine.any() or not rest.any():
        return replace(draft, because=told)
    moved = np.bincount(view.clusters[mine], weights=change[mine])
    down, up = int(np.count_nonzero(moved < 0.0)), int(np.count_nonzero(moved > 0.0))
    ways = sum(math.comb(down + up, k) for k in range(down, down + up + 1))
    chance = ways / 2 ** (down + up)
    behind = float(change[rest].mean() - change[mine].mean())
    size = words.size(behind, share=of.share, unit=of.unit)
    if behind < (draft.margin or 0.0) or not down:
        return replace(draft, because=told)
    if chance > (1.0 - view.confidence) / 2.0 / len(groups.values):
        fell = told.removesuffix("not judged.") + f"not judged, and not proven worse, though it looks worse ({down:,} "
        return replace(draft, flags=(LOOKS_WORSE,), because=f"{fell}fell, {up:,} rose, {size} more than all others).")
    because = (
        f"{told.removesuffix(': not judged.')}; but it is proven worse ({down:,} fell, {up:,} rose, p = {chance:.2g})"
    )
    because += f", by {size} more than all others: its gap needs more cases to be judged, and is not passed over."
    return replace(draft, state="INCONCLUSIVE", because=because)
