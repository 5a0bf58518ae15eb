"""Both arms of a suite side by side, and the proof that they were asked the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.fingerprint import digest, digest_of_many
from evalkit.core.origin import TRAINING_FILES
from evalkit.pipeline.asking.arm_result import Answers, ArmResult
from evalkit.pipeline.asking.measure import ArmScores, failed_calls
from evalkit.pipeline.pairing.leaked import leaked_rows
from evalkit.pipeline.pairing.paired_sets import pair_sets
from evalkit.pipeline.pairing.prompts import prompts_differ, prove_prompts, prove_transform, tell_meant_difference
from evalkit.pipeline.pairing.recordings import another_suite
from evalkit.pipeline.pairing.sampling import compare_sampling
from evalkit.pipeline.pairing.served_models import one_model_twice, several_models
from evalkit.pipeline.pairing.tied_choices import tied_choices
from evalkit.pipeline.pairing.tokenizers import find_cut_otherwise, without_figures
from evalkit.pipeline.suites.held_out import training_digests
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.scorers.given import UNSCORABLE

_LONGEST_REASON = 200
FASTER_IS_MORE = ("tokens_per_s",)
"""Of what answering takes, the only figure of which more is better"""


def pair(prepared: Prepared, base: ArmResult, candidate: ArmResult) -> Comparison:
    """Join two arms example by example.

    Answers that were given to anything else than their arm is asked make the comparison unsound. What cannot be proven
    (a recording without digests) is noted, not assumed. Arms with prompts of their own are asked differently on
    purpose: then the rows are the same, which is told.
    """
    unsound: list[str] = []
    notes = [*prepared.notes, *base.notes]
    notes += [note for note in candidate.notes if note not in notes]
    for arm in (base, candidate):
        other = another_suite(arm.identity, arm.answers)
        unsound += [other] if other is not None else []
        prove_prompts(prepared, arm, unsound, notes)
        prove_transform(arm, unsound, notes)
        several = several_models(arm)
        unsound += [several] if several is not None else []
        notes += tied_choices(arm)
    twice = one_model_twice(base, candidate)
    meant = tell_meant_difference(base, candidate)
    notes += [*([twice] if twice is not None else []), *meant]
    if not meant:
        _same_tokens(base, candidate, notes)
    cut_otherwise = find_cut_otherwise(prepared, base, candidate, notes)
    differences = compare_sampling(prepared.suite.spec, base, candidate)
    unsound += differences.unsound
    notes += differences.notes
    unsound += [] if prepared.examples else ["there is nothing to compare: the suite has no example"]
    leaked = leaked_rows(prepared.held_out, of=len(prepared.examples))
    unsound += leaked.reasons
    _scorer_errors(prepared, base, candidate, unsound)
    return Comparison(
        suite=prepared.suite.spec.name,
        base=base.identity,
        candidate=candidate.identity,
        examples=prepared.examples,
        clusters=tuple(example.unit for example in prepared.examples),
        columns=_columns(prepared, base.measured, candidate.measured),
        sets=without_figures(pair_sets(prepared, base.measured, candidate.measured), cut_otherwise),
        incomparable=cut_otherwise,
        levels=prepared.levels,
        coverage=_coverage(prepared, base, candidate),
        unsound=tuple(unsound),
        notes=tuple(notes),
        base_responses=base.answers,
        candidate_responses=candidate.answers,
        base_scores=base.measured.scores,
        candidate_scores=candidate.measured.scores,
        manifest={**_manifest(prepared, base, candidate), **leaked.manifest},
    )


def _columns(prepared: Prepared, base: ArmScores, candidate: ArmScores) -> dict[str, PairedColumn]:
    columns: dict[str, PairedColumn] = {}
    for named in prepared.scorers:
        for metric in named.metrics:
            if metric.over is not None:
                continue
            name = named.metric_name(metric)
            columns[name] = PairedColumn(
                metric=name,
                base=base.columns[name],
                candidate=candidate.columns[name],
                higher_is_better=metric.higher_is_better,
                binary=metric.binary,
                low=metric.low,
                high=metric.high,
                reach=metric.reach,
                unit=metric.unit,
                either=metric.either,
            )
    for name, column in base.columns.items():
        other: Column | None = candidate.columns.get(name)
        if name not in columns and other is not None:
            columns[name] = PairedColumn(
                metric=name, base=column, candidate=other, higher_is_better=name in FASTER_IS_MORE, binary=False
            )
    return columns


def _same_tokens(base: ArmResult, candidate: ArmResult, notes: list[str]) -> None:
    """Prompts can be the same text and other tokens: a template, a BOS, a system prompt of the arm."""
    differ = compared = 0
    for example_id, rows in base.answers.items():
        for one, two in zip(rows, candidate.answers.get(example_id, ()), strict=False):
            if one.tokens_sha256 and two.tokens_sha256:
                compared += 1
                differ += one.tokens_sha256 != two.tokens_sha256
    if differ:
        notes.append(
            f"the token ids of {differ} of {compared} prompts differ between the arms (tokenizer, chat template, BOS "
            "or an arm's own system prompt): part of the difference may come from there"
        )


def _scorer_errors(prepared: Prepared, base: ArmResult, candidate: ArmResult, unsound: list[str]) -> None:
    limit = prepared.suite.spec.policy.max_error_rate
    for arm in (base, candidate):
        for name, rows in arm.measured.scores.items():
            scores = [score for row in rows.values() for score in row]
            crashed = [score for score in scores if score.status == "ERROR"]
            if crashed and len(crashed) > limit * len(scores):
                failed = "found no score for" if crashed[0].reason.startswith(UNSCORABLE) else "crashed on"
                unsound.append(
                    f"scorer {name!r} {failed} {len(crashed)} of {len(scores)} answers of {arm.identity.name} "
                    f"(first: {crashed[0].reason})"
                )


def _coverage(prepared: Prepared, base: ArmResult, candidate: ArmResult) -> Coverage:
    return Coverage(
        examples=len(prepared.examples),
        asked=prepared.rows * prepared.suite.spec.repeats,
        base_failed=base.measured.failed,
        candidate_failed=candidate.measured.failed,
        base_failures=_kinds(prepared, base.answers),
        candidate_failures=_kinds(prepared, candidate.answers),
        base_failed_first=_first_failure(base.answers),
        candidate_failed_first=_first_failure(candidate.answers),
        scorer_errors=base.measured.errors + candidate.measured.errors,
    )


def _kinds(prepared: Prepared, answers: Answers) -> dict[str, int]:
    kinds = Counter(failure.kind for failure in failed_calls(prepared.examples, answers).values())
    return dict(sorted(kinds.items()))


def _first_failure(answers: Answers) -> str:
    """What the first failed call said, cut to a line or two; the first by id, so that no clock decides."""
    failed = (r.failure for _, rows in sorted(answers.items()) for r in rows if r.failure is not None)
    first = next(failed, None)
    return "" if first is None else first.message[:_LONGEST_REASON]


def _manifest(prepared: Prepared, base: ArmResult, candidate: ArmResult) -> dict[str, Any]:
    """What makes two comparisons comparable: the suite, its data, its prompts, its scorers."""
    spec = prepared.suite.spec
    prompts = {"prompts_sha256": digest(sorted(base.prompts.items()))}
    if prompts_differ(base, candidate):
        prompts["candidate_prompts_sha256"] = digest(sorted(candidate.prompts.items()))
    trained = training_digests(prepared.suite)
    return {
        "spec": spec.model_dump(mode="json"),
        **({TRAINING_FILES: trained} if trained else {}),
        "suite_sha256": prepared.suite.sha256,
        "data_sha256": digest_of_many(prepared.examples),
        **prompts,
        "generate": spec.generate.model_dump(mode="json", exclude_defaults=True),
        "repeats": spec.repeats,
        "scorers": {named.name: f"{named.type} {named.scorer.version}" for named in prepared.scorers},
    }
