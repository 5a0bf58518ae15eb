"""The whole way, once: suites, arms, answers, numbers, findings, a verdict."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from evalkit import __version__
from evalkit.core.columns import Comparison
from evalkit.core.nouns import Outcome as OutcomeName
from evalkit.core.nouns import SuiteVerdict, Verdict
from evalkit.core.ports import Store
from evalkit.gates.decide import decide, estimates, outcome
from evalkit.models.context import Context
from evalkit.pipeline.arm import OpenArm, asking, by_letters, run_arm
from evalkit.pipeline.arms import Roster, opened, roster
from evalkit.pipeline.ask import Asking
from evalkit.pipeline.budget import Budget
from evalkit.pipeline.options import Options, Outcome
from evalkit.pipeline.pair import ArmResult, pair
from evalkit.pipeline.prepare import Prepared
from evalkit.pipeline.suites import prepared_suites

LEDGER = Path(".evalkit") / "ledger.sqlite"
WORST_FIRST: tuple[OutcomeName, ...] = ("INVALID", "FAIL", "INCONCLUSIVE", "PASS")


def compare_arms(base: str, candidates: Sequence[str], *, options: Options) -> tuple[Outcome, ...]:
    """Compare each candidate with the base on every suite; the base is asked once.

    Raises UsageError, SuiteError, DataError or ModelError (exit 2) when nothing can be decided.
    """
    suites = prepared_suites(options)
    names = [base, *candidates]
    with ExitStack() as stack:
        arms = open_arms(names, options=options, stack=stack)
        results = _run(arms, suites, options=options, stack=stack)
    outcomes = []
    for number, name in enumerate(candidates, start=1):
        comparisons = tuple(
            _notable(pair(suite, row[0][0], row[number][0], prompts=row[0][1]), suite)
            for suite, row in zip(suites, results, strict=True)
        )
        verdict = judged(base, name, suites, comparisons, options=options, family=len(candidates))
        texts = {suite.suite.spec.name: suite.suite.path.read_text(encoding="utf-8") for suite in suites}
        outcomes.append(Outcome(verdict=verdict, comparisons=comparisons, suites=texts))
    return tuple(outcomes)


def open_arms(names: Sequence[str], *, options: Options, stack: ExitStack) -> tuple[OpenArm, ...]:
    """Open every named arm, each once, however often it is named; A/A runs ask the same arm for other repeats."""
    known: Roster = roster(options.models)
    context = Context(
        root=(options.root or Path()).absolute(),
        seed=options.seed or 0,
        progress=options.say,
        environ=os.environ if options.environ is None else options.environ,
    )
    arms: list[OpenArm] = []
    for name in names:
        arm = known.arm(name)
        model = opened(arm, mode=options.mode, context=context)
        stack.callback(model.close)
        recorded = model.identity.provider == "replay"
        arms.append(OpenArm(arm=arm, model=model, turn=0 if recorded else names[: len(arms)].count(name)))
    return tuple(arms)


def open_store(options: Options, stack: ExitStack) -> Store | None:
    """The ledger of this run, or None where nothing is kept."""
    if options.root is None:
        return None
    from evalkit.store.ledger import Ledger

    ledger = stack.enter_context(Ledger(options.root / LEDGER, refresh=options.mode == "live"))
    for note in ledger.notes:
        options.say(note)
    return ledger


def _run(
    arms: Sequence[OpenArm], suites: Sequence[Prepared], *, options: Options, stack: ExitStack
) -> list[list[tuple[ArmResult, dict[str, str]]]]:
    """results[suite][arm]; an arm goes through all suites before the next one starts (its weights stay in place)."""
    store = open_store(options, stack)
    budget = Budget(options.max_cost) if options.max_cost is not None else None
    models = [arm.model for arm in arms]
    rows: list[list[tuple[ArmResult, dict[str, str]]]] = [[] for _ in suites]
    for arm in arms:
        for row, suite in zip(rows, suites, strict=True):
            name = suite.suite.spec.name
            how = Asking(
                store=store,
                mode=options.mode,
                budget=budget,
                tell=lambda tally, arm=arm, name=name: options.tell(arm.arm.name, name, tally),  # type: ignore[misc]
                sleep=options.sleep,
            )
            how = asking(how, total=len(suite.examples) * suite.suite.spec.repeats)
            row.append(run_arm(arm, suite, how=how, letters=by_letters(suite, models)))
    return rows


def _notable(comparison: Comparison, prepared: Prepared) -> Comparison:
    """Calls the budget refused leave the comparison unsound, however few they are."""
    coverage = comparison.coverage
    refused = coverage.base_failures.get("out_of_budget", 0) + coverage.candidate_failures.get("out_of_budget", 0)
    if not refused:
        return comparison
    why = f"--max-cost stopped the run: {refused} calls of {prepared.suite.spec.name} were not made"
    return dataclasses.replace(comparison, unsound=(*comparison.unsound, why))


def judged(
    base: str,
    candidate: str,
    suites: Sequence[Prepared],
    comparisons: Sequence[Comparison],
    *,
    options: Options,
    family: int = 1,
) -> Verdict:
    """Let the gates of every suite decide."""
    verdicts = []
    for suite, comparison in zip(suites, comparisons, strict=True):
        spec = suite.suite.spec
        findings = decide(comparison, spec, today=options.now().date(), family=family)
        verdicts.append(
            SuiteVerdict(
                name=spec.name,
                outcome=outcome(findings, spec.policy),
                findings=findings,
                metrics=estimates(comparison, spec),
                notes=comparison.notes,
                description=spec.description,
                examples=len(comparison.examples),
            )
        )
    return verdict_of(base, candidate, verdicts, comparisons)


def verdict_of(base: str, candidate: str, suites: Sequence[SuiteVerdict], comparisons: Sequence[Comparison]) -> Verdict:
    """The worst of the suites' outcomes; no suite is INVALID, never PASS."""
    outcomes = {suite.outcome for suite in suites}
    worst: OutcomeName = next((name for name in WORST_FIRST if name in outcomes), "INVALID")
    guilty = [suite.name for suite in suites if suite.outcome == worst]
    models = {}
    for comparison in comparisons[:1]:
        models = {"base": _shown(comparison.base), "candidate": _shown(comparison.candidate)}
    return Verdict(
        version=__version__,
        outcome=worst,
        base=base,
        candidate=candidate,
        suites=tuple(suites),
        because=_because(worst, guilty, len(suites)),
        models=models,
    )


def _shown(identity: object) -> dict[str, object]:
    from evalkit.core.fingerprint import plain

    shown: dict[str, object] = plain(identity)
    return shown


def _because(worst: OutcomeName, guilty: Sequence[str], suites: int) -> str:
    where = ", ".join(guilty)
    if worst == "PASS":
        return f"every gate of {suites} {'suite' if suites == 1 else 'suites'} passes"
    if worst == "FAIL":
        return f"a gate proves harm in: {where}"
    if worst == "INCONCLUSIVE":
        return f"the data cannot tell in: {where}"
    return f"nothing sound to compare in: {where}" if guilty else "no suite was compared"


def worst_exit_code(outcomes: Sequence[Outcome]) -> int:
    """One exit code for several candidates, by the precedence of the contract: 4, 1, 3, 0."""
    found = {item.verdict.outcome: item.verdict.exit_code for item in outcomes}
    return next((found[name] for name in WORST_FIRST if name in found), 4)
