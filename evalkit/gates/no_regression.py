"""The gate against harm: the candidate is not worse than the base by the margin, overall or slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np

from evalkit.core.verdict import Finding, GateWords, SliceKey, State
from evalkit.gates import faults, words
from evalkit.gates.alarm import Listened, alarm_warning, judge_alarm
from evalkit.gates.expected import NOT_KNOWN, Forecast, Outlook, draft_forecast
from evalkit.gates.family import Alarm, Family
from evalkit.gates.finding import (
    ONE_SIDED,
    describe_change,
    describe_failed_calls,
    describe_few_unpaired,
    draft_finding,
    harm,
    inconclusive_if_unpaired,
)
from evalkit.gates.gate import Gate, GateContext
from evalkit.gates.margins import margin_in
from evalkit.gates.nothing_to_lose import guards_nothing, has_nothing_to_lose, nothing_to_lose
from evalkit.gates.proof import NOTHING_CHANGED, TOO_FEW, enough, judge_interval, too_few_because
from evalkit.gates.resolve import few_pairs
from evalkit.gates.states import FINE, under_both
from evalkit.gates.undecided import LOOKS_WORSE, TOO_SMALL, looks_worse
from evalkit.gates.view import Cell, View
from evalkit.stats.exact import unchanged_pairs
from evalkit.suite.amount import Amount
from evalkit.suite.gate_spec import Keys
from evalkit.suite.shape import Count, Name


class NoRegression(Gate):
    """Non-inferiority within a margin; with `slices`, one finding a slice value.

    `mode: alarm` (the default for slices): a slice fails only by a regression proven under the correction;
    `mode: require`: each slice must be non-inferior by itself.
    """

    words: ClassVar[GateWords] = GateWords(faults={"REGRESSION": faults.PROVEN_WORSE})

    claims_no_loss: ClassVar[bool] = True
    judges: ClassVar[frozenset[str]] = frozenset({"sets"})

    type: Literal["no_regression"]
    metric: Name | list[Name]
    """One metric or several, each judged"""
    margin: Amount = 0.02
    """The largest drop that would not matter, in the metric's unit, or a share of the base's value ("5%")"""
    slices: list[Name] = []
    """Judge every value of these tags instead of all rows"""
    mode: Literal["alarm", "require"] = "alarm"
    """For slices: fail on proof of a drop, or without proof of none"""
    min_n: Count = 30
    """Slices with fewer cases are TOO_SMALL under alarm (they fail only if proven worse), INCONCLUSIVE if required"""

    @property
    def named(self) -> Sequence[str]:
        """The metrics it judges."""
        return [self.metric] if isinstance(self.metric, str) else self.metric

    @property
    def is_alarm(self) -> bool:
        """Whether its slices only raise alarms (a proven regression) instead of having to pass."""
        return bool(self.slices) and self.mode == "alarm"

    def problems(self) -> Iterator[tuple[str, Keys]]:
        """Yield what is wrong: it needs a metric."""
        if not self.metric:
            yield "no_regression needs a metric", ("metric",)

    def margin_of(self, metric: str) -> float | None:
        """Return the margin over all cases, where the gate cuts no slices."""
        known = metric in self.named and not self.slices
        return float(self.margin) if known and not isinstance(self.margin, str) else None

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding a metric, or one a metric and slice value."""
        view, (cells, findings) = context.view, context.cells(self.named, self.slices)
        for metric, key in cells:
            margin, why = margin_in(view, metric, key, self.margin)
            if why is not None:
                findings.append(context.invalid(metric, why, key))
                continue
            cell = view.cell(metric, key, margin=margin)
            findings.append(_finding(view, cell, self, margin, index=context.index, family=context.family))
        return findings

    def alarms(self, context: GateContext) -> Iterator[Alarm]:
        """Yield every slice value that only raises an alarm."""
        if self.is_alarm:
            for metric, key in context.cells(self.named, self.slices)[0]:
                margin, why = margin_in(context.view, metric, key, self.margin)
                yield Alarm(cell=context.view.cell(metric, key, margin=None if why else margin), min_n=self.min_n)

    def expected_alarms(self, ask: Outlook) -> Iterator[tuple[str, SliceKey]]:
        """Yield the slice values under alarm that are large enough."""
        for metric in self.named if self.is_alarm else ():
            for by in self.slices:
                for value, count in ask.population(metric).slices.get(by, {}).items():
                    if count.n >= self.min_n:
                        yield metric, SliceKey(by=by, value=value)

    def forecast(self, ask: Outlook, index: int) -> Sequence[Forecast]:
        """Return one forecast a metric, or one a metric and slice value."""
        return [
            _forecast(ask, self, index, metric, key)
            for metric in self.named
            for key in ([key for by in self.slices for key in ask.keys(metric, by)] if self.slices else [None])
        ]


