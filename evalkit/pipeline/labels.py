"""Labels of people beside a kept run: do they agree with each other, and with its scorers?"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from evalkit.core.columns import Comparison
from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Json, Response
from evalkit.core.fingerprint import digest
from evalkit.core.recording import Recording
from evalkit.foreign.known_scores import YES_NO, yes_no_word
from evalkit.foreign.labels.nouns import Label, LabelValue
from evalkit.foreign.labels.read import read_labels
from evalkit.report.rows import case_rows
from evalkit.stats.agreement import Kappa, kappa_of_labels
from evalkit.stats.raters import Agreement, fleiss_kappa, krippendorff_alpha
from evalkit.store.runs import Run

ArmName = Literal["base", "candidate"]
ARMS: tuple[ArmName, ...] = ("base", "candidate")
BY = "@"
"""Between the name of a label and its annotator, in scores"""
_Place = tuple[str, str]
"""Suite and id of a case"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstScorer:
    """A label's majority beside one yes/no metric of the same arm."""

    metric: str
    kappa: Kappa
    people: float
    scorer: float
    """Share of yes in what people say, and in what the scorer says, of the same cases"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelReport:
    """One question: who answered it, how far they agree, and how far scorers do.

    `cohen` is of exactly two annotators, `fleiss` of more on the cases that as many judged.
    """

    name: str
    annotators: tuple[str, ...]
    cases: int
    cohen: Kappa | None = None
    fleiss: Agreement | None = None
    alpha: Agreement | None = None
    level: str = "nominal"
    against: tuple[AgainstScorer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRun:
    """A run with labels."""

    reports: tuple[LabelReport, ...]
    notes: tuple[str, ...]
    scores: Mapping[ArmName, Mapping[_Place, Mapping[str, Json]]]
    """arm -> case -> given scores: the mean or majority by the label's name, each annotator's as NAME@ANNOTATOR"""


def judge_run(run: Run, files: Sequence[str | Path]) -> JudgedRun:
    """Read the labels and hold them against each other and the run's scorers.

    UsageError where not one label is of a case of the run, or one person labels a case twice.
    """
    grouped, notes = group_labels(run, files)
    reports = tuple(_report(name, rows, run) for name, rows in grouped.items())
    return JudgedRun(reports=reports, notes=tuple(notes), scores=_scores(grouped))


def group_labels(
    run: Run, files: Sequence[str | Path]
) -> tuple[dict[str, dict[_Place, dict[str, LabelValue]]], list[str]]:
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
    grouped: dict[str, dict[_Place, dict[str, LabelValue]]] = {}
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


def plain_scores(scores: Mapping[_Place, Mapping[str, Json]]) -> list[Any]:
    """Return the scores as JSON, in an order that is always the same."""
    return [[*place, dict(sorted(row.items()))] for place, row in sorted(scores.items())]


def _with_scores(comparison: Comparison, arm: ArmName, scores: Mapping[_Place, Mapping[str, Json]]) -> list[Response]:
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


def _place(run: Run, labels: Iterable[Label], notes: list[str]) -> list[tuple[_Place, Label]]:
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


def _report(name: str, rows: Mapping[_Place, Mapping[str, LabelValue]], run: Run) -> LabelReport:
    people = tuple(sorted({who for row in rows.values() for who in row}))
    values = sorted({value for row in rows.values() for value in row.values()}, key=lambda one: (str(type(one)), one))
    numbers = all(isinstance(value, float) for value in values)
    code = {value: float(value) if numbers else float(at) for at, value in enumerate(values)}
    ratings = np.full((len(people), len(rows)), np.nan)
    for column, row in enumerate(rows.values()):
        for who, value in row.items():
            ratings[people.index(who), column] = code[value]
    level: Literal["nominal", "ordinal"] = "ordinal" if numbers and len(values) > 2 else "nominal"
    several = len(people) > 1 and bool(((~np.isnan(ratings)).sum(axis=0) >= 2).any())
    return LabelReport(
        name=name,
        annotators=people,
        cases=len(rows),
        cohen=_cohen(ratings) if several and len(people) == 2 else None,
        fleiss=_fleiss(ratings) if several and len(people) > 2 else None,
        alpha=krippendorff_alpha(ratings, level=level) if several else None,
        level=level,
        against=tuple(_against(name, rows, run)),
    )


def _cohen(ratings: Any) -> Kappa:
    both = ~np.isnan(ratings).any(axis=0)
    return kappa_of_labels(ratings[0, both].tolist(), ratings[1, both].tolist())


def _fleiss(ratings: Any) -> Agreement | None:
    """On the cases that the commonest number of people (at least two) judged."""
    judged = (~np.isnan(ratings)).sum(axis=0)
    sizes = Counter(int(many) for many in judged if many >= 2)
    size = max(sizes, key=lambda many: (sizes[many], many))
    chosen = ratings[:, judged == size]
    labels = np.unique(chosen[~np.isnan(chosen)])
    return fleiss_kappa(np.stack([(chosen == label).sum(axis=0) for label in labels], axis=1))


def _against(name: str, rows: Mapping[_Place, Mapping[str, LabelValue]], run: Run) -> Iterable[AgainstScorer]:
    """The majority of yes or no beside every yes/no metric of the same arm."""
    arm, dot, _ = name.partition(".")
    if not dot or arm not in ARMS:
        return
    words = {_word(value) for row in rows.values() for value in row.values()}
    good = next((pair[0] for pair in YES_NO if words <= {*pair}), None)
    if good is None:
        return
    said = {place: yes for place, row in rows.items() if (yes := _majority(row.values(), good)) is not None}
    for metric in dict.fromkeys(m for one in run.comparisons for m, column in one.columns.items() if column.binary):
        pairs = [pair for one in run.comparisons for pair in _pairs(one, arm, metric, said)]
        if pairs:
            people, scorer = ([pair[side] for pair in pairs] for side in (0, 1))
            yield AgainstScorer(
                metric=metric,
                kappa=kappa_of_labels(people, scorer),
                people=sum(people) / len(people),
                scorer=sum(scorer) / len(scorer),
            )


def _pairs(one: Comparison, arm: str, metric: str, said: Mapping[_Place, bool]) -> Iterable[tuple[bool, bool]]:
    column = one.columns.get(metric)
    if column is None:
        return
    scored = getattr(column, arm)
    for example, there, value in zip(one.examples, scored.present.tolist(), scored.values.tolist(), strict=True):
        yes = said.get((one.suite, example.id))
        if there and yes is not None and value != 0.5:
            yield yes, value > 0.5


def _majority(values: Iterable[LabelValue], good: str) -> bool | None:
    """What most people say; None of a tie."""
    votes = [_word(value) == good for value in values]
    yes = sum(votes)
    return None if 2 * yes == len(votes) else 2 * yes > len(votes)


def _word(value: LabelValue) -> str:
    return yes_no_word(f"{value:g}" if isinstance(value, float) else value)


def _scores(
    grouped: Mapping[str, Mapping[_Place, Mapping[str, LabelValue]]],
) -> dict[ArmName, dict[_Place, dict[str, Json]]]:
    out: dict[ArmName, dict[_Place, dict[str, Json]]] = {arm: {} for arm in ARMS}
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
    word = _word(value)
    return next((float(word == good) for good, bad in YES_NO if word in (good, bad)), None)
