"""The gate against inherited bias: no group's gap to the rest may grow, for all groups at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.core.verdict import Finding, SliceKey, State
from evalkit.gates import words
from evalkit.gates.finding import escaped, invalid
from evalkit.gates.measured import Bools, Floats, Measured
from evalkit.gates.resolve import MISSING, metric_problem, slice_problem
from evalkit.gates.states import FINE, under_both
from evalkit.gates.view import View
from evalkit.stats.disparity import GapChanges, gap_changes
from evalkit.stats.states import classify
from evalkit.suite.spec import Fairness, SliceSpec

GATE = "fairness"
MIN_N = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """One metric over the groups of one slice; `worst` counts what is missing against the candidate.

    `apart` (G,) are the cases of each group that are in no pair because one arm alone has a value.
    """

    of: Measured
    by: str
    values: tuple[str, ...]
    large: NDArray[np.bool_]
    found: GapChanges
    worst: GapChanges | None
    apart: NDArray[np.int64]
    unknown: int


def judge(
    view: View, gate: Fairness, *, index: int, slices: Sequence[SliceSpec] = (), main: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """One finding a metric and group. `main` are the metrics meant where the gate names none."""
    least = {item.name: item.min_n for item in slices}
    metrics = list(gate.metrics) or list(main)
    if not gate.slices or not metrics:
        why = "the gate names no slice of groups" if not gate.slices else "the suite has no main metric to compare by"
        return (invalid(GATE, ", ".join(metrics) or "*", f"{why}.", index=index),)
    findings: list[Finding] = []
    for metric in metrics:
        problem = metric_problem(view, metric)
        if problem is not None:
            findings.append(invalid(GATE, metric, problem, index=index))
            continue
        for by in gate.slices:
            problem = slice_problem(view, by)
            if problem is not None:
                findings.append(invalid(GATE, metric, problem, index=index))
            else:
                findings += _slice(view, gate, metric, by, index=index, min_n=least.get(by, MIN_N))
    return tuple(findings)


def _slice(view: View, gate: Fairness, metric: str, by: str, *, index: int, min_n: int) -> list[Finding]:
    of = view.measured(metric)
    known = ~view.mask(SliceKey(by=by, value=MISSING)) if MISSING in view.values(by) else view.mask(None)
    values = tuple(value for value in view.values(by) if value != MISSING)
    if len(values) < 2:
        why = f"{by} has a single group ({values[0]}): there is no rest to compare it with."
        return [invalid(GATE, metric, why, index=index)]
    codes = np.full(len(view.comparison.examples), -1, dtype=np.int64)
    for code, value in enumerate(values):
        codes[view.mask(SliceKey(by=by, value=value))] = code
    paired = of.paired & known
    large = np.bincount(codes[paired], minlength=len(values)) >= min_n
    found = _compared(view, of.base, of.candidate, codes, paired, large)
    holes = of.missing & of.judged & known
    worst = None
    if holes.any():
        worst = _compared(view, of.worst_base, of.worst_candidate, codes, of.judged & known, large)
    groups = _Groups(
        of=of,
        by=by,
        values=values,
        large=large,
        found=found,
        worst=worst,
        apart=np.bincount(codes[of.one_sided & known], minlength=len(values)).astype(np.int64),
        unknown=int(np.count_nonzero(~known)),
    )
    return [_finding(view, gate, groups, g, index=index, min_n=min_n) for g in range(len(values))]


def _compared(
    view: View, base: Floats, candidate: Floats, codes: NDArray[np.int64], rows: Bools, large: NDArray[np.bool_]
) -> GapChanges:
    return gap_changes(
        base[rows],
        candidate[rows],
        codes[rows],
        count=large.size,
        clusters=view.clusters[rows],
        judged=large,
        confidence=view.confidence,
        seed=view.seed,
    )


def _finding(view: View, gate: Fairness, groups: _Groups, g: int, *, index: int, min_n: int) -> Finding:
    found, of = groups.found, groups.of
    blank = Finding(
        gate=GATE,
        metric=of.metric,
        slice=SliceKey(by=groups.by, value=groups.values[g]),
        state="TOO_SMALL",
        n=int(found.n[g]),
        n_clusters=found.n_clusters,
        confidence=view.confidence,
        margin=gate.max_change,
        gate_index=index,
    )
    if not groups.large[g]:
        why = f"{words.count(blank.n, 'pair')}{words.where(blank.slice)}, fewer than min_n {min_n}: not judged."
        return dataclasses.replace(blank, because=why)
    if not found.defined[g]:
        why = f"the gap{words.where(blank.slice)} is undefined: there is no rest with pairs, or a single cluster."
        return dataclasses.replace(blank, state="INCONCLUSIVE", because=why)
    complete, flags = _state(found, g, gate)
    state = under_both(complete, _state(groups.worst, g, gate)[0] if groups.worst else None)
    if state != complete:
        flags = ("failed_calls",)
    apart = escaped(blank.n, int(groups.apart[g]), limit=view.policy.max_error_rate) if state in FINE else ""
    if apart:
        state, flags = "INCONCLUSIVE", ("one_sided",)
    turn = 1.0 if of.higher_is_better else -1.0
    ends = sorted((turn * float(found.low[g]), turn * float(found.high[g])))
    finding = dataclasses.replace(
        blank,
        state=state,
        base=turn * float(found.base[g]),
        candidate=turn * float(found.candidate[g]),
        delta=turn * float(found.change[g]),
        low=ends[0],
        high=ends[1],
        method="gap to the rest, cluster bootstrap, max-T over groups",
        flags=flags,
        details=_details(groups, g, gate),
    )
    because = _because(groups, g, gate, finding, apart=apart)
    return dataclasses.replace(finding, because=because)


def _state(found: GapChanges, g: int, gate: Fairness) -> tuple[State, tuple[str, ...]]:
    """The partition on -growth of the gap; with `max_gap` the candidate's own gap as a floor before it.

    A gap beyond max_gap that is not proven to be so leaves it open.
    """
    state, flags = classify(-float(found.growth_high[g]), -float(found.growth_low[g]), gate.max_change)
    if gate.max_gap is None or abs(float(found.candidate[g])) <= gate.max_gap:
        return state, flags
    low, high = float(found.gap_low[g]), float(found.gap_high[g])
    if low > gate.max_gap or high < -gate.max_gap:
        return "FLOOR_FAIL", ("gap",)
    return (state if state == "REGRESSION" else "INCONCLUSIVE"), (*flags, "gap")


def _details(groups: _Groups, g: int, gate: Fairness) -> dict[str, Any]:
    found = groups.found
    out: dict[str, Any] = {
        "growth": float(found.growth[g]),
        "growth_low": float(found.growth_low[g]),
        "growth_high": float(found.growth_high[g]),
        "gap_low": float(found.gap_low[g]),
        "gap_high": float(found.gap_high[g]),
        "max_gap": gate.max_gap,
        "critical": found.critical,
        "groups": int(np.count_nonzero(groups.large & found.defined)),
        "swap_p": found.swap_p,
        "without_group": groups.unknown,
        "higher_is_better": groups.of.higher_is_better,
        "binary": groups.of.binary,
    }
    if groups.worst is not None:
        out |= {"worst_growth_low": float(groups.worst.growth_low[g]), "worst_growth": float(groups.worst.growth[g])}
    return out


def _because(groups: _Groups, g: int, gate: Fairness, finding: Finding, *, apart: str) -> str:
    share, found = groups.of.binary, groups.found
    turn = 1.0 if groups.of.higher_is_better else -1.0
    base, candidate = turn * float(found.base[g]), turn * float(found.candidate[g])
    grown = words.change(float(found.growth[g]), share=share)
    span = words.between(float(found.growth_low[g]), float(found.growth_high[g]), share=share)
    text = (
        f"{groups.of.metric} of {groups.by}={groups.values[g]} less the rest went from "
        f"{words.change(base, share=share)} to {words.change(candidate, share=share)}; its size changed by {grown} "
        f"({words.level(finding.confidence)} interval over {int(np.count_nonzero(groups.large))} groups {span}, "
        f"n = {finding.n:,})"
    )
    limit = words.size(gate.max_change, share=share)
    if apart:
        return f"{text}: {apart}."
    if "failed_calls" in finding.flags:
        return f"{text}: with failed calls counted against the candidate the verdict would be another."
    if "gap" in finding.flags and finding.state in ("FLOOR_FAIL", "INCONCLUSIVE") and gate.max_gap is not None:
        most = words.size(gate.max_gap, share=share)
        proven = "is proven" if finding.state == "FLOOR_FAIL" else "is seen, though not proven"
        return f"{text}: a gap of more than the {most} allowed {proven}."
    if finding.state == "IMPROVED":
        return f"{text}: the gap is smaller, beyond chance."
    if finding.state == "PASS":
        return f"{text}: a growth of {limit} or more is ruled out."
    if finding.state == "REGRESSION":
        return f"{text}: the gap is proven to have grown, and {limit} or more is not ruled out."
    return f"{text}: a growth of {limit} is not ruled out."
