"""The verdict of one suite: every gate judged, corrected over all that was looked at, waived where somebody answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from evalkit.core.columns import Comparison
from evalkit.core.repeated import find_repeated
from evalkit.core.verdict import PLAIN_WORDS, Finding
from evalkit.gates.advisory import settle_advisory
from evalkit.gates.each_judge import settle_judges
from evalkit.gates.endings import cut_while_thinking, settle_endings
from evalkit.gates.estimates import estimates
from evalkit.gates.family import Alarm, correct_alarms
from evalkit.gates.finding import invalid
from evalkit.gates.gate import Gate, GateContext
from evalkit.gates.noise import NoiseFloor, under_noise
from evalkit.gates.one_answer import settle_one_answer
from evalkit.gates.outcome import outcome
from evalkit.gates.readings import settle_readings
from evalkit.gates.seconds import without_clock
from evalkit.gates.settle import with_settlement
from evalkit.gates.silence import settle_silence
from evalkit.gates.steadily_wrong import settle_flips
from evalkit.gates.unsteady import settle_unsteady
from evalkit.gates.view import View, view
from evalkit.gates.waivers import apply_waivers
from evalkit.suite.ask_gate import ask_gate
from evalkit.suite.spec import SuiteSpec

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
    """Judge every gate of a suite.

    It never raises for what a suite says, and never returns nothing for a gate.

    `confidence` overrides the policy's. `family` is how many candidates are compared with this base: each is judged at
    1 - (1 - confidence) / family. `noise` are the noise floors of an A/A comparison: a margin below one is refused.
    `seen` is a view of this comparison to go on with; its confidence then counts instead of those two.
    Findings come in the order of the gates, then metrics, then slice values.
    """
    gates = gates_of(spec)
    unsound = unsound_because(comparison, spec)
    if unsound is not None:
        found = [
            invalid(gate.type, name, unsound, index=index) for index, gate in gates for name in metrics_named(gate)
        ]
    else:
        seen = seen or view(comparison, spec.policy, confidence=confidence, family=family)
        sure = seen.confidence
        found = settle_endings(
            _judge_gates(seen, gates, spec, noise),
            comparison,
            spec,
            judge=lambda other: _judge_gates(view(other, spec.policy, confidence=sure), gates, spec, noise),
        )
        found = settle_flips(settle_silence(found, comparison, spec), comparison)
        found = settle_readings(found, comparison, alone={index: gate.alone for index, gate in gates})
        found = settle_one_answer(found, comparison)
        found = with_settlement(settle_unsteady(found, comparison, spec, confidence=seen.confidence))
        found = settle_judges(
            found,
            comparison,
            judge=lambda other: _judge_gates(view(other, spec.policy, confidence=sure), gates, spec, noise),
        )
        found = settle_advisory(found, comparison, spec, today=today)
        found = list(apply_waivers(_add_words(found, gates), spec.waivers, today=today))
    return _add_words(found, gates)


def _add_words(findings: Sequence[Finding], gates: Sequence[tuple[int, Gate]]) -> tuple[Finding, ...]:
    """Findings with the words of the kind of their gate."""
    words = {gate.type: gate.words for _, gate in gates}
    return tuple(replace(finding, words=words.get(finding.gate, PLAIN_WORDS)) for finding in findings)


def _judge_gates(
    seen: View, gates: Sequence[tuple[int, Gate]], spec: SuiteSpec, noise: Sequence[NoiseFloor]
) -> list[Finding]:
    main = main_metrics(spec, seen.comparison)
    least = {item.name: item.min_n for item in spec.slices}
    asked = [
        (gate, GateContext(gate=gate.type, index=index, view=seen, main=main, least=least, judges=gate.judges))
        for index, gate in gates
    ]
    family = correct_alarms(seen, [alarm for gate, context in asked for alarm in _alarms(gate, context)])
    findings: list[Finding] = []
    for gate, context in asked:
        told = without_clock(_judge(gate, replace(context, family=family)), gate, seen.comparison)
        findings += under_noise(told, gate, floors=noise)
    return findings


def gates_of(spec: SuiteSpec) -> tuple[tuple[int, Gate], ...]:
    """Return the gates of a suite with their index.

    Those written short on a slice count on behind them.
    """
    return tuple((index, cast(Gate, gate)) for index, gate in spec.all_gates())


def main_metrics(spec: SuiteSpec, comparison: Comparison) -> tuple[str, ...]:
    """Return the scorers' own values (no parts), in the order of the suite."""
    return tuple(name for name in spec.scorers if name in comparison.columns)


def metrics_named(gate: Gate) -> tuple[str, ...]:
    """Return the metrics a gate names; ``*`` means all main ones."""
    return tuple(name for name, _ in gate.metric_names()) or ("*",)


def unsound_because(comparison: Comparison, spec: SuiteSpec) -> str | None:
    """Say why a comparison proves nothing at all; None if it is sound."""
    if comparison.unsound:
        why = "; ".join(comparison.unsound)
        return why if why.endswith("?") else f"{why}."
    if not comparison.examples:
        return "there is nothing to compare: the suite has no case."
    twice = find_repeated(example.id for example in comparison.examples)
    if twice is not None:
        return f"the id {twice!r} stands for more than one case."
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
    return cut_while_thinking(comparison, limit=limit)


def _alarms(gate: Gate, context: GateContext) -> Sequence[Alarm]:
    found = ask_gate(gate.type, lambda: list(gate.alarms(context)))
    return [] if isinstance(found, str) else found


def _judge(gate: Gate, context: GateContext) -> Sequence[Finding]:
    """What a gate finds, under its own name and index; INVALID where it finds nothing, or crashes."""

    def findings() -> list[Finding]:
        list(gate.alarms(context))  # what crashed there is told here
        return [replace(finding, gate=gate.type, gate_index=context.index) for finding in gate.judge(context)]

    found = ask_gate(gate.type, findings)
    if isinstance(found, str):
        return [context.invalid(name, f"the gate could not judge: {found}") for name in metrics_named(gate)]
    return found or [context.invalid(", ".join(metrics_named(gate)), "the gate found nothing to judge.")]
