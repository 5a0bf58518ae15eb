"""The gate against inherited bias: no group's gap to the rest may grow, for all groups at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from evalkit.core.blocks import STATE_TONES, Bar, Bars, Block
from evalkit.core.verdict import Estimate, Finding, GateWords, SliceKey, State
from evalkit.gates import faults, words
from evalkit.gates.expected import Expected, Forecast, draft_forecast
from evalkit.gates.finding import escaped, invalid, with_figures
from evalkit.gates.gate import Gate, GateContext, Part
from evalkit.gates.measured import Bools, Floats, Measured
from evalkit.gates.resolve import MISSING, metric_problem, slice_problem
from evalkit.gates.states import FINE, under_both
from evalkit.gates.view import View
from evalkit.stats.disparity import GapChanges, gap_changes
from evalkit.stats.planning import smallest_detectable
from evalkit.stats.score import no_change_reach
from evalkit.stats.states import classify
from evalkit.suite.gate_spec import Keys
from evalkit.suite.shape import Margin, Name

_BETWEEN = "a gap lies between groups, and no case is fixed or broken by it"
_BY_INTERVAL = "a gap is judged by its interval over all groups at once, not by a test"
_NOT_ESTIMATED = "not estimated for a gap between groups"
_NOTE = (
    "A fairness row shows how a group's gap moved: neither side is better, a gap can grow in both directions, so its "
    "margin is dashed on both."
)
_PLOT_NOTE = (
    "Neither side is better: a group's gap can grow in both directions, so the margin is dashed on both. Whether "
    "it grew says the colour, and the finding."
)


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


class Fairness(Gate):
    """No group's gap to the rest may grow by more than `max_change`; simultaneous over groups."""

    words: ClassVar[GateWords] = GateWords(
        figures="gap ",
        either=True,
        note=_NOTE,
        missing={
            **dict.fromkeys(("fixed", "broken"), _BETWEEN),
            **dict.fromkeys(("p", "p_adjusted"), _BY_INTERVAL),
            **dict.fromkeys(("mde", "n_needed"), _NOT_ESTIMATED),
        },
        faults={"REGRESSION": faults.GAP_GREW, "FLOOR_FAIL": faults.GAP_TOO_WIDE},
    )

    type: Literal["fairness"]
    slices: list[Name]
    """The tags that tell the groups"""
    metrics: list[Name] = []
    """Default: every main metric of the suite"""
    max_change: Margin = 0.05
    """How much a group's gap to the rest may grow"""
    max_gap: Margin | None = None
    """How large a gap may be at all"""

    def problems(self) -> Iterator[tuple[str, Keys]]:
        """It needs groups."""
        if not self.slices:
            yield "a fairness gate needs the tags of its groups in `slices`", ("slices",)

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """One finding a metric and group; without `metrics` every main metric of the suite counts."""
        view, metrics = context.view, list(self.metrics) or list(context.main)
        if not self.slices or not metrics:
            lacks = "the suite has no main metric to compare by" if self.slices else "the gate names no slice of groups"
            return (context.invalid(", ".join(metrics) or "*", f"{lacks}."),)
        findings: list[Finding] = []
        for metric in metrics:
            problem = metric_problem(view, metric)
            if problem is not None:
                findings.append(context.invalid(metric, problem))
                continue
            for by in self.slices:
                problem = slice_problem(view, by)
                if problem is not None:
                    findings.append(context.invalid(metric, problem))
                else:
                    findings += _slice(view, self, metric, by, index=context.index, min_n=context.min_n(by))
        return findings

    def forecast(self, ask: Expected, index: int) -> Sequence[Forecast]:
        """One a metric and slice."""
        metrics = list(self.metrics) or list(ask.spec.scorers)
        return [_forecast(ask, self, index, metric, by) for metric in metrics for by in self.slices]

    def parts(self, levels: Mapping[str, Sequence[str]]) -> Sequence[Part]:
        """One test a slice: its groups are judged at once."""
        return [Part(by=by) for by in self.slices]

    @classmethod
    def sections(cls, findings: Sequence[Finding]) -> Sequence[tuple[str, Sequence[Block]]]:
        """A forest plot of the groups that have an interval."""
        bars = [
            Bar(
                label=f"{finding.metric} · {f'{key.by} = {key.value}' if key else 'all groups'}",
                value=finding.delta,
                low=finding.low,
                high=finding.high,
                tone=STATE_TONES[finding.state],
                margin=finding.margin,
                either=True,
            )
            for finding in findings
            for key in (finding.slice,)
            if finding.delta is not None and finding.low is not None and finding.high is not None
        ]
        plot = Bars(heading="Change of each group's gap", bars=tuple(bars), unit="pp", note=_PLOT_NOTE)
        return [("Fairness", [plot])] if bars else []


