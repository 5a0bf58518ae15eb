"""Labels of people beside a kept run: do they agree with each other, and with its scorers?"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evalkit.core.columns import Comparison
from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Json, Response
from evalkit.core.fingerprint import digest, plain
from evalkit.core.judging import AGREEMENT
from evalkit.core.recording import Recording
from evalkit.foreign.known_scores import YES_NO
from evalkit.foreign.labels.nouns import Label, LabelValue
from evalkit.foreign.labels.read import read_labels
from evalkit.pipeline.deciding.agreement import (
    ARMS,
    BY,
    ArmName,
    CasePlace,
    LabelReport,
    LabelRows,
    label_word,
    report_labels,
)
from evalkit.report.rows import case_rows
from evalkit.store.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRun:
    """A run with labels."""

    reports: tuple[LabelReport, ...]
    notes: tuple[str, ...]
    scores: Mapping[ArmName, Mapping[CasePlace, Mapping[str, Json]]]
    """arm -> case -> given scores: the mean or majority by the label's name, each annotator's as NAME@ANNOTATOR"""
    comparisons: tuple[Comparison, ...] = ()
    """Those of the run, with the agreement that their page shows"""


def judge_run(run: Run, files: Sequence[str | Path]) -> JudgedRun:
    """Read the labels and hold them against each other and the run's scorers.

    UsageError where not one label is of a case of the run, or one person labels a case twice.
    """
    grouped, notes = group_labels(run, files)
    reports = tuple(report_labels(name, rows, run.comparisons) for name, rows in grouped.items())
    return JudgedRun(
        reports=reports, notes=tuple(notes), scores=_scores(grouped), comparisons=tuple(_with_agreement(run, grouped))
    )


def _with_agreement(run: Run, grouped: Mapping[str, LabelRows]) -> Iterable[Comparison]:
    """The run's comparisons with what is said of the labels of each, for its page."""
    for one in run.comparisons:
        told = [
            plain(report_labels(name, mine, [one]))
            for name, rows in grouped.items()
            if (mine := {place: row for place, row in rows.items() if place[0] == one.suite})
        ]
        yield replace(one, manifest={**one.manifest, AGREEMENT: told}) if told else one


def group_labels(
    run: Run, files: Sequence[str | Path]
) -> tuple[dict[str, dict[CasePlace, dict[str, LabelValue]]], list[str]]:
    """Read labels by name, case and annotator, and what was left out.

    UsageError where not one label is of a case of the run, or one person labels a case twice.
    """
    known = tuple(case_rows(run.comparisons)[0]) if any(one.examples for one in run.comparisons) else ()
    labels: list[Label] = []
    notes: list[str] = []
    for file in files:
        found = read_labels(Path(file), known=known)
        labels += found.labels
        notes += [f"{file}: left out {many} {why}" for why, many in found.left_out.items()]
    grouped: dict[str, dict[CasePlace, dict[str, LabelValue]]] = {}
    for place, label in _place(run, labels, notes):
        row = grouped.setdefault(label.name, {}).setdefault(place, {})
        if row.setdefault(label.annotator, label.value) != label.value:
            both = f"{row[label.annotator]} and {label.value}"
            what = f"{label.annotator} labels {label.name} of {label.case!r} twice: {both}"
            raise UsageError(Problem(what=what, todo="keep one of the two, or name annotators apart"))
    return grouped, notes


def write_recordings(run: Run, judged: JudgedRun, folder: Path) -> list[Path]:
    """Write both arms' answers with the labels as given scores; return the files.

    UsageError where a file is there already. Arms without a label of their own are left out.
    """
    paths = []
    for arm in ARMS:
        if not judged.scores[arm]:
            continue
        path = folder / f"{arm}.jsonl.gz"
        if path.exists():
            raise UsageError(Problem(what=f"-o {folder}: {path.name} is there already", todo="name another folder"))
        responses = [row for one in run.comparisons for row in _with_scores(one, arm, judged.scores[arm])]
        identity = getattr(run.comparisons[0], arm)
        identity = replace(identity, fingerprint=digest([identity.fingerprint, plain_scores(judged.scores[arm])]))
        folder.mkdir(parents=True, exist_ok=True)
        paths.append(Recording(model=identity, responses=tuple(responses)).write(path))
    return paths


def plain_scores(scores: Mapping[CasePlace, Mapping[str, Json]]) -> list[Any]:
    """Return the scores as JSON, in an order that is always the same."""
    return [[*place, dict(sorted(row.items()))] for place, row in sorted(scores.items())]


def _with_scores(
    comparison: Comparison, arm: ArmName, scores: Mapping[CasePlace, Mapping[str, Json]]
) -> list[Response]:
    answers: Mapping[str, tuple[Response, ...]] = getattr(comparison, f"{arm}_responses")
    rows_of = {example.id: example.row_id for example in comparison.examples}
    return [
        replace(
            row,
            example_id=rows_of.get(example_id, example_id),
            suite=comparison.suite,
            scores={**row.scores, **scores.get((comparison.suite, example_id), {})}
            if row.failure is None
            else row.scores,
        )
        for example_id, rows in answers.items()
        for row in rows
    ]


def _place(run: Run, labels: Iterable[Label], notes: list[str]) -> list[tuple[CasePlace, Label]]:
    """Each label with its case; one that is of no case of the run is counted."""
    suites: dict[str, list[str]] = defaultdict(list)
    for one in run.comparisons:
        for example in one.examples:
            suites[example.id].append(one.suite)
    placed, strange = [], []
    for label in labels:
        possible = [suite for suite in suites.get(label.case, ()) if label.suite in (None, suite)]
        if len(possible) == 1:
            placed.append(((possible[0], label.case), label))
        else:
            strange.append(label)
    if not placed:
        what = f"none of the {len(strange)} labels is of a case of this run (first: {strange[0].case!r})"
        raise UsageError(
            Problem(what=what, todo="name the run they were made of: --run RUN; `evalkit runs` lists them")
        )
    if strange:
        notes.append(
            f"{len(strange)} labels are of no case of this run, or of cases in several suites "
            f"(first: {strange[0].case!r})"
        )
    return placed


def _scores(
    grouped: Mapping[str, Mapping[CasePlace, Mapping[str, LabelValue]]],
) -> dict[ArmName, dict[CasePlace, dict[str, Json]]]:
    out: dict[ArmName, dict[CasePlace, dict[str, Json]]] = {arm: {} for arm in ARMS}
    for name, rows in grouped.items():
        for arm in ARMS:
            if not name.startswith(f"{arm}."):
                continue
            label = name.removeprefix(f"{arm}.")
            for place, row in rows.items():
                numbers = {who: number for who, value in row.items() if (number := _number(value)) is not None}
                if numbers:
                    own = out[arm].setdefault(place, {})
                    own[label] = math.fsum(numbers.values()) / len(numbers)
                    own |= {f"{label}{BY}{who}": number for who, number in sorted(numbers.items())}
    return out


def _number(value: LabelValue) -> float | None:
    """A number as it is, yes and no as 1 and 0; other words are no score."""
    if isinstance(value, float):
        return value
    word = label_word(value)
    return next((float(word == good) for good, bad in YES_NO if word in (good, bad)), None)
