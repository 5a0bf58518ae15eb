"""One suite judged: the same way when it was just compared and when a kept run is decided again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial

from evalkit.core.blocks import Block, Prose
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Finding, SuiteVerdict
from evalkit.gates.decide import decide, estimates, gates_of, outcome
from evalkit.gates.endings import endings_of
from evalkit.gates.gate import Gate
from evalkit.gates.noise import NoiseFloor, noise_notes
from evalkit.gates.readings import reading_notes
from evalkit.gates.repeats import flip_notes, repeat_notes
from evalkit.gates.seconds import without_intervals
from evalkit.gates.view import view
from evalkit.pipeline.deciding.early_decision import apply_early_stop
from evalkit.pipeline.deciding.family_tables import family_tables
from evalkit.pipeline.deciding.group_tables import compares_groups, group_tables
from evalkit.pipeline.deciding.leaked_rows import judge_with_and_without
from evalkit.slices.selection import selection_notes
from evalkit.stats import split_error
from evalkit.suite.ask_gate import ask_gate, margin_within
from evalkit.suite.spec import SuiteSpec


def suite_verdict(
    comparison: Comparison, spec: SuiteSpec, *, today: dt.date, noise: Sequence[NoiseFloor] = ()
) -> SuiteVerdict:
    """Let the gates decide.

    How many candidates were compared, and an early stop, stand in the manifest. A run that might have stopped early has
    spent a part of its error on the looks, whether or not it did stop.
    """
    gates = gates_of(spec)
    manifest = comparison.manifest
    proof = manifest.get("early_stop")
    left = None if proof is None else split_error(spec.policy.confidence).final_confidence
    seen = view(comparison, spec.policy, confidence=left, family=int(manifest.get("family", 1)))
    findings = decide(comparison, spec, today=today, noise=noise, seen=seen)
    if proof is not None and proof["metric"] in comparison.columns:
        up = comparison.columns[proof["metric"]].higher_is_better
        watched = {index for index, gate in gates if margin_within(gate, proof["metric"]) is not None}
        findings = apply_early_stop(
            proof, findings, confidence=spec.policy.confidence, higher_is_better=up, watched=watched
        )
    held = {one.metric for one in noise for _, gate in gates if margin_within(gate, one.metric) is not None}
    told, leaked = judge_with_and_without(comparison, spec, today=today)
    metrics = without_intervals(estimates(comparison, spec, seen=seen), comparison)
    groups = group_tables(comparison, spec, seen=seen)
    steady = (*repeat_notes(comparison, spec), *flip_notes(metrics, spec))
    return SuiteVerdict(
        name=spec.name,
        outcome=outcome(findings, spec.policy),
        findings=findings,
        metrics=metrics,
        notes=(
            *told,
            *comparison.notes,
            *reading_notes(comparison),
            *steady,
            *noise_notes(noise, held),
            *selection_notes(spec, groups),
        ),
        description=spec.description,
        examples=len(comparison.examples),
        leaked=leaked,
        ended=endings_of(comparison),
        sections=_sections([gate for _, gate in gates], findings),
        groups=groups,
        compares_groups=compares_groups(spec),
        families=family_tables(comparison, spec, seen=seen, noise=noise),
    )


def _sections(gates: Sequence[Gate], findings: Sequence[Finding]) -> tuple[tuple[str, tuple[Block, ...]], ...]:
    """What each kind of gate shows of its findings, once a kind."""
    shown: list[tuple[str, tuple[Block, ...]]] = []
    for name, kind in {gate.type: type(gate) for gate in gates}.items():
        mine = [finding for finding in findings if finding.gate == name]
        found = ask_gate(name, partial(kind.sections, mine))
        if isinstance(found, str):
            found = [(name, [Prose(text=f"This gate could not show its findings: {found}", tone="bad")])]
        shown += [(title, tuple(blocks)) for title, blocks in found]
    return tuple(shown)
