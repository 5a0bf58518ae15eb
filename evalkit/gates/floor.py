"""The gate on an absolute value of the candidate: by its point value, or proven by its one-sided bound."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from evalkit.core.verdict import Estimate, Finding, GateWords, SliceKey, State
from evalkit.gates import faults, words
from evalkit.gates.expected import Forecast, Outlook, draft_forecast
from evalkit.gates.finding import ONE_SIDED, invalid
from evalkit.gates.floor_forecast import forecast_floor
from evalkit.gates.gate import Gate, GateContext
from evalkit.gates.measured import Floats, Measured
from evalkit.gates.one_side import one_sided
from evalkit.gates.set_cells import arm_alone
from evalkit.gates.states import under_both
from evalkit.gates.view import Ints, View
from evalkit.stats.distributions import normal_quantile
from evalkit.stats.planning import zero_failure_examples
from evalkit.suite.gate_spec import Keys
from evalkit.suite.shape import Name

_ALONE = "a floor looks at the candidate alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """The candidate alone, in the metric's own direction: its mean and the one-sided bounds of it."""

    n: int
    n_clusters: int
    value: float
    low: float
    high: float
    method: str
    worth: float
    """Cases for one independent case: what a correlation within clusters costs"""


class Floor(Gate):
    """An absolute minimum for the candidate (or `max` for metrics where lower is better)."""

    alone: ClassVar[bool] = True

    words: ClassVar[GateWords] = GateWords(
        missing={
            **dict.fromkeys(("delta", "low", "high", "fixed", "broken", "p", "p_adjusted", "mde"), _ALONE),
            "base": "no case has a value in the base",
            "margin": "a floor is a value, not a margin",
            "n_needed": "told only where a floor is met, but not proven",
        },
        faults={"FLOOR_FAIL": faults.LEVEL_MISSED, "unproven": faults.LEVEL_UNPROVEN},
    )

    judges: ClassVar[frozenset[str]] = frozenset({"sets", "either"})

    type: Literal["floor"]
    metric: Name
    """SCORER or SCORER.PART, or a measured metric such as latency_s"""
    min: float | None = None
    """The least the candidate must reach"""
    max: float | None = None
    """The most it may reach"""
    basis: Literal["point", "proven"] = "point"
    """By its value, or by the end of its interval"""
    slices: list[Name] = []
    """Judge every value of these tags"""

    def problems(self) -> Iterator[tuple[str, Keys]]:
        """Yield what is wrong.

        It needs a bound; two must leave room between them.
        """
        if self.min is None and self.max is None:
            yield "a floor needs `min` or `max`", ()
        if self.min is not None and self.max is not None and self.min > self.max:
            yield f"min {self.min} is above max {self.max}", ("min",)

    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding, or one a slice value.

        Slices smaller than their min_n are TOO_SMALL.
        """
        view, (cells, findings) = context.view, context.cells([self.metric], self.slices)
        for metric, key in cells:
            small = context.min_n(key.by) if key else 1
            findings.append(_finding(view, view.orient(metric), key, self, index=context.index, min_n=small))
        return findings

    def forecast(self, ask: Outlook, index: int) -> Sequence[Forecast]:
        """Return one forecast, or one a slice value."""
        keys = [key for by in self.slices for key in ask.keys(self.metric, by)] or [None]
        drafts = [draft_forecast(ask, self.type, index, self.metric, key) for key in keys]
        if self.basis != "proven":
            return drafts
        return [forecast_floor(ask, draft, least=self.min, most=self.max) for draft in drafts]


def _arm(view: View, of: Measured, rows: Ints, values: Floats) -> _Arm | None:
    if rows.size == 0:
        return None
    if view.comparison.set_of(of.metric) is not None:
        return _set_arm(view, of, rows, worst=values is of.worst_candidate)
    own = values[rows] if of.higher_is_better else of.flipped - values[rows]
    clusters = view.clusters[rows]
    found = one_sided(own, clusters, binary=of.binary, confidence=view.confidence, seed=view.seed)
    sizes = np.unique(clusters, return_counts=True)[1].astype(np.float64)
    spread = float((sizes**2).sum() / sizes.sum()) - 1.0
    return _Arm(
        n=int(rows.size),
        n_clusters=int(sizes.size),
        value=float(own.mean()),
        low=found.low,
        high=found.high,
        method=found.method,
        worth=1.0 + (found.correlation or 0.0) * spread,
    )


def _set_arm(view: View, of: Measured, rows: Ints, *, worst: bool) -> _Arm | None:
    """A figure of all cases at once; None where it is not defined."""
    found = arm_alone(view, of.metric, rows, worst=worst)
    if found is None:
        return None
    value, low, high = found.value, found.low, found.high
    if not of.higher_is_better:
        value, low, high = of.flipped - value, of.flipped - high, of.flipped - low
    return _Arm(
        n=int(rows.size),
        n_clusters=int(np.unique(view.clusters[rows]).size),
        value=value,
        low=low,
        high=high,
        method="bootstrap",
        worth=1.0,
    )


def _base_value(view: View, of: Measured, mask: NDArray[np.bool_]) -> float | None:
    rows = np.flatnonzero(of.base_present & mask)
    if not rows.size:
        return None
    if view.comparison.set_of(of.metric) is not None:
        found = arm_alone(view, of.metric, rows, arm="base")
        return None if found is None else of.to_metric_units(found.value)
    return of.to_metric_units(float(of.base[rows].mean()))


def _finding(view: View, of: Measured, key: SliceKey | None, gate: Floor, *, index: int, min_n: int) -> Finding:
    mask = view.mask(key)
    arm = _arm(view, of, np.flatnonzero(of.candidate_present & mask), of.candidate)
    if arm is None:
        return _without_value(view, of, key, gate, index=index)
    holes = of.candidate_missing & mask
    worst = _arm(view, of, np.flatnonzero((of.candidate_present | holes) & mask), of.worst_candidate)
    complete = _state(arm, gate)
    state = under_both(complete, _state(worst, gate) if worst and holes.any() else None)
    if np.count_nonzero((of.candidate_present | of.candidate_missing | of.one_sided) & mask) < min_n:
        state = "TOO_SMALL"
    escaped, open_ = state == "PASS" and _is_escaped(view, of, mask, gate), state == "INCONCLUSIVE"
    flags = [ONE_SIDED] if escaped else ["failed_calls"] if open_ else []
    state = "INCONCLUSIVE" if escaped else state
    proven = gate.basis == "proven"
    if state == "FLOOR_FAIL" and proven and _state(arm, gate, basis="point") == "PASS":
        flags.append("unproven")
    return Finding(
        gate=gate.type,
        estimate=Estimate(
            metric=of.metric,
            slice=key,
            n=arm.n,
            n_clusters=arm.n_clusters,
            base=_base_value(view, of, mask),
            candidate=arm.value,
            confidence=view.confidence,
            higher_is_better=of.higher_is_better,
            binary=of.binary,
            method=f"{arm.method}, one-sided" if proven else "point",
        ),
        state=state,
        n_needed=_n_needed(arm, gate, view.confidence)
        if "unproven" in flags and view.comparison.set_of(of.metric) is None
        else None,
        because=_because(view, of, key, arm, gate, state=state, min_n=min_n, flags=flags),
        flags=tuple(flags),
        gate_index=index,
        details={
            "min": gate.min,
            "max": gate.max,
            "basis": gate.basis,
            "bound_low": arm.low,
            "bound_high": arm.high,
            "bound": "one-sided",
            "design_effect": arm.worth,
            "missing_share": of.missing_share[1],
            "worst_value": worst.value if worst and holes.any() else None,
        },
    )


def _without_value(view: View, of: Measured, key: SliceKey | None, gate: Floor, *, index: int) -> Finding:
    """Of a candidate that has no value at all: INVALID, or TOO_SMALL where the metric applies to no case of a slice."""
    if view.comparison.set_of(of.metric) is not None and (of.candidate_present & view.mask(key)).any():
        cell = view.cell(of.metric, key)
        because = (
            f"{of.metric}{words.where(key)} of the candidate is {cell.result.reason if cell.result else 'unknown'}."
        )
        figures = Estimate(metric=of.metric, slice=key, n=cell.n, n_clusters=cell.n_clusters)
        return Finding(
            gate=gate.type, estimate=figures, state="INCONCLUSIVE", because=because, gate_index=index, details={}
        )
    if key is None or ((of.judged | of.base_present) & view.mask(key)).any():
        why = f"the candidate has no value of {of.metric}{words.where(key)}"
        return invalid(gate.type, of.metric, why, index=index, key=key)
    text = f"{of.metric} applies to no case{words.where(key)}: not judged."
    none = Estimate(metric=of.metric, slice=key)
    return Finding(gate=gate.type, estimate=none, state="TOO_SMALL", because=text, gate_index=index)


def _is_escaped(view: View, of: Measured, mask: NDArray[np.bool_], gate: Floor) -> bool:
    """Whether answers that give the metric nothing, where the base's give it something, could hide a miss."""
    rows = np.flatnonzero(of.applies & mask)
    if view.comparison.set_of(of.metric) is not None or not (of.short & of.base_present & mask).any():
        return False
    closed = _arm(view, of, rows, of.closed_candidate)
    return closed is not None and _state(closed, gate) != "PASS"


