"""The verdict of one suite: every gate judged, corrected over all that was looked at, waived where somebody answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Finding
from evalkit.gates import budget, critical, fairness, floor, must_improve, no_regression
from evalkit.gates.estimates import estimates
from evalkit.gates.family import Family, corrected
from evalkit.gates.finding import invalid
from evalkit.gates.noise import NoiseFloor, refusal
from evalkit.gates.outcome import outcome
from evalkit.gates.view import View, view
from evalkit.gates.waivers import waived
from evalkit.suite.spec import (
    Budget,
    Critical,
    Fairness,
    Floor,
    GateSpec,
    MustImprove,
    NoRegression,
    SuiteSpec,
)

__all__ = ["decide", "estimates", "gates_of", "main_metrics", "outcome"]


def decide(
    comparison: Comparison,
    spec: SuiteSpec,
    *,
    today: dt.date,
    confidence: float | None = None,
    family: int = 1,
    noise: Sequence[NoiseFloor] = (),
    seen: View | None = None,
) -> tuple[Finding, ...]:
    """Judge every gate of a suite; never raises for what a suite says, never returns nothing for a gate.

    `confidence` overrides the policy's. `family` is how many candidates are compared with this base: each is judged at
    1 - (1 - confidence) / family. `noise` are the noise floors of an A/A comparison: a margin below one is refused.
    `seen` is a view of this comparison to go on with; its confidence then counts instead of those two.
    Findings come in the order of the gates, then metrics, then slice values.
    """
    gates = gates_of(spec)
    unsound = unsound_because(comparison, spec)
    if unsound is not None:
        return tuple(
            invalid(gate.type, metric, unsound, index=index) for index, gate in gates for metric in named(gate)
        )
    seen = seen or view(comparison, spec.policy, confidence=confidence, family=family)
    alarms = [(index, gate) for index, gate in gates if isinstance(gate, NoRegression)]
    counted = corrected(seen, no_regression.alarm_cells(seen, alarms))
    findings: list[Finding] = []
    for index, gate in gates:
        refused = refusal(gate, index=index, floors=noise)
        findings += [refused] if refused else _judge(seen, gate, index=index, spec=spec, counted=counted)
    return waived(findings, spec.waivers, today=today)


def gates_of(spec: SuiteSpec) -> tuple[tuple[int, GateSpec], ...]:
    """The gates of a suite with their index; `fairness` written on a slice counts on behind them."""
    short = [
        Fairness(
            type="fairness",
            slices=[item.name],
            metrics=item.fairness.metrics,
            max_change=item.fairness.max_change,
            max_gap=item.fairness.max_gap,
        )
        for item in spec.slices
        if item.fairness is not None
    ]
    return tuple(enumerate([*spec.gates, *short]))


def main_metrics(spec: SuiteSpec, comparison: Comparison) -> tuple[str, ...]:
    """The scorers' own values (no parts), in the order of the suite."""
    return tuple(name for name in spec.scorers if name in comparison.columns)


def named(gate: GateSpec) -> tuple[str, ...]:
    """The metrics a gate names; ``*`` where it means all main ones."""
    if isinstance(gate, NoRegression):
        return tuple(no_regression.metrics_of(gate)) or ("*",)
    if isinstance(gate, (Fairness, Critical)):
        return tuple(gate.metrics) or ("*",)
    return (gate.metric,)


def unsound_because(comparison: Comparison, spec: SuiteSpec) -> str | None:
    """Why nothing at all may be concluded from a comparison; None if it is sound."""
    if comparison.unsound:
        why = "; ".join(comparison.unsound)
        return why if why.endswith("?") else f"{why}."
    if not comparison.examples:
        return "there is nothing to compare: the suite has no case."
    seen: set[str] = set()
    twice = [e.id for e in comparison.examples if e.id in seen or seen.add(e.id)]  # type: ignore[func-returns-value]
    if twice:
        return f"the id {twice[0]!r} stands for more than one case."
    coverage, limit = comparison.coverage, spec.policy.max_error_rate
    for name, failed, kinds, first in (
        ("the base", coverage.base_failed, coverage.base_failures, coverage.base_failed_first),
        ("the candidate", coverage.candidate_failed, coverage.candidate_failures, coverage.candidate_failed_first),
    ):
        if coverage.asked and failed > limit * coverage.asked:
            causes = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
            said = f"{100 * failed / coverage.asked:.1f}%" + (f": {causes}" if causes else "")
            return (
                f"{failed:,} of {coverage.asked:,} calls of {name} failed ({said}), more "
                f"than max_error_rate {100 * limit:g}%: missing answers are not wrong answers"
                + (f" (the first failed with: {first})." if first else ".")
            )
    return None


def _judge(seen: View, gate: GateSpec, *, index: int, spec: SuiteSpec, counted: Family) -> tuple[Finding, ...]:
    main = main_metrics(spec, seen.comparison)
    if isinstance(gate, MustImprove):
        found = must_improve.judge(seen, gate, index=index)
    elif isinstance(gate, NoRegression):
        found = no_regression.judge(seen, gate, index=index, family=counted)
    elif isinstance(gate, Floor):
        found = floor.judge(seen, gate, index=index, slices=tuple(spec.slices))
    elif isinstance(gate, Fairness):
        found = fairness.judge(seen, gate, index=index, slices=tuple(spec.slices), main=main)
    elif isinstance(gate, Budget):
        found = budget.judge(seen, gate, index=index)
    else:
        found = critical.judge(seen, gate, index=index, main=main)
    nothing = invalid(gate.type, ", ".join(named(gate)), "the gate found nothing to judge.", index=index)
    return found or (nothing,)
