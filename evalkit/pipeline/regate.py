"""A kept run decided again: the same answers and scores, this policy or another, no call."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.errors import Problem, StoreError
from evalkit.core.verdict import SuiteVerdict
from evalkit.gates.policy import PolicyFile, read_policy, under
from evalkit.pipeline.deciding.noise import read_noise_floors
from evalkit.pipeline.deciding.suite_verdict import suite_verdict
from evalkit.pipeline.deciding.verdict import verdict_of
from evalkit.pipeline.options import CandidateResult
from evalkit.store.runs import load_run
from evalkit.suite.spec import SuiteSpec
from evalkit.suite.yaml_file import YamlFile

Other = tuple[PolicyFile, YamlFile]


def regate(root: str | Path, reference: str, *, policy: str | None, today: dt.date) -> tuple[CandidateResult, str]:
    """Decide a kept run again; return the outcome and the run's id.

    StoreError or SuiteError when run or policy cannot be read.
    """
    kept = load_run(root, reference)
    other = read_policy(Path(policy)) if policy is not None else None
    verdicts = [_again(comparison, other, root=Path(root), today=today) for comparison in kept.comparisons]
    verdict = verdict_of(kept.verdict.base, kept.verdict.candidate, verdicts, kept.comparisons)
    places = kept.places if other is None else {}  # gates of a policy are written elsewhere
    outcome = CandidateResult(
        verdict=verdict,
        comparisons=kept.comparisons,
        suites=kept.suites,
        places=places,
        summary=replace(kept.summary, id=f"{kept.summary.id}-gated", outcome=verdict.outcome),
    )
    return outcome, kept.summary.id


def _again(comparison: Comparison, other: Other | None, *, root: Path, today: dt.date) -> SuiteVerdict:
    if "spec" not in comparison.manifest:
        raise StoreError(Problem(what=f"the run does not hold the suite {comparison.suite!r} it was decided by"))
    spec = SuiteSpec.model_validate_json(json.dumps(comparison.manifest["spec"]))
    if other is not None:
        spec = under(spec, other[0], source=other[1])
    return suite_verdict(comparison, spec, today=today, noise=read_noise_floors(root, comparison))
