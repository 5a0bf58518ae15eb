"""Every gated metric over the checkpoints, with what is proven of its course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.sweep import CheckpointFacts, CurvePoint, LearningCurve
from evalkit.core.verdict import Finding
from evalkit.pipeline.options import CandidateResult
from evalkit.pipeline.sweep.falls import CourseFacts, find_courses


def draw_curves(
    results: Sequence[CandidateResult], checkpoints: Sequence[CheckpointFacts], *, confidence: Mapping[str, float]
) -> tuple[LearningCurve, ...]:
    """Draw a curve for every metric that a gate looks at over all cases.

    `results` has one per checkpoint, in their order; `confidence` is that of the policy, by suite.
    """
    curves: list[LearningCurve] = []
    for place, suite in enumerate(results[0].verdict.suites):
        found = [_findings(result, place) for result in results]
        metrics = list(dict.fromkeys(metric for findings in found for metric in findings))
        courses = find_courses(
            [result.comparisons[place] for result in results],
            metrics,
            checkpoints,
            confidence=confidence[suite.name],
        )
        curves += [_curve(suite.name, metric, found, checkpoints, courses.get(metric)) for metric in metrics]
    return tuple(curves)


def _findings(result: CandidateResult, place: int) -> dict[str, Finding]:
    """By metric, what its first gate over all cases found: of those that say how it changed."""
    found: dict[str, Finding] = {}
    for finding in result.verdict.suites[place].findings:
        changed = finding.slice is None and finding.delta is not None
        if changed and "ratio" not in finding.flags and not finding.words.either:
            found.setdefault(finding.metric, finding)
    return found


def _curve(
    suite: str,
    metric: str,
    found: Sequence[Mapping[str, Finding]],
    checkpoints: Sequence[CheckpointFacts],
    course: CourseFacts | None,
) -> LearningCurve:
    known = [findings[metric] for findings in found if metric in findings]
    one = known[0]
    points = tuple(_point(facts.name, findings.get(metric)) for facts, findings in zip(checkpoints, found, strict=True))
    few = len(checkpoints) < 2
    return LearningCurve(
        suite=suite,
        metric=metric,
        higher_is_better=one.estimate.higher_is_better,
        binary=one.estimate.binary,
        base=one.base,
        confidence=one.confidence,
        points=points,
        fall=None if course is None else course.fall,
        gains_until=None if course is None else course.gains_until,
        because="" if course is not None or few else "no value per case: checkpoints are not compared on it",
    )


def _point(name: str, finding: Finding | None) -> CurvePoint:
    if finding is None:
        return CurvePoint(checkpoint=name)
    estimate = finding.estimate
    return CurvePoint(
        checkpoint=name,
        state=finding.state,
        n=finding.n,
        value=finding.candidate,
        low=estimate.candidate_low,
        high=estimate.candidate_high,
        delta=finding.delta,
        delta_low=finding.low,
        delta_high=finding.high,
    )
