"""The whole way, once: suites, arms, answers, numbers, findings, a verdict."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack

from evalkit.core.columns import Comparison
from evalkit.core.errors import Location
from evalkit.core.judging import AGREEMENT, JUDGES
from evalkit.core.verdict import Verdict
from evalkit.gates.decide import gates_of
from evalkit.gates.seconds import TIMING
from evalkit.pipeline.arms.roster import Arm
from evalkit.pipeline.asking.likelihoods import refuse_no_likelihoods
from evalkit.pipeline.asking.parameters import refuse_missing_parameters
from evalkit.pipeline.asking.run_arms import Duel, ask_arms, open_arms, open_desk
from evalkit.pipeline.asking.training_rows import fold_training, with_training
from evalkit.pipeline.deciding.agreement import find_agreement
from evalkit.pipeline.deciding.early_decision import how_it_stopped, proof_of
from evalkit.pipeline.deciding.noise import is_noise_run, is_one_recording, keep_noise, read_noise_floors, sentences
from evalkit.pipeline.deciding.suite_verdict import suite_verdict
from evalkit.pipeline.deciding.verdict import verdict_of
from evalkit.pipeline.judging.judges import open_judges, refuse_self_judging
from evalkit.pipeline.judging.stage import judge_duels
from evalkit.pipeline.options import CandidateResult, Options
from evalkit.pipeline.pairing.moments import find_apart
from evalkit.pipeline.pairing.pair import pair
from evalkit.pipeline.preflight import check_before_run
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.suite.load import Suite
from evalkit.suite.spec import SuiteSpec


def compare_arms(base: str, candidates: Sequence[str], *, options: Options) -> tuple[CandidateResult, ...]:
    """Compare each candidate with the base on every suite; the base is asked once.

    Raises UsageError, SuiteError, DataError or ModelError (exit 2) when nothing can be decided.
    """
    suites, named = check_before_run([base, *candidates], options=options)
    gathered = _ask_all(named, suites, options=options)
    texts = {suite.suite.spec.name: suite.suite.text for suite in suites}
    places = {suite.suite.spec.name: locate_gates(suite.suite) for suite in suites}
    specs = [suite.suite.spec for suite in suites]
    outcomes = []
    for name in candidates:
        duels = gathered.pop(0)  # what was asked goes as it is paired: a comparison holds all that is needed of it
        comparisons = tuple(_pair_duel(duel, family=len(candidates), now=options.now()) for duel in duels)
        del duels
        verdict = judge_suites(base, name, specs, comparisons, options=options, family=len(candidates))
        outcomes.append(CandidateResult(verdict=verdict, comparisons=comparisons, suites=texts, places=places))
    return tuple(outcomes)


def _ask_all(named: Sequence[Arm], suites: Sequence[Prepared], *, options: Options) -> list[list[Duel]]:
    """Ask every arm, then the judges about its answers; models and recordings are let go of."""
    with ExitStack() as stack:
        arms = open_arms(named, options=options, stack=stack)
        judges = open_judges(suites, options=options, stack=stack)
        refuse_self_judging(arms, judges, suites)
        refuse_missing_parameters(arms, suites, mode=options.mode)
        refuse_no_likelihoods(arms, suites)
        desk = open_desk([*arms, *judges.values()], options=options, stack=stack)
        every = with_training(suites, arms)
        gathered = [fold_training(duels, suites) for duels in ask_arms(arms, every, options=options, desk=desk)]
        return judge_duels(gathered, judges, options=options, desk=desk)


def locate_gates(suite: Suite) -> dict[int, Location]:
    """Locate every gate of a suite, by its position.

    -1 is the suite itself.
    """
    return {-1: suite.locate("gates"), **{index: suite.locate("gates", index) for index, _ in gates_of(suite.spec)}}


def _pair_duel(duel: Duel, *, family: int, now: dt.datetime) -> Comparison:
    """Pair the arms; calls that the budget refused leave the comparison unsound, however few they are."""
    comparison = pair(duel.prepared, duel.base, duel.candidate)
    training = {way: pair(one.prepared, one.base, one.candidate) for way, one in duel.training.items()}
    comparison = dataclasses.replace(comparison, training=training)
    more = {"family": family, **find_apart(duel.base, duel.candidate, now=now)}
    if duel.judged:
        more[JUDGES] = dict(duel.judged)
    if duel.timing:
        more[TIMING] = dict(duel.timing)
    if told := find_agreement(comparison):
        more[AGREEMENT] = told
    comparison = dataclasses.replace(comparison, manifest={**comparison.manifest, **more})
    coverage = comparison.coverage
    refused = coverage.base_failures.get("out_of_budget", 0) + coverage.candidate_failures.get("out_of_budget", 0)
    if refused:
        why = f"--max-cost stopped the run: {refused} calls of {comparison.suite} were not made"
        comparison = dataclasses.replace(comparison, unsound=(*comparison.unsound, why))
    if duel.stopped is not None:
        comparison = dataclasses.replace(
            comparison,
            notes=(*comparison.notes, how_it_stopped(duel.stopped)),
            manifest={**comparison.manifest, "early_stop": proof_of(duel.stopped)},
        )
    return comparison


def judge_suites(
    base: str,
    candidate: str,
    specs: Sequence[SuiteSpec],
    comparisons: Sequence[Comparison],
    *,
    options: Options,
    family: int = 1,
) -> Verdict:
    """Let the gates of every suite decide."""
    verdicts = []
    for spec, comparison in zip(specs, comparisons, strict=True):
        noise = read_noise_floors(options.root, comparison)
        verdicts.append(suite_verdict(comparison, spec, today=options.now().date(), noise=noise))
        if options.root is None or not is_noise_run(comparison):
            continue
        if is_one_recording(comparison):
            options.say(
                f"{spec.name}: one recording compared with itself shows no noise; record the model a second time, "
                "with another seed, to measure its noise floor"
            )
            continue
        kept = keep_noise(options.root, comparison, spec.policy, now=options.now())
        for sentence in sentences(kept, spec.name):
            options.say(sentence)
    return verdict_of(base, candidate, verdicts, comparisons)