def _finding(view: View, cell: Cell, gate: NoRegression, margin: float, *, index: int, family: Family) -> Finding:
    draft = draft_finding(view, cell, gate=gate.type, index=index, margin=margin, alarm=gate.is_alarm)
    if cell.slice is not None and not cell.size:
        return _judge_empty(view, cell, draft, required=not gate.is_alarm)
    why = few_pairs(view, cell.n) if cell.slice is None else None
    if why is not None:
        return replace(draft, state="INVALID", because=f"{why}.")
    state, flags = _state(cell, margin)
    if gate.is_alarm:
        heard = Listened(
            view=view,
            cell=cell,
            margin=margin,
            min_n=gate.min_n,
            family=family,
            state=state,
            flags=flags,
            tell=lambda named, seen: _because(view, cell, margin, state=named, flags=seen),
        )
        return judge_alarm(heard, draft)
    return _settle_state(view, cell, gate, draft, margin, state=state, flags=flags)


def _judge_empty(view: View, cell: Cell, draft: Finding, *, required: bool) -> Finding:
    """A slice that the suite gives to another scorer is none; one of which neither arm has a value is not proven."""
    looked = view.comparison.base_scores.get(cell.of.metric.partition(".")[0], {})
    inside = np.flatnonzero(view.mask(cell.slice))
    if required and any(view.comparison.examples[row].id in looked for row in inside.tolist()):
        text = (
            f"no answer{words.where(cell.slice)} has a value of {cell.of.metric} in either arm: nothing was compared."
        )
        return replace(draft, state="INCONCLUSIVE", flags=(TOO_SMALL,), because=text)
    text = f"{cell.of.metric} applies to no case{words.where(cell.slice)}: not judged."
    return replace(draft, state="TOO_SMALL", because=text)


def _settle_state(
    view: View, cell: Cell, gate: NoRegression, draft: Finding, margin: float, *, state: State, flags: tuple[str, ...]
) -> Finding:
    """Of all cases, or of a slice that must pass by itself."""
    if state != "REGRESSION":
        apart = inconclusive_if_unpaired(view, cell, draft)
        if apart is not None:
            return apart
        if cell.slice is not None and cell.size < gate.min_n:
            return _too_small(view, cell, gate, draft, margin)
    if state in FINE and cell.closed is not None:
        closed = under_both(state, judge_interval(cell.closed, margin)[0])
        if closed not in FINE:
            text = f"{describe_change(view, cell)}: {describe_few_unpaired(cell)}"
            return replace(draft, state="INCONCLUSIVE", flags=(ONE_SIDED,), because=text)
        state, flags = closed, flags if closed == state else ()
    if state in ("PASS", "INCONCLUSIVE") and has_nothing_to_lose(cell, margin):
        return nothing_to_lose(view, cell, draft, margin)
    if TOO_FEW in flags:
        draft = replace(draft, n_needed=enough(cell.result, margin))
    if state == "PASS" and guards_nothing(cell, margin):
        flags = (*flags, "guards_nothing")
    text = _because(view, cell, margin, state=state, flags=flags)
    if cell.slice is not None and state == "INCONCLUSIVE" and looks_worse(cell.result, margin):
        flags = (*flags, LOOKS_WORSE)
    return replace(draft, state=state, flags=flags, because=text)


def _state(cell: Cell, margin: float) -> tuple[State, tuple[str, ...]]:
    """What holds on the complete pairs, and with every failed call counted against the candidate."""
    complete, flags = judge_interval(cell.result, margin)
    state = under_both(complete, judge_interval(cell.worst, margin)[0] if cell.worst else None)
    return state, flags if state == complete else ("failed_calls",)


def _too_small(view: View, cell: Cell, gate: NoRegression, draft: Finding, margin: float) -> Finding:
    """A required slice is never excused for its size: it cannot be told, and so many cases would be enough to try."""
    more = gate.min_n - cell.size
    text = (
        f"{describe_change(view, cell)}: {words.count(cell.size, 'pair')}{words.where(cell.slice)}, fewer than min_n "
        f"{gate.min_n}, so a required slice is not proven; it takes {words.count(more, 'more case')} of it."
    )
    flags = (TOO_SMALL, LOOKS_WORSE) if looks_worse(cell.result, margin) else (TOO_SMALL,)
    needed = max(gate.min_n, draft.n_needed or 0)
    return replace(draft, state="INCONCLUSIVE", flags=flags, n_needed=needed, because=text)


