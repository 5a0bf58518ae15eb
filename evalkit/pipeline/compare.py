"""The whole way, once: suites, arms, answers, numbers, findings, a verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import ExitStack

from evalkit import __version__
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Outcome as OutcomeName
from evalkit.core.verdict import SuiteVerdict, Verdict
from evalkit.gates.identical_arms import identical_arms
from evalkit.gates.outcome import is_unsound
from evalkit.gates.seconds import TIMING
from evalkit.pipeline.asking.run_arms import Duel, ask_arms, open_arms
from evalkit.pipeline.deciding.early_decision import how_it_stopped, proof_of
from evalkit.pipeline.deciding.headline import write_headline
from evalkit.pipeline.deciding.noise import is_noise_run, is_one_recording, keep_noise, read_noise_floors, sentences
from evalkit.pipeline.deciding.suite_verdict import suite_verdict
from evalkit.pipeline.options import CandidateResult, Options
from evalkit.pipeline.pairing.pair import pair
from evalkit.pipeline.preflight import check_before_run

WORST_FIRST: tuple[OutcomeName, ...] = ("INVALID", "FAIL", "INCONCLUSIVE", "PASS")


def compare_arms(base: str, candidates: Sequence[str], *, options: Options) -> tuple[CandidateResult, ...]:
    """Compare each candidate with the base on every suite; the base is asked once.

    Raises UsageError, SuiteError, DataError or ModelError (exit 2) when nothing can be decided.
    """
    suites, named = check_before_run([base, *candidates], options=options)
    with ExitStack() as stack:
        arms = open_arms(named, options=options, stack=stack)
        gathered = ask_arms(arms, suites, options=options, stack=stack)
    texts = {suite.suite.spec.name: suite.suite.text for suite in suites}
    outcomes = []
    for name, duels in zip(candidates, gathered, strict=True):
        comparisons = tuple(_pair_duel(duel, family=len(candidates)) for duel in duels)
        verdict = judge_suites(base, name, duels, comparisons, options=options, family=len(candidates))
        outcomes.append(CandidateResult(verdict=verdict, comparisons=comparisons, suites=texts))
    return tuple(outcomes)


def _pair_duel(duel: Duel, *, family: int) -> Comparison:
    """Pair the arms; calls that the budget refused leave the comparison unsound, however few they are."""
    comparison = pair(duel.prepared, duel.base, duel.candidate)
    comparison = dataclasses.replace(comparison, manifest={**comparison.manifest, "family": family})
    if duel.timing:
        comparison = dataclasses.replace(comparison, manifest={**comparison.manifest, TIMING: dict(duel.timing)})
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
    duels: Sequence[Duel],
    comparisons: Sequence[Comparison],
    *,
    options: Options,
    family: int = 1,
) -> Verdict:
    """Let the gates of every suite decide."""
    verdicts = []
    for duel, comparison in zip(duels, comparisons, strict=True):
        spec = duel.prepared.suite.spec
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


def verdict_of(base: str, candidate: str, suites: Sequence[SuiteVerdict], comparisons: Sequence[Comparison]) -> Verdict:
    """Return the worst of the suites' outcomes.

    No suite is INVALID, never PASS. A suite that is INVALID by a noise run alone does not hide what another one proves
    to fail.
    """
    outcomes = {suite.outcome for suite in suites}
    unsound = any(suite.outcome == "INVALID" and (not suite.findings or is_unsound(suite.findings)) for suite in suites)
    order = WORST_FIRST if unsound else ("FAIL", *WORST_FIRST)
    worst: OutcomeName = next((name for name in order if name in outcomes), "INVALID")
    models = {}
    for comparison in comparisons[:1]:
        models = {"base": _show(comparison.base), "candidate": _show(comparison.candidate)}
    return Verdict(
        version=__version__,
        outcome=worst,
        base=base,
        candidate=candidate,
        suites=tuple(suites),
        because=write_headline(worst, suites),
        models=models,
        notes=tuple(note for note in map(identical_arms, comparisons) if note is not None),
    )


def _show(identity: object) -> dict[str, object]:
    from evalkit.core.fingerprint import plain

    shown: dict[str, object] = plain(identity)
    return shown
