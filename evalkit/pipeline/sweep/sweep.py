"""Asks every checkpoint beside one base and says which may be deployed, and where the training went too far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evalkit.core.errors import count_of
from evalkit.core.summary import Axis, Course, Summary
from evalkit.core.sweep import CheckpointFacts, LearningCurve, Sweep
from evalkit.core.verdict import EXIT_CODES, Outcome
from evalkit.models.training import Training
from evalkit.pipeline.compare import compare_arms
from evalkit.pipeline.deciding.several import summarize
from evalkit.pipeline.options import CandidateResult, Options
from evalkit.pipeline.sweep.curves import draw_curves

BEST_FIRST: tuple[Outcome, ...] = ("PASS", "INCONCLUSIVE", "FAIL", "INVALID")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """Every checkpoint's verdict, what they come to, and their curves."""

    results: tuple[CandidateResult, ...]
    summary: Summary
    sweep: Sweep


def sweep_checkpoints(base: str, training: Training, *, options: Options) -> SweepResult:
    """Compare every checkpoint with the base on every suite.

    The base is asked, and its weights are loaded, once.

    The best that passes is chosen among all of them, so each is judged at 1 - (1 - confidence) / checkpoints: the
    chance that any is passed wrongly stays what the policy says, whichever is chosen. Raises what `compare_arms` does.
    """
    facts = tuple(one for one, _ in training.checkpoints)
    asked = replace(
        options,
        found_models={one.name: spec for one, spec in training.checkpoints},
        stop_hopeless=options.early_stop,
    )
    results = tuple(compare_arms(base, [one.name for one in facts], options=asked))
    return decide_sweep(results, training)


def decide_sweep(results: Sequence[CandidateResult], training: Training) -> SweepResult:
    """Name the best, draw the curves and say where the training went too far."""
    facts = tuple(one for one, _ in training.checkpoints)
    summary = _with_best_outcome(summarize(results, best=True))
    curves = draw_curves(results, facts, confidence=_confidences(results))
    because = _where_it_falls(curves, facts)
    sweep = Sweep(
        base=summary.base,
        source=training.source,
        checkpoints=facts,
        curves=curves,
        outcome=summary.outcome,
        trainers_choice=training.trainers_choice,
        because=because,
        notes=training.notes,
        steps=training.steps,
    )
    axis = draw_axis(facts, note=f"{because[:1].upper()}{because[1:]}.")
    return SweepResult(results=tuple(results), summary=replace(summary, axis=axis), sweep=sweep)


def draw_axis(facts: Sequence[CheckpointFacts], *, note: str = "") -> Axis | None:
    """Put checkpoints on the axis of their steps, with their losses beside.

    None where a step is not known.
    """
    places = tuple(float(one.step) for one in facts if one.step is not None)
    if len(places) < len(facts):
        return None
    losses = {
        "training loss": [one.train_loss for one in facts],
        "loss on held-out data, as the trainer logged it": [one.eval_loss for one in facts],
    }
    courses = tuple(
        Course(name=name, points=points)
        for name, values in losses.items()
        if (points := tuple((at, value) for at, value in zip(places, values, strict=True) if value is not None))
    )
    return Axis(name="step", places=places, courses=courses, note=note)


def _confidences(results: Sequence[CandidateResult]) -> Mapping[str, float]:
    """By suite, what its policy asks for; that of the usual policy where a run does not say."""
    return {
        comparison.suite: float(comparison.manifest.get("spec", {}).get("policy", {}).get("confidence", 0.95))
        for comparison in results[0].comparisons
    }


def _with_best_outcome(summary: Summary) -> Summary:
    """The outcome of the one to deploy; where there is none, that of the checkpoint which came nearest to a PASS."""
    if summary.best is not None:
        return summary
    told = {line.outcome for line in summary.lines}
    others = told - {"PASS"}  # a PASS that is nothing to deploy is the base itself
    outcome: Outcome = next((one for one in BEST_FIRST if one in (others or told)), "INVALID")
    return replace(summary, outcome=outcome, exit_code=EXIT_CODES[outcome])


def _where_it_falls(curves: Sequence[LearningCurve], facts: Sequence[CheckpointFacts]) -> str:
    """The first proven fall of all curves in a sentence, or that there is none."""
    order = {one.name: place for place, one in enumerate(facts)}
    fallen = sorted(
        (curve for curve in curves if curve.fall is not None),
        key=lambda curve: order[curve.fall.since] if curve.fall is not None else 0,
    )
    if len(facts) < 2:
        return "one checkpoint has no course"
    if not fallen or fallen[0].fall is None:
        losses = "" if any(one.train_loss is not None for one in facts) else " (no training loss is known)"
        return f"no checkpoint is proven worse than an earlier one on any of {count_of(len(curves), 'curve')}{losses}"
    curve, fall = fallen[0], fallen[0].fall
    if fall.overfits:
        return (
            f"it overfits from {fall.since} on: {curve.suite} {curve.metric} is proven worse than at {fall.best} "
            f"while the training loss fell from {fall.loss_best:.3g} to {fall.loss_since:.3g}"
        )
    return (
        f"from {fall.since} on {curve.suite} {curve.metric} is proven worse than at {fall.best}; whether the training "
        "loss fell meanwhile is not known"
    )