def _because(view: View, cell: Cell, margin: float, *, state: State, flags: Sequence[str]) -> str:
    """What the figures mean for the margin."""
    harmed = harm(cell, margin)
    start = describe_change(view, cell)
    if "failed_calls" in flags:
        return f"{start}: {describe_failed_calls(cell)}"
    if TOO_FEW in flags:
        return f"{start}: a {harmed} is not ruled out, {too_few_because(cell, margin)}."
    if state == "IMPROVED":
        return f"{start}: better beyond chance."
    if state == "PASS":
        more = ", though a smaller one is proven" if "tolerated_drop" in flags else ""
        if "guards_nothing" in flags:
            more += "; but the base has no more to lose than that, so this gate guards nothing"
        if NOTHING_CHANGED in flags:
            more = f": not one of {words.count(cell.n, 'case')} changed{more}"
        return f"{start}: a {harmed} or more is ruled out{more}."
    if state == "REGRESSION":
        if "material" in flags:
            return f"{start}: a {harmed} or more is proven."
        return f"{start}: it is proven worse, and a {harmed} is not ruled out."
    return f"{start}: a {harmed} is not ruled out{_what_it_takes(cell, margin)}."


def _what_it_takes(cell: Cell, margin: float) -> str:
    result, share = cell.result, cell.of.share
    if result is None or result.mde is None:
        return ""
    beyond = share and result.mde > 1.0
    unit = cell.of.unit
    told = "no difference at all" if beyond else f"a difference of {words.size(result.mde, share=share, unit=unit)}"
    text = f"; {words.count(cell.n, 'case')} can tell {told}"
    if result.n_needed is not None and result.n_needed > cell.n:
        text += f", and about {result.n_needed:,} are needed for {words.size(margin, share=share, unit=unit)}"
    return text


def _forecast(ask: Outlook, gate: NoRegression, index: int, metric: str, key: SliceKey | None) -> Forecast:
    draft, alarm = draft_forecast(ask, gate.type, index, metric, key), key is not None and gate.is_alarm
    sure = 1.0 - (1.0 - ask.confidence) / max(1, ask.alarms) if alarm else ask.confidence
    # a share of the base's value is a number only once the base has answered
    margin = None if isinstance(gate.margin, str) else gate.margin
    draft = replace(draft, margin=margin, mde=ask.mde(metric, key, confidence=sure))
    if margin is not None:
        foreseen = draft.assumed.binary and draft.n >= 1 and not alarm
        power = ask.power(metric, key, margin) if foreseen else None
        draft = replace(draft, n_needed=ask.examples_needed(metric, key, margin), power=power)
    if draft.assumed.spread is None and draft.n >= 1:
        return replace(draft, warning=NOT_KNOWN)
    if key is not None and draft.n < gate.min_n:
        what = "it fails only if it is proven worse" if alarm else "required, it cannot pass"
        return replace(draft, warning=f"{draft.cases}, fewer than min_n {gate.min_n}: {what}")
    if alarm:
        return replace(draft, warning=alarm_warning(ask, draft))
    return draft if margin is None else replace(draft, warning=_margin_warning(ask, draft, margin))


def _margin_warning(ask: Outlook, draft: Forecast, margin: float) -> str:
    binary, power = draft.assumed.binary, draft.power
    size, still = words.size(margin, share=binary), ask.n_clusters(draft.metric, draft.slice)
    least = unchanged_pairs(margin, alpha=(1.0 - ask.confidence) / 2.0)
    if binary and still < least:
        clusters = " in as many clusters" if draft.n_clusters < draft.n else ""
        return (
            f"cannot pass unless the candidate is better: even if not one of {draft.cases} differs, a drop of {size} "
            f"is not ruled out; that takes {words.count(least, 'case')}{clusters}"
        )
    if power is not None and power < 0.5:
        together = draft.n_clusters < draft.n and not draft.assumed.piloted
        how = " if the cases of a cluster move together (a --pilot shows)" if together else ""
        return (
            f"an unchanged model passes in {100 * power:.0f}% of runs only{how}: too few cases for a margin of {size}"
        )
    return ""
