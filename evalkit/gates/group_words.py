"""What a fairness gate says of one group: what its gap did, who lost, and what is not ruled out."""

from __future__ import annotations

import numpy as np

from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.group_gaps import GroupGaps
from evalkit.gates.group_states import AHEAD, FEW_CLUSTERS, GAP, NO_GROUP_WORSE, REVERSED, GroupState
from evalkit.stats.disparity import GapChanges


def sentence(
    groups: GroupGaps, g: int, finding: Finding, *, states: tuple[GroupState, ...], max_gap: float | None, missing: str
) -> str:
    """Write the whole sentence under a finding."""
    text = _figures(groups, g, finding)
    told = missing or _verdict(groups, g, finding, states=states, max_gap=max_gap)
    few = f" ({few_clusters(groups.found, g)})" if FEW_CLUSTERS in finding.flags else ""
    return f"{text}: {told}{few}."


def few_clusters(found: GapChanges, g: int) -> str:
    """Warn of a gap that stands on few clusters."""
    return f"on {float(found.few[g]):.0f} clusters only: rare or skewed effects of whole clusters may not show"


def _figures(groups: GroupGaps, g: int, finding: Finding) -> str:
    share, found = groups.of.share, groups.found
    turn = 1.0 if groups.of.higher_is_better else -1.0
    base, candidate = turn * float(found.base[g]), turn * float(found.candidate[g])
    grown = words.change(float(found.growth[g]), share=share)
    span = words.between(float(found.growth_low[g]), float(found.growth_high[g]), share=share)
    among = words.count(int(np.count_nonzero(groups.large)), "group")
    return (
        f"{groups.of.metric} of {groups.by}={groups.values[g]} less {groups.describe_reference(g)} went from "
        f"{words.change(base, share=share)} to {words.change(candidate, share=share)}; its size changed by {grown} "
        f"({words.level(finding.confidence)} interval over {among} {span}, n = {finding.n:,})"
    )


def _verdict(
    groups: GroupGaps, g: int, finding: Finding, *, states: tuple[GroupState, ...], max_gap: float | None
) -> str:
    share, flags, value = groups.of.share, finding.flags, groups.values[g]
    limit = words.size(finding.margin or 0.0, share=share)
    nobody = "; no group got worse, each one's own mean rose or stayed" if NO_GROUP_WORSE in flags else ""
    if "failed_calls" in flags:
        return "with failed calls counted against the candidate the verdict would be another"
    if GAP in flags and finding.state in ("FLOOR_FAIL", "INCONCLUSIVE") and max_gap is not None:
        proven = "is proven" if finding.state == "FLOOR_FAIL" else "is seen, though not proven"
        return f"a gap of more than the {words.size(max_gap, share=share)} allowed {proven}"
    if finding.state == "REGRESSION":
        return _say_who_fell(groups.found, g, value, limit, reversed_=REVERSED in flags) + nobody
    turned = "the gap changed sides; " if REVERSED in flags else ""
    if AHEAD in flags and finding.state == "PASS":
        fallen = [groups.values[i] for i, other in enumerate(states) if i != g and other.state == "REGRESSION"]
        lost = f"; {words.listing(fallen)} fell behind" if fallen else ""
        return f"{turned}{value} stands better than before, and is not the one that lost{lost}{nobody}"
    if AHEAD in flags:
        sure = float(groups.found.growth_low[g]) > 0.0
        grown = "is proven to have grown" if sure else "is seen to have grown, though not proven so by itself"
        return (
            f"{turned}its lead {grown}; {limit} or more is not ruled out, and no other group by itself is "
            f"proven to have fallen behind: `reference: {value}` compares each of them with it{nobody}"
        )
    ruled = f"a growth of {limit} {'is not' if finding.state == 'INCONCLUSIVE' else 'or more is'} ruled out"
    if REVERSED in flags:
        lost = f"{value} fell behind by that" if float(groups.found.change[g]) < 0.0 else f"{value} gained by that"
        high = float(groups.found.growth_high[g])
        size = f"a growth of {limit} {'or more is' if high < (finding.margin or 0.0) else 'is not'} ruled out"
        grown = "smaller, beyond chance" if high < 0.0 else f"not proven to have grown; {size}"
        return f"the gap changed sides beyond chance ({lost}), and is {grown}"
    return "the gap is smaller, beyond chance" if finding.state == "IMPROVED" else ruled


def _say_who_fell(found: GapChanges, g: int, value: str, limit: str, *, reversed_: bool) -> str:
    """Say what is proven of a group that fell behind: its fall, and mostly the growth of the gap as well."""
    fell = f"{value} is proven to have fallen behind"
    if float(found.growth_low[g]) > 0.0:
        return f"the gap is proven to have grown, and {limit} or more is not ruled out; {fell}"
    if reversed_:
        return f"{fell}; the gap changed sides, that it grew is not proven, and a growth of {limit} is not ruled out"
    return (
        f"{fell}, and the gap is seen to have grown, though not proven so by itself; {limit} or more is not ruled out"
    )
