"""One suite judged: the same way when it was just compared and when a kept run is decided again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from evalkit.core.columns import Comparison
from evalkit.core.verdict import SuiteVerdict
from evalkit.gates.decide import decide, estimates, outcome
from evalkit.gates.noise import NoiseFloor
from evalkit.gates.repeats import repeat_notes
from evalkit.gates.view import view
from evalkit.pipeline.deciding.early_decision import apply_early_stop
from evalkit.stats import split_error
from evalkit.suite.spec import SuiteSpec


def suite_verdict(
    comparison: Comparison, spec: SuiteSpec, *, today: dt.date, noise: Sequence[NoiseFloor] = ()
) -> SuiteVerdict:
    """Let the gates decide. How many candidates were compared, and an early stop, stand in the manifest.

    A run that might have stopped early has spent a part of its error on the looks, whether or not it did stop.
    """
    manifest = comparison.manifest
    proof = manifest.get("early_stop")
    left = None if proof is None else split_error(spec.policy.confidence).final_confidence
    seen = view(comparison, spec.policy, confidence=left, family=int(manifest.get("family", 1)))
    findings = decide(comparison, spec, today=today, noise=noise, seen=seen)
    if proof is not None and proof["metric"] in comparison.columns:
        up = comparison.columns[proof["metric"]].higher_is_better
        findings = apply_early_stop(proof, findings, confidence=spec.policy.confidence, higher_is_better=up)
    return SuiteVerdict(
        name=spec.name,
        outcome=outcome(findings, spec.policy),
        findings=findings,
        metrics=estimates(comparison, spec, seen=seen),
        notes=(*comparison.notes, *repeat_notes(comparison, spec)),
        description=spec.description,
        examples=len(comparison.examples),
    )
