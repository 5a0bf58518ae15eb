"""The gate against inherited bias: no group's gap to the rest may grow, for all groups at once."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from evalkit.core.blocks import Bar, Bars, Block
from evalkit.core.errors import did_you_mean
from evalkit.core.tones import STATE_TONES
from evalkit.core.verdict import Estimate, Finding, GateWords, SliceKey
from evalkit.gates import faults, words
from evalkit.gates.expected import Forecast, Outlook
from evalkit.gates.family_gaps import measure_families, no_families
from evalkit.gates.finding import with_figures
from evalkit.gates.gap_forecast import forecast_gap
from evalkit.gates.gate import Gate, GateContext, Part
from evalkit.gates.group_gaps import GroupGaps, measure_groups, too_small, why_not
from evalkit.gates.group_missing import judge_too_few_left, why_missing_decides
from evalkit.gates.group_states import AHEAD, GroupState, group_states
from evalkit.gates.group_words import sentence
from evalkit.gates.look import look_at
from evalkit.gates.nothing_to_lose import NOTHING_TO_LOSE, is_within_worst
from evalkit.gates.resolve import MISSING, metric_problem, slice_problem
from evalkit.gates.small_groups import judge_small
from evalkit.gates.states import FINE, under_both
from evalkit.gates.view import View
from evalkit.stats.disparity import GapChanges
from evalkit.stats.gap_planning import GapWidth
from evalkit.suite.amount import Amount, amount_of
from evalkit.suite.gate_spec import Keys
from evalkit.suite.shape import Name

_BETWEEN = "a gap lies between groups, and no case is fixed or broken by it"
_BY_INTERVAL = "a gap is judged by its interval over all groups at once, not by a test"
_NOTE = (
    "A fairness row shows how a group's gap moved: neither side is better, a gap can grow in both directions, so its "
    "margin is dashed on both."
)
_PLOT_NOTE = (
    "Neither side is better: a group's gap can grow in both directions, so the margin is dashed on both. Whether "
    "it grew, and at whose expense, says the colour, and the finding."
)


class Fairness(Gate):
    """No group's gap may grow by more than `max_change`; simultaneous over groups."""

    words: ClassVar[GateWords] = GateWords(
        figures="gap ",
        either=True,
        note=_NOTE,
        missing={
            **dict.fromkeys(("fixed", "broken"), _BETWEEN),
            **dict.fromkeys(("p", "p_adjusted"), _BY_INTERVAL),
        },
        faults={"REGRESSION": faults.FELL_BEHIND, "FLOOR_FAIL": faults.GAP_TOO_WIDE},
    )

    type: Literal["fairness"]
    slices: list[Name] = []
    """The tags that tell the groups; with `families` by default those of the suite's families"""
    families: bool = False
    """Compare within families alone: the same request told by members of several groups (tag `family`, or `cluster`)"""
    metrics: list[Name] = []
    """Default: every main metric of the suite"""
    max_change: Amount = 0.05
    """How much a group's gap may grow at its expense, in the metric's unit, or a share of the base's value: "5%\""""
    max_gap: Amount | None = None
    """How large a gap may be at all, likewise"""
    reference: Name | None = None
    """The group all others are compared with; default: all other rows"""

    def problems(self) -> Iterator[tuple[str, Keys]]:
        """Yield what is wrong: it needs groups."""
        if not self.slices and not self.families:
            yield "a fairness gate needs the tags of its groups in `slices`", ("slices",)

    def over_families(self, tags: Sequence[str]) -> Fairness:
        """Return the gate with the tags of families where it names none."""
        return self.model_copy(update={"slices": [*tags]}) if self.families and not self.slices else self

    def unknown_values(self, levels: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Keys]]:
        """Yield a reference that no case belongs to."""
        for by in self.slices:
            known = sorted({*levels.get(by, ())} - {MISSING})
            if self.reference is not None and known and self.reference not in known:
                near = did_you_mean(self.reference, known)
                yield f"no row has {by}={self.reference}, the reference{near}", ("reference",)

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding a metric and group; `metrics` defaults to every main one."""
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
                findings += _slice(context, self, metric, by)
        return findings

    def compares_groups(self) -> Mapping[str, str | None]:
        """Return all its slices, with its reference."""
        return dict.fromkeys(self.slices, self.reference)

    def forecast(self, ask: Outlook, index: int) -> Sequence[Forecast]:
        """Return one forecast a metric and slice."""
        metrics = list(self.metrics) or list(ask.spec.scorers)
        how: Any = {"max_change": self.max_change, "reference": self.reference}
        return [forecast_gap(ask, self.type, index, metric, by, **how) for metric in metrics for by in self.slices]

    def parts(self, levels: Mapping[str, Sequence[str]]) -> Sequence[Part]:
        """Return one test a slice: its groups are judged at once."""
        return [Part(by=by) for by in self.slices]

    @classmethod
    def sections(cls, findings: Sequence[Finding]) -> Sequence[tuple[str, Sequence[Block]]]:
        """Return a forest plot of the groups that have an interval."""
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


def _slice(context: GateContext, gate: Fairness, metric: str, by: str) -> list[Finding]:
    view, min_n = context.view, context.min_n(by)
    problem = slice_problem(view, by) or why_not(view, by, gate.reference)
    problem = problem or (no_families(view, by) if gate.families else None)
    if problem is not None:
        return [context.invalid(metric, problem)]
    measure = measure_families if gate.families else measure_groups
    groups = measure(view, metric, by, reference=gate.reference, min_n=min_n)
    change = amount_of(gate.max_change, groups.base)
    most = None if gate.max_gap is None else amount_of(gate.max_gap, groups.base)
    problem = _amount_problem(groups, change, "max_change") or _amount_problem(groups, most, "max_gap")
    if problem is not None:
        return [context.invalid(metric, problem)]
    complete = group_states(groups.found, groups.large, margin=change, max_gap=most)
    worst = group_states(groups.worst, groups.large, margin=change, max_gap=most) if groups.worst else None
    out = []
    for g in range(len(groups.values)):
        draft = _draft(context, groups, g, change)
        small, large = too_small(groups, g, min_n=min_n), groups.reference is None or groups.large[groups.reference]
        if small:
            out.append(judge_small(view, groups, g, draft, small))
        elif not groups.large[g]:
            out.append(judge_too_few_left(view, groups, g, draft))
        elif not large or not groups.found.defined[g]:
            out.append(dataclasses.replace(draft, state="INCONCLUSIVE", because=_why_undefined(groups, g, min_n=min_n)))
        else:
            out.append(_finding(view, groups, g, draft, states=complete, worst=worst, max_gap=most))
    return out


def _amount_problem(groups: GroupGaps, amount: float | None, key: str) -> str | None:
    """Why an amount means nothing for this metric; None if it does, or is not given."""
    if amount is None:
        return None
    if not amount > 0.0:
        return f"{key} is a share of the base's {groups.of.metric}, which is {groups.base:.3g}: write it in its unit"
    if groups.of.binary and amount >= 1.0:
        return (
            f"{key} {amount:g} can never be reached: the gaps of a rate lie within 1; write 0.05 for 5 points, or "
            'a share of the base\'s rate such as "5%"'
        )
    return None


def _why_undefined(groups: GroupGaps, g: int, *, min_n: int) -> str:
    where = words.where(SliceKey(by=groups.by, value=groups.values[g]))
    if groups.reference is not None and not groups.large[groups.reference]:
        n = words.count(int(groups.found.n[groups.reference]), "pair")
        return f"the reference {groups.by}={groups.values[groups.reference]} has {n}, fewer than min_n {min_n}."
    return f"the gap{where} is undefined: there is no rest with pairs, or a single cluster."


def _draft(context: GateContext, groups: GroupGaps, g: int, margin: float) -> Finding:
    return Finding(
        gate=context.gate,
        estimate=Estimate(
            metric=groups.of.metric,
            slice=SliceKey(by=groups.by, value=groups.values[g]),
            n=int(groups.found.n[g]),
            n_clusters=groups.found.n_clusters,
            confidence=context.view.confidence,
            higher_is_better=groups.of.higher_is_better,
            binary=groups.of.binary,
        ),
        state="TOO_SMALL",
        margin=margin,
        gate_index=context.index,
    )


def _finding(
    view: View,
    groups: GroupGaps,
    g: int,
    draft: Finding,
    *,
    states: tuple[GroupState, ...],
    worst: tuple[GroupState, ...] | None,
    max_gap: float | None,
) -> Finding:
    found, of = groups.found, groups.of
    state, flags = under_both(states[g].state, worst[g].state if worst else None), states[g].flags
    if state != states[g].state:
        flags = ("failed_calls",)
    missing = why_missing_decides(view, groups, g, draft, max_gap=max_gap) if state in FINE else None
    if missing is not None:
        state, flags = "INCONCLUSIVE", (missing.flag,)
    turn = 1.0 if of.higher_is_better else -1.0
    ends = sorted((turn * float(found.low[g]), turn * float(found.high[g])))
    finding = with_figures(
        draft,
        base=turn * float(found.base[g]),
        candidate=turn * float(found.candidate[g]),
        delta=turn * float(found.change[g]),
        low=ends[0],
        high=ends[1],
        method=f"gap to {groups.describe_reference(g)}, cluster bootstrap, max-T over groups",
        mde=(width := _width(found, g)).at(1.0),
    )
    finding = dataclasses.replace(
        finding,
        state=state,
        flags=flags,
        n_needed=None if {"one_sided", "failed_calls", AHEAD} & {*flags} else _cases_needed(found, g, width, draft),
        details=_details(groups, g, max_gap),
    )
    told = sentence(groups, g, finding, states=states, max_gap=max_gap, missing=missing.told if missing else "")
    return _no_gap_can_grow(view, groups, dataclasses.replace(finding, because=told))


def _cases_needed(found: GapChanges, g: int, width: GapWidth, draft: Finding) -> int | None:
    """How many cases rule the margin out if nothing changed, and if the growth is as it was seen below the margin."""
    margin, loss, high = draft.margin or 0.0, max(float(found.loss[g]), 0.0), float(found.loss_high[g])
    times = width.times_for(margin)
    if times is None:
        return None
    if loss < margin <= high:
        # beyond a hundred times as many nobody will ask
        times = max(times, 1.05, ((high - loss) / max(margin - loss, (high - loss) / 10.0)) ** 2)
    return math.ceil(times * draft.n - 1e-9)


def _no_gap_can_grow(view: View, groups: GroupGaps, finding: Finding) -> Finding:
    """The finding, INCONCLUSIVE where the candidate is at the worst end of the metric: wrong for all is no fairness."""
    of, change = groups.of, finding.margin or 0.0
    if finding.state not in FINE or not is_within_worst(of, groups.arms[1], change):
        return finding
    rows = np.flatnonzero(of.paired & view.mask(finding.slice))
    look, cases = look_at(view.comparison, of.metric, rows.tolist())
    who = "both arms lie" if is_within_worst(of, groups.arms[0], change) else "the candidate lies"
    told = (
        f"{finding.because.rstrip('.')}; but {who} within {words.size(change, share=of.share)} of the worst that "
        f"{of.metric} can be, where no gap can grow; to settle it, {look}."
    )
    finding = dataclasses.replace(finding, state="INCONCLUSIVE", flags=(NOTHING_TO_LOSE,), n_needed=None)
    return dataclasses.replace(finding, because=told, details={**finding.details, "look_at": cases})


def _width(found: GapChanges, g: int) -> GapWidth:
    return GapWidth(float(found.plain[g]), float(found.unseen[g]), float(found.few[g]), found.critical)


def _details(groups: GroupGaps, g: int, max_gap: float | None) -> dict[str, Any]:
    found = groups.found
    figures = ("growth", "growth_low", "growth_high", "loss", "loss_low", "loss_high", "gap_low", "gap_high")
    out: dict[str, Any] = {name: float(getattr(found, name)[g]) for name in figures}
    out |= {
        "growth_proven": bool(found.growth_low[g] > 0.0),
        "own_change": groups.of.signed_delta(float(found.gained[g])),
        "max_gap": max_gap,
        "reference": None if groups.reference is None else groups.values[groups.reference],
        "critical": found.critical,
        "groups": int(np.count_nonzero(groups.large & found.defined)),
        "clusters_behind": float(found.few[g]),
        "swap_p": found.swap_p,
        "without_group": groups.unknown,
        "higher_is_better": groups.of.higher_is_better,
        "binary": groups.of.binary,
    }
    if groups.worst is not None:
        out |= {"worst_growth_low": float(groups.worst.growth_low[g]), "worst_growth": float(groups.worst.growth[g])}
    return out
