"""Candidates over time: each kept run's candidate beside the one before it, on the cases that both were asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example
from evalkit.core.series import Series, Step
from evalkit.core.verdict import Estimate, SuiteVerdict
from evalkit.gates.estimates import estimates
from evalkit.store.runs import Run
from evalkit.suite.spec import SuiteSpec


def history(runs: Sequence[Run]) -> tuple[Series, ...]:
    """Read the gated metrics of every suite through the runs given.

    They are as the newest run that has the suite gates them.
    """
    ordered = sorted(runs, key=lambda run: run.summary.when)
    suites: dict[str, list[tuple[Run, Comparison, SuiteVerdict]]] = {}
    for run in ordered:
        verdicts = {verdict.name: verdict for verdict in run.verdict.suites}
        for comparison in run.comparisons:
            if comparison.suite in verdicts:
                suites.setdefault(comparison.suite, []).append((run, comparison, verdicts[comparison.suite]))
    return tuple(series for name, entries in suites.items() for series in _of_suite(name, entries))


def _of_suite(name: str, entries: Sequence[tuple[Run, Comparison, SuiteVerdict]]) -> Iterator[Series]:
    metrics = dict.fromkeys(finding.metric for finding in entries[-1][2].findings)
    steps: dict[str, list[Step]] = {metric: [] for metric in metrics}
    newest: dict[str, PairedColumn] = {}
    before: Comparison | None = None
    for run, comparison, verdict in entries:
        changes: Mapping[str, Estimate | str] = {}
        why = ""
        if comparison.unsound:
            why = "the run is INVALID: no later one is compared with it"
        elif before is not None:
            changes, why = _changes(before, comparison)
        for metric in metrics:
            column = comparison.columns.get(metric)
            if column is None:
                continue
            newest[metric] = column
            steps[metric].append(_step(run, verdict, column.candidate, changes.get(metric), why))
        before = before if comparison.unsound else comparison
    for metric, column in newest.items():
        yield Series(
            suite=name,
            metric=metric,
            higher_is_better=column.higher_is_better,
            binary=column.binary,
            steps=tuple(steps[metric]),
        )


def _step(run: Run, verdict: SuiteVerdict, column: Column, change: Estimate | str | None, why: str) -> Step:
    present = column.present
    step = Step(
        run=run.summary.id,
        created=run.summary.created,
        base=run.summary.base,
        candidate=run.summary.candidate,
        outcome=verdict.outcome,
        n=int(present.sum()),
        value=float(column.values[present].mean()) if present.any() else None,
    )
    if isinstance(change, Estimate) and change.delta is not None:
        return replace(step, change=change)
    return replace(step, because=change.because if isinstance(change, Estimate) else change or why)


def _changes(before: Comparison, now: Comparison) -> tuple[Mapping[str, Estimate | str], str]:
    """By metric, what changed between two candidates or why that cannot be told; and why none can, if so."""
    asked = {example.id: at for at, example in enumerate(before.examples)}
    pairs = [
        (asked[example.id], at)
        for at, example in enumerate(now.examples)
        if example.id in asked
        and _is_same(before.examples[asked[example.id]], example)
        and len({_prompt(before, example.id), _prompt(now, example.id)} - {None}) < 2
    ]
    if not pairs:
        return {}, "no case is the same as in the run before"
    if "spec" not in now.manifest or "spec" not in before.manifest:
        return {}, "the run does not hold the suite it was decided by"
    spec = SuiteSpec.model_validate_json(json.dumps(now.manifest["spec"]))
    told: dict[str, Estimate | str] = {}
    columns = {}
    for metric, column in now.columns.items():
        earlier = before.columns.get(metric)
        if earlier is None:
            told[metric] = "the run before did not measure it"
        elif _instrument(before, metric) != _instrument(now, metric):
            told[metric] = "its scorer is another than in the run before"
        else:
            columns[metric] = replace(
                column,
                base=_rows(earlier.candidate, [one for one, _ in pairs]),
                candidate=_rows(column.candidate, [two for _, two in pairs]),
            )
    at = [two for _, two in pairs]
    joined = Comparison(
        suite=now.suite,
        base=before.candidate,
        candidate=now.candidate,
        examples=tuple(now.examples[two] for two in at),
        clusters=tuple(now.clusters[two] for two in at),
        columns=columns,
        levels={},
        coverage=Coverage(examples=len(at), asked=len(at)),
    )
    return told | {found.metric: found for found in estimates(joined, spec)}, ""


def _is_same(one: Example, two: Example) -> bool:
    """Whether the same was asked and expected; what the case is tagged with does not matter."""
    return (one.messages, one.target, one.choices, one.tools) == (two.messages, two.target, two.choices, two.tools)


def _prompt(comparison: Comparison, example: str) -> str | None:
    """The digest of what the candidate was asked; None where its answer does not carry one."""
    return next((one.prompt_sha256 for one in comparison.candidate_responses.get(example, ())), None)


def _instrument(comparison: Comparison, metric: str) -> object:
    """The scorer's type, options and version; costs are measured by nothing that could change."""
    scorer = metric.partition(".")[0]
    spec = comparison.manifest["spec"].get("scorers", {}).get(scorer)
    scores = next(iter(comparison.candidate_scores.get(scorer, {}).values()), ())
    return spec, scores[0].version if scores else ""


def _rows(column: Column, at: Sequence[int]) -> Column:
    rows = list(at)
    return Column(
        raw=column.raw[rows], scored=column.scored[rows], failed=column.failed[rows], errors=column.errors[rows]
    )