def _state(arm: _Arm, gate: Floor, *, basis: str | None = None) -> State:
    proven = (basis or gate.basis) == "proven"
    low, high = (arm.low, arm.high) if proven else (arm.value, arm.value)
    # a mean of floats may miss an exact floor by a rounding error
    short = gate.min is not None and low < gate.min - 1e-12
    over = gate.max is not None and high > gate.max + 1e-12
    return "FLOOR_FAIL" if short or over else "PASS"


def _because(
    view: View,
    of: Measured,
    key: SliceKey | None,
    arm: _Arm,
    gate: Floor,
    *,
    state: State,
    min_n: int,
    flags: list[str],
) -> str:
    share = of.share
    asked = [
        f"{name} {words.value(limit, share=share)}"
        for name, limit in (("at least", gate.min), ("at most", gate.max))
        if limit is not None
    ]
    wanted = " and ".join(asked)
    text = f"{of.metric}{words.where(key)} is {words.value(arm.value, share=share)} (n = {arm.n:,}"
    if gate.basis == "proven":
        bounds = [
            f"{name} bound {words.value(bound, share=share)}"
            for name, bound, limit in (("lower", arm.low, gate.min), ("upper", arm.high, gate.max))
            if limit is not None
        ]
        text += f", {words.level(view.confidence)} one-sided {' and '.join(bounds)}"
    text += ")"
    if state == "TOO_SMALL":
        return f"{text}, fewer than min_n {min_n}: not judged."
    if ONE_SIDED in flags:
        left = words.count(int(np.count_nonzero(of.short & of.base_present & view.mask(key))), "case")
        return (
            f"{text}: with the {left} that the candidate gave less to judge than the base counted against it, whether "
            f"it is {wanted} cannot be told; ask for it on a metric that every case has."
        )
    if "failed_calls" in flags:
        return f"{text}: whether it is {wanted} hangs on the calls that failed, so it cannot be told."
    if state == "PASS":
        return f"{text}: {wanted}{', proven' if gate.basis == 'proven' else ''}."
    if "unproven" in flags:
        return f"{text}: {wanted} is met but not proven."
    return f"{text}: it must be {wanted}."


def _n_needed(arm: _Arm, gate: Floor, confidence: float) -> int | None:
    """How many cases would prove the floor at the rate observed: clustered as these are."""
    for limit, floor, rate in (
        (gate.min, gate.min, arm.value),
        (gate.max, 1.0 - (gate.max or 0.0), 1.0 - arm.value),
    ):
        if limit is None or floor is None or not 0.0 < floor < 1.0 or not floor < rate <= 1.0:
            continue
        if rate == 1.0:
            clusters = zero_failure_examples(floor, confidence=confidence)
            return math.ceil(clusters * arm.n / arm.n_clusters - 1e-9)
        needed = normal_quantile(confidence) ** 2 * floor * (1.0 - floor) / (rate - floor) ** 2
        return math.ceil(needed * arm.worth)
    return None
