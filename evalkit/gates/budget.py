"""The gate on what answering costs: a paired ratio candidate / base, or an absolute maximum."""

from __future__ import annotations

import math

import numpy as np

from evalkit.core.verdict import Finding, State
from evalkit.gates import words
from evalkit.gates.finding import invalid
from evalkit.gates.view import View
from evalkit.stats.ratios import RatioResult, paired_ratio
from evalkit.stats.states import classify
from evalkit.suite.spec import Budget

GATE = "budget"

COLUMNS = {
    "latency_p50": ("latency_s", 0.5),
    "latency_p95": ("latency_s", 0.95),
    "latency_mean": ("latency_s", None),
    "first_token_p50": ("first_token_s", 0.5),
    "cost_usd": ("cost_usd", None),
    "tokens_in": ("tokens_in", None),
    "tokens_out": ("tokens_out", None),
}
"""What a budget names -> the column, and the quantile of it (None: the mean an example)."""

UNITS = {"latency_s": " s", "first_token_s": " s", "cost_usd": " USD", "tokens_in": " tokens", "tokens_out": " tokens"}


def judge(view: View, gate: Budget, *, index: int) -> tuple[Finding, ...]:
    """One finding for `max_ratio`, one for `max`. What was not measured is INCONCLUSIVE, never free."""
    if gate.max_ratio is None and gate.max is None:
        return (invalid(GATE, gate.metric, "a budget needs `max_ratio` or `max`", index=index),)
    column = COLUMNS[gate.metric][0]
    why = _unknown(view, column)
    if why is not None:
        return (
            Finding(
                gate=GATE,
                metric=gate.metric,
                slice=None,
                state="INCONCLUSIVE",
                confidence=view.confidence,
                because=why,
                flags=("unknown",),
                gate_index=index,
            ),
        )
    findings = []
    if gate.max_ratio is not None:
        findings.append(_ratio_finding(view, gate, gate.max_ratio, index=index))
    if gate.max is not None:
        findings.append(_max_finding(view, gate, gate.max, index=index))
    return tuple(findings)


def _unknown(view: View, column: str) -> str | None:
    """Why nothing can be said: nobody measured it, or too few answers carry it."""
    todo = "; models.yaml needs `price` for it" if column == "cost_usd" else ""
    if column not in view.comparison.columns:
        return f"{column} is not known for both arms{todo}, so the budget cannot be judged."
    of = view.measured(column)
    answered = ~of.missing
    for name, present in (("the base", of.base_present), ("the candidate", of.candidate_present)):
        lacking = int(np.count_nonzero(answered & ~present))
        if not present.any() or lacking > view.policy.max_error_rate * max(1, int(np.count_nonzero(answered))):
            total = int(np.count_nonzero(answered))
            return f"{column} is unknown for {lacking:,} of {total:,} answers of {name}{todo}: unknown is not 0."
    return None if of.paired.any() else f"no case has {column} in both arms."


def _ratio_finding(view: View, gate: Budget, limit: float, *, index: int) -> Finding:
    column, q = COLUMNS[gate.metric]
    pair = view.comparison.columns[column]
    rows = np.flatnonzero(pair.paired)
    base, candidate = pair.base.values[rows], pair.candidate.values[rows]
    found = paired_ratio(
        base, candidate, quantile=q, clusters=view.clusters[rows], confidence=view.confidence, seed=view.seed
    )
    state, flags = _state(found, limit)
    order = np.argsort(base - candidate, kind="stable")
    slower = rows[order[: int(np.count_nonzero(candidate > base))]]
    return Finding(
        gate=GATE,
        metric=gate.metric,
        slice=None,
        state=state,
        n=found.n,
        n_clusters=found.n_clusters,
        base=found.base,
        candidate=found.candidate,
        delta=_less_one(found.ratio),
        low=_less_one(found.low),
        high=_less_one(found.high),
        confidence=view.confidence,
        margin=limit - 1.0,
        method=found.method,
        because=_because(found, limit, gate.metric, state=state, unit=UNITS[column]),
        flags=("ratio", *flags),
        gate_index=index,
        examples=view.ids(slower[:10]) if state == "REGRESSION" else (),
        details={
            "ratio": found.ratio,
            "ratio_low": found.low,
            "ratio_high": found.high,
            "max_ratio": limit,
            "reason": found.reason,
        },
    )


def _less_one(ratio: float | None) -> float | None:
    return None if ratio is None else ratio - 1.0


def _state(found: RatioResult, limit: float) -> tuple[State, tuple[str, ...]]:
    """The partition on -log(ratio), margin log(limit); a limit of 1 or less asks for a proven saving."""
    if found.low is None or found.high is None:
        return "INCONCLUSIVE", ("unknown",)
    if limit > 1.0:
        return classify(-_log(found.high), -_log(found.low), math.log(limit))
    if found.high <= limit:
        return "IMPROVED", ()
    return ("FLOOR_FAIL" if found.low > limit else "INCONCLUSIVE"), ()


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0.0 else -math.inf


def _because(found: RatioResult, limit: float, metric: str, *, state: State, unit: str) -> str:
    if found.ratio is None or found.low is None or found.high is None:
        return f"{metric} has no ratio: {found.reason}."
    text = (
        f"{metric} went from {found.base:.3g}{unit} to {found.candidate:.3g}{unit} (x{found.ratio:.2f}, "
        f"{words.level(found.confidence)} interval x{found.low:.2f} to x{found.high:.2f}, n = {found.n:,})"
    )
    allowed = f"x{limit:.3g}"
    if state == "IMPROVED":
        return f"{text}: less than before, beyond chance."
    if state == "PASS":
        return f"{text}: more than {allowed} is ruled out."
    if state == "REGRESSION":
        return f"{text}: proven more than before, and more than {allowed} is not ruled out."
    if state == "FLOOR_FAIL":
        return f"{text}: at most {allowed} is asked, and more is proven."
    return f"{text}: more than {allowed} is not ruled out."


def _max_finding(view: View, gate: Budget, limit: float, *, index: int) -> Finding:
    column, q = COLUMNS[gate.metric]
    pair = view.comparison.columns[column]
    arms = []
    for arm in (pair.base, pair.candidate):
        values = arm.values[arm.present]
        arms.append(float(values.mean() if q is None else np.quantile(values, q)))
    present = pair.candidate.present
    n = int(np.count_nonzero(present))
    over = arms[1] > limit
    unit = UNITS[column]
    return Finding(
        gate=GATE,
        metric=gate.metric,
        slice=None,
        state="FLOOR_FAIL" if over else "PASS",
        n=n,
        n_clusters=int(np.unique(view.clusters[present]).size),
        base=arms[0],
        candidate=arms[1],
        confidence=view.confidence,
        method="point",
        because=(
            f"{gate.metric} is {arms[1]:.3g}{unit} (n = {n:,}): "
            f"{'more than' if over else 'at most'} the {limit:.3g}{unit} allowed."
        ),
        flags=("maximum",),
        gate_index=index,
        details={"max": limit},
    )
