"""The gate on an absolute value of the candidate: by its point value, or proven by its one-sided bound."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.verdict import Finding, SliceKey, State
from evalkit.gates import words
from evalkit.gates.finding import invalid
from evalkit.gates.measured import Floats, Measured
from evalkit.gates.resolve import keys
from evalkit.gates.states import under_both
from evalkit.gates.view import Ints, View
from evalkit.stats.clusters import cluster_codes
from evalkit.stats.distributions import normal_quantile
from evalkit.stats.floors import lower_bound
from evalkit.stats.means import mean_interval
from evalkit.stats.planning import zero_failure_examples
from evalkit.suite.spec import Floor, SliceSpec

GATE = "floor"
MIN_N = 30


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


@dataclass(frozen=True, slots=True)
class OneSided:
    """Both bounds, each at its own confidence, the method, and the correlation within clusters that it allows for."""

    low: float
    high: float
    method: str
    correlation: float | None


def judge(view: View, gate: Floor, *, index: int, slices: tuple[SliceSpec, ...] = ()) -> tuple[Finding, ...]:
    """One finding, or one a slice value; slices smaller than their min_n are TOO_SMALL."""
    least = {item.name: item.min_n for item in slices}
    cells, findings = keys(view, [gate.metric], gate.slices, gate=GATE, index=index)
    for metric, key in cells:
        small = least.get(key.by, MIN_N) if key else 1
        findings.append(_finding(view, view.measured(metric), key, gate, index=index, min_n=small))
    return tuple(findings)


def one_sided(values: Floats, clusters: Ints, *, binary: bool, confidence: float, seed: int) -> OneSided:
    """Lower and upper bound of a mean, each at `confidence` by itself.

    Yes/no and independent: Wilson, Clopper-Pearson where all or none pass. A floor claims one side, so all the error
    may lie there: 59 of 59 prove 95% at 95%, as the binomial says. Yes/no in clusters: the beta-binomial bound
    (`stats.floors`). Graded: the interval of a mean. In clusters none is tighter than without them.
    """
    codes, count = cluster_codes(clusters)
    if binary and bool(np.isin(values, (0.0, 1.0)).all()):
        low = lower_bound(values, codes, count, confidence=confidence)
        high = lower_bound(1.0 - values, codes, count, confidence=confidence)
        shown = low if values.any() else high
        return OneSided(low.low, 1.0 - high.low, shown.method, shown.correlation)
    bounds = (0.0, 1.0) if values.min() >= 0.0 and values.max() <= 1.0 else _wide(values)
    sides = 2.0 * confidence - 1.0
    found = mean_interval(values, bounds=bounds, clusters=clusters, confidence=sides, seed=seed)
    if count == values.size:
        return OneSided(found.low, found.high, found.method, None)
    alone = mean_interval(values, bounds=bounds, confidence=sides, seed=seed)
    return OneSided(min(found.low, alone.low), max(found.high, alone.high), found.method, None)


def _wide(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    span = high - low if high > low else abs(high)
    return low - span, high + span


def _arm(view: View, of: Measured, rows: Ints, values: Floats) -> _Arm | None:
    if rows.size == 0:
        return None
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


def _finding(view: View, of: Measured, key: SliceKey | None, gate: Floor, *, index: int, min_n: int) -> Finding:
    mask = view.mask(key)
    arm = _arm(view, of, np.flatnonzero(of.candidate_present & mask), of.candidate)
    if arm is None:
        why = f"the candidate has no value of {of.metric}{words.where(key)}"
        if key is None or (of.judged & mask).any() or (of.base_present & mask).any():
            return invalid(GATE, of.metric, why, index=index, key=key)
        text = f"{of.metric} applies to no case{words.where(key)}: not judged."
        return Finding(gate=GATE, metric=of.metric, slice=key, state="TOO_SMALL", because=text, gate_index=index)
    holes = of.candidate_missing & mask
    worst = _arm(view, of, np.flatnonzero((of.candidate_present | holes) & mask), of.worst_candidate)
    base = of.base[of.base_present & mask]
    complete = _state(arm, gate)
    state = under_both(complete, _state(worst, gate) if worst and holes.any() else None)
    if arm.n < min_n:
        state = "TOO_SMALL"
    flags: list[str] = []
    if state == "FLOOR_FAIL" and gate.basis == "proven" and _state(arm, gate, basis="point") == "PASS":
        flags.append("unproven")
    if state == "INCONCLUSIVE":
        flags.append("failed_calls")
    proven = gate.basis == "proven"
    return Finding(
        gate=GATE,
        metric=of.metric,
        slice=key,
        state=state,
        n=arm.n,
        n_clusters=arm.n_clusters,
        base=of.own(float(base.mean())) if base.size else None,
        candidate=arm.value,
        confidence=view.confidence,
        method=f"{arm.method}, one-sided" if proven else "point",
        n_needed=_n_needed(arm, gate, view.confidence) if "unproven" in flags else None,
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
    share = of.binary
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