def _slice(view: View, gate: Fairness, metric: str, by: str, *, index: int, min_n: int) -> list[Finding]:
    of = view.measured(metric)
    known = ~view.mask(SliceKey(by=by, value=MISSING)) if MISSING in view.values(by) else view.mask(None)
    values = tuple(value for value in view.values(by) if value != MISSING)
    if len(values) < 2:
        why = f"{by} has a single group ({values[0]}): there is no rest to compare it with."
        return [invalid(gate.type, metric, why, index=index)]
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
        gate=gate.type,
        estimate=Estimate(
            metric=of.metric,
            slice=SliceKey(by=groups.by, value=groups.values[g]),
            n=int(found.n[g]),
            n_clusters=found.n_clusters,
            confidence=view.confidence,
            higher_is_better=of.higher_is_better,
            binary=of.binary,
        ),
        state="TOO_SMALL",
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
    finding = with_figures(
        blank,
        base=turn * float(found.base[g]),
        candidate=turn * float(found.candidate[g]),
        delta=turn * float(found.change[g]),
        low=ends[0],
        high=ends[1],
        method="gap to the rest, cluster bootstrap, max-T over groups",
    )
    finding = dataclasses.replace(finding, state=state, flags=flags, details=_details(groups, g, gate))
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


def _forecast(ask: Expected, gate: Fairness, index: int, metric: str, by: str) -> Forecast:
    """The smallest group decides: its gap is the hardest to see."""
    least = next((item.min_n for item in ask.spec.slices if item.name == by), 30)
    counts = {value: c for value, c in ask.population(metric).slices.get(by, {}).items() if value != MISSING}
    large = {value: c for value, c in counts.items() if c.n >= least}
    if len(counts) < 2 or not large:
        warning = f"no group of {by} has the {least} cases that min_n asks for, beside another group"
        return dataclasses.replace(draft_forecast(ask, gate.type, index, metric), warning=warning)
    value, count = min(large.items(), key=lambda kv: (kv[1].n, kv[0]))
    key = SliceKey(by=by, value=value)
    draft = draft_forecast(ask, gate.type, index, metric, key)
    rest = max(1, sum(c.n for c in counts.values()) - count.n)
    sure = 1.0 - (1.0 - ask.confidence) / len(large)
    reach = no_change_reach(ask.still(metric, key), confidence=sure)
    warning = ""
    if draft.assumed.binary and reach >= gate.max_change:
        warning = (
            f"cannot pass unless the gap shrinks: even if nothing differs, {draft.cases} of {value} do not rule "
            f"out a growth of {words.size(gate.max_change, share=True)}"
        )
    worth = ask.worth(metric, key) / (1.0 + count.n / rest)
    return dataclasses.replace(
        draft,
        margin=gate.max_change,
        mde=smallest_detectable(worth, spread=draft.assumed.spread, confidence=sure),
        n_needed=ask.needed_of_gap(metric, key, gate.max_change, confidence=sure, noise=1.0 + count.n / rest),
        warning=warning,
    )
