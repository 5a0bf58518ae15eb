"""The gate on over-fitting: how much better a model is on rows it was trained on than on rows that are held out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from evalkit.core.blocks import Block, Table
from evalkit.core.verdict import Estimate, Fault, Finding, GateWords, State
from evalkit.gates import words
from evalkit.gates.expected import Forecast, Outlook, draft_forecast
from evalkit.gates.gate import Gate, GateContext
from evalkit.gates.measured import Bools, Floats, Measured
from evalkit.gates.one_side import one_sided
from evalkit.gates.resolve import metric_problem
from evalkit.gates.settle import SETTLE
from evalkit.gates.training_rows import ASK_THEM, look_at_training, why_none, why_unsound
from evalkit.gates.view import View
from evalkit.stats.mover import Ranged, subtract_intervals
from evalkit.suite.amount import Amount, amount_of
from evalkit.suite.gate_spec import Keys
from evalkit.suite.shape import Name

_BETWEEN = "a gap lies between two sets of cases, and no case is fixed or broken by it"
_UNASKED = "so it was not asked as it was trained"
_MORE_ROWS = "ask more rows of both (`training.sample`, `dataset`)"
_AS_TRAINED = "ask the rows as they were trained on (`training.prompt`, `chat_template`)"
_HANGS = "it hangs on calls that failed or answers without a value"
_BY_INTERVAL = "a gap is judged by its interval, not by a test"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """One arm on rows it was trained on and on rows that are held out, oriented: higher is better."""

    trained: Ranged
    held_out: Ranged
    trained_n: int
    held_out_n: int

    @property
    def gap(self) -> Ranged:
        return subtract_intervals(self.trained, self.held_out)


class Generalisation(Gate):
    """Limits how much better the candidate is on rows it was trained on."""

    on_training: ClassVar[bool] = True
    words: ClassVar[GateWords] = GateWords(
        figures="gap ",
        missing={
            **dict.fromkeys(("fixed", "broken"), _BETWEEN),
            **dict.fromkeys(("p", "p_adjusted"), _BY_INTERVAL),
            "mde": "known from the interval of the gap",
            "n_needed": "known from the interval of the gap",
        },
        faults={
            "FLOOR_FAIL": Fault(rank=35, said="over-fitting is proven"),
            "REGRESSION": Fault(rank=36, said="over-fitting is proven to have grown"),
        },
    )

    type: Literal["generalisation"]
    metric: Name | list[Name] = []
    """SCORER or SCORER.PART, or a list of them; default: every main metric"""
    max_gap: Amount
    """How much better it may be on training rows, in the metric's unit, or a share of its value on held-out rows"""
    max_change: Amount | None = None
    """How much larger than the base's the gap may be, likewise"""

    def problems(self) -> Iterator[tuple[str, Keys]]:
        """Yield what is wrong: an empty list means nothing."""
        if self.metric == "" or (
            isinstance(self.metric, list) and "metric" in self.model_fields_set and not self.metric
        ):
            yield "metric is an empty list: leave it out for every main metric", ("metric",)

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding a metric."""
        named = [self.metric] if isinstance(self.metric, str) else list(self.metric)
        metrics = named or list(context.main)
        if not metrics:
            return (context.invalid("*", "the suite has no main metric to compare by."),)
        return [self._judge_metric(context, metric) for metric in metrics]

    def forecast(self, ask: Outlook, index: int) -> Sequence[Forecast]:
        """Say how many held-out cases it will look at."""
        named = [self.metric] if isinstance(self.metric, str) else list(self.metric)
        return [draft_forecast(ask, self.type, index, metric) for metric in named or ask.spec.scorers]

    @classmethod
    def sections(cls, findings: Sequence[Finding]) -> Sequence[tuple[str, Sequence[Block]]]:
        """Return a table of both arms on training and held-out rows, with the gap."""
        rows = []
        for finding in findings:
            arms = finding.details.get("arms")
            share = bool(finding.details.get("share"))
            for name, arm in arms.items() if isinstance(arms, Mapping) else ():
                rows.append((finding.metric, str(name).capitalize(), *_cells(arm, share=share)))
        columns = ("Metric", "Arm", "Training rows", "Held-out rows", "Gap", "Interval")
        table = Table(heading="Training rows against held-out rows", columns=columns, rows=tuple(rows))
        return [("Over-fitting", [table])] if rows else []

    def _judge_metric(self, context: GateContext, metric: str) -> Finding:
        seen = context.view
        train = look_at_training(seen, seen.policy)
        problem = metric_problem(seen, metric)
        if problem is not None:
            return context.invalid(metric, problem)
        if train is None:
            return _open(context, metric, why_none(seen.comparison))
        why = why_unsound(train.comparison, limit=seen.policy.max_error_rate)
        if why:
            return _open(context, metric, why, flags=("failed_calls",))
        if metric not in train.comparison.columns or metric_problem(train, metric) is not None:
            return _open(context, metric, f"{metric} has no value on training rows: its scorer cannot look at them.")
        return self._compare(context, train, metric)

    def _compare(self, context: GateContext, train: View, metric: str) -> Finding:
        seen = context.view
        of, its = seen.orient(metric), train.orient(metric)
        base = _arm(seen, train, of, its, candidate=False)
        arm = _arm(seen, train, of, its, candidate=True)
        most = amount_of(self.max_gap, _own(of, arm.held_out.value))
        more = None if self.max_change is None else amount_of(self.max_change, _own(of, base.held_out.value))
        if not most > 0.0 or (more is not None and not more > 0.0):
            return context.invalid(metric, f"a share of {metric}, which is 0 on held-out rows: write it in its unit.")
        change = _change(seen, train, metric)
        state, why = self._decide(arm, change, most, more, of)
        for other in _bounds(seen, train, of, its):
            if self._decide(other, change, most, more, of)[0] != state:
                state, why = (
                    "INCONCLUSIVE",
                    "it hangs on calls that failed or answers without a value, so it cannot be told",
                )
        told = _describe_gap(seen, metric, arm, of.share)
        beside = f"; that of the base is {words.change(base.gap.value, share=of.share)}"
        draft = _draft(context, metric, of, base, arm, change)
        because = f"{told}: {why}{beside}"
        if state != "INCONCLUSIVE" or why == _HANGS:
            hangs = why == _HANGS
            flags = ("failed_calls",) * hangs
            return replace(draft, state=state, margin=most, because=f"{because}.", flags=flags)
        settle = _AS_TRAINED if why.endswith(_UNASKED) else _MORE_ROWS
        details = {**draft.details, SETTLE: settle}
        return replace(draft, state=state, margin=most, because=f"{because}; to settle it: {settle}.", details=details)

    def _decide(self, arm: _Arm, change: Ranged, most: float, more: float | None, of: Measured) -> tuple[State, str]:
        gap, share = arm.gap, of.share
        limit = words.size(most, share=share, unit=of.unit)
        if gap.low > most:
            return "FLOOR_FAIL", f"proven more than {limit}"
        if more is not None and change.low > more:
            return "REGRESSION", f"proven to have grown by more than {words.size(more, share=share, unit=of.unit)}"
        if of.binary and arm.trained.value == 0.0:
            return "INCONCLUSIVE", f"not one training row is right, {_UNASKED}"
        if gap.high < -most:
            return "INCONCLUSIVE", f"it is worse on what it was trained on, {_UNASKED}"
        if gap.high > most or (more is not None and change.high > more):
            return "INCONCLUSIVE", f"whether it is at most {limit} cannot be told from so many rows"
        return "PASS", f"proven at most {limit}"


def _own(of: Measured, oriented: float) -> float:
    return oriented if of.higher_is_better else of.flipped - oriented


def _bound_mean(seen: View, values: Floats, rows: Bools, *, binary: bool) -> Ranged:
    """A mean with both ends, each as sure as one side of the two-sided interval."""
    mine = values[rows]
    sure = (1.0 + seen.confidence) / 2.0
    found = one_sided(mine, seen.clusters[rows], binary=binary, confidence=sure, seed=seen.seed)
    value = float(mine.mean())
    return Ranged(value, min(found.low, value), max(found.high, value))


def _arm(seen: View, train: View, of: Measured, its: Measured, *, candidate: bool) -> _Arm:
    sides = []
    for look, one in ((train, its), (seen, of)):
        present = one.candidate_present if candidate else one.base_present
        values = one.candidate if candidate else one.base
        sides.append((_bound_mean(look, values, present, binary=one.binary), int(np.count_nonzero(present))))
    return _Arm(trained=sides[0][0], held_out=sides[1][0], trained_n=sides[0][1], held_out_n=sides[1][1])


def _bounds(seen: View, train: View, of: Measured, its: Measured) -> Iterator[_Arm]:
    """The candidate with all that it lacks counted for the widest gap, and for the narrowest."""

    def rows_of(one: Measured) -> Bools:
        return one.candidate_present | one.candidate_missing | one.one_sided

    lacks = [(one.candidate_missing | one.short) & rows_of(one) for one in (of, its)]
    if not any(lack.any() for lack in lacks):
        return
    for trained, held_out in (
        (its.most_candidate, of.closed_candidate),
        (its.closed_candidate, of.most_candidate),
    ):
        yield _Arm(
            trained=_bound_mean(train, trained, rows_of(its), binary=its.binary),
            held_out=_bound_mean(seen, held_out, rows_of(of), binary=of.binary),
            trained_n=int(np.count_nonzero(rows_of(its))),
            held_out_n=int(np.count_nonzero(rows_of(of))),
        )


def _change(seen: View, train: View, metric: str) -> Ranged:
    """Candidate's gap less the base's: the paired change on training rows less that on held-out rows."""
    sides = []
    for look in (train, seen):
        result = look.cell(metric, None).result
        delta = 0.0 if result is None or result.delta is None else result.delta
        low = delta if result is None or result.low is None else result.low
        high = delta if result is None or result.high is None else result.high
        sides.append(Ranged(delta, low, high))
    return subtract_intervals(*sides)


def _describe_gap(seen: View, metric: str, arm: _Arm, share: bool) -> str:
    gap = arm.gap
    trained, held_out = words.count(arm.trained_n, "training row"), words.count(arm.held_out_n, "held-out row")
    span = words.between(gap.low, gap.high, share=share)
    told = f"the gap of {metric} between {trained} and {held_out} is {words.change(gap.value, share=share)}"
    return f"{told} ({words.level(seen.confidence)} interval {span})"


def _open(context: GateContext, metric: str, because: str, *, flags: tuple[str, ...] = ()) -> Finding:
    finding = context.invalid(metric, because)
    return replace(finding, state="INCONCLUSIVE", flags=flags, details={SETTLE: ASK_THEM})


def _draft(context: GateContext, metric: str, of: Measured, base: _Arm, arm: _Arm, change: Ranged) -> Finding:
    estimate = Estimate(
        metric=metric,
        n=arm.trained_n + arm.held_out_n,
        n_clusters=arm.trained_n + len(np.unique(context.view.clusters[of.candidate_present])),
        base=base.gap.value,
        candidate=arm.gap.value,
        delta=change.value,
        low=change.low,
        high=change.high,
        confidence=context.view.confidence,
        higher_is_better=False,
        binary=of.binary,
        method="mover",
        base_low=base.gap.low,
        base_high=base.gap.high,
        candidate_low=arm.gap.low,
        candidate_high=arm.gap.high,
    )
    arms = {"base": _figures(of, base), "candidate": _figures(of, arm)}
    return Finding(
        gate=context.gate,
        estimate=estimate,
        state="INCONCLUSIVE",
        gate_index=context.index,
        details={"arms": arms, "share": of.share, "unit": of.unit},
    )


def _figures(of: Measured, arm: _Arm) -> dict[str, Any]:
    return {
        "training": _own(of, arm.trained.value),
        "held_out": _own(of, arm.held_out.value),
        "gap": arm.gap.value,
        "low": arm.gap.low,
        "high": arm.gap.high,
        "n_training": arm.trained_n,
        "n_held_out": arm.held_out_n,
    }


def _cells(arm: Mapping[str, Any], *, share: bool) -> tuple[str, ...]:
    return (
        f"{words.value(arm['training'], share=share)} (n = {arm['n_training']:,})",
        f"{words.value(arm['held_out'], share=share)} (n = {arm['n_held_out']:,})",
        f"{words.with_sign(100 * arm['gap'])} pp" if share else words.change(arm["gap"], share=False),
        words.between(arm["low"], arm["high"], share=share),
    )
