"""The answers of a kept run that a judge judged, and what people say of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from evalkit.core.columns import Comparison
from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Json, Response
from evalkit.core.judging import JUDGES
from evalkit.core.verdict import Score
from evalkit.foreign.labels.nouns import LabelValue
from evalkit.pipeline.deciding.agreement import ARMS, ArmName
from evalkit.pipeline.judge_check.people import human_label, human_value
from evalkit.pipeline.labels import group_labels
from evalkit.scorers.outcome import answer_text
from evalkit.store.runs import Run

Case = tuple[str, str]
"""Suite and id"""
Said = Mapping[tuple[str, Case], Mapping[str, Sequence[LabelValue]]]
"""Arm ("" of a pair) and case -> part of the metric -> what each person said"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAnswer:
    """One answer: what the judges say of it, and what people do.

    `values` and `people` are by part of the metric; a part that nobody spoke of is not there.
    """

    case: Case
    arm: ArmName
    tags: Mapping[str, str]
    length: int
    values: Mapping[str, float]
    people: Mapping[str, float]
    labels: tuple[str, str] | None
    """Of labels: what people chose, and what the judge read"""
    draws: Mapping[str, tuple[str, ...]]
    """Judge -> what it said each time that it was asked"""
    consistent: Mapping[str, tuple[bool, ...]]
    """Judge -> whether both orders of a pair name the same answer"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """A scorer of a run that asked judges, with everything that it judged."""

    scorer: str
    about: Mapping[str, Json]
    answers: tuple[JudgedAnswer, ...]
    unscorable: int
    notes: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The kind of judgement."""
        return str(self.about["kind"])


def find_scorer(run: Run, named: str | None) -> tuple[str, list[Comparison]]:
    """Find the scorer that asked judges, and the suites in which it did.

    UsageError where the run has none, or several and none is named.
    """
    found: dict[str, list[Comparison]] = {}
    for one in run.comparisons:
        for scorer in one.manifest.get(JUDGES, {}):
            found.setdefault(scorer, []).append(one)
    if not found:
        todo = "compare arms on a suite with a scorer {type: judge, ...}; `evalkit runs` lists the runs"
        raise UsageError(Problem(what=f"the run {run.summary.id} asked no judge", todo=todo))
    if named is None and len(found) > 1:
        raise UsageError(
            Problem(what="the run has several scorers that ask judges", allowed=join_allowed([*found]), todo="--scorer")
        )
    name = named or next(iter(found))
    if name not in found:
        raise UsageError(
            Problem(what=f"no scorer {name!r} asked a judge{did_you_mean(name, found)}", allowed=join_allowed([*found]))
        )
    digests = {one.manifest[JUDGES][name]["digest"] for one in found[name]}
    if len(digests) > 1:
        what = f"scorer {name!r} asks otherwise in {join_allowed([one.suite for one in found[name]])}"
        raise UsageError(Problem(what=what, todo="compare one suite with -k or --suite, and check that run"))
    return name, found[name]


def gather(run: Run, scorer: str, comparisons: Sequence[Comparison], said: Said, notes: Sequence[str]) -> Court:
    """Put together what judges and people say of every answer.

    Of repeats the first counts.
    """
    about = comparisons[0].manifest[JUDGES][scorer]
    answers: list[JudgedAnswer] = []
    unscorable = 0
    for one in comparisons:
        for arm in ARMS:
            for example in one.examples:
                rows = getattr(one, f"{arm}_scores").get(scorer, {}).get(example.id, ())
                responses = getattr(one, f"{arm}_responses").get(example.id, ())
                if not rows or not responses:
                    continue
                unscorable += rows[0].status == "ERROR"
                if rows[0].status == "SCORED":
                    people = {
                        **said.get(("", (one.suite, example.id)), {}),
                        **said.get((arm, (one.suite, example.id)), {}),
                    }
                    answers.append(
                        _answer((one.suite, example.id), arm, example.tags, rows[0], responses[0], about, people)
                    )
    return Court(
        scorer=scorer, about=about, answers=tuple(answers), unscorable=unscorable, notes=tuple(notes)
    )  # fmt: skip


def _answer(
    case: Case,
    arm: ArmName,
    tags: Mapping[str, str],
    score: Score,
    response: Response,
    about: Mapping[str, Json],
    said: Mapping[str, Sequence[LabelValue]],
) -> JudgedAnswer:
    kind, reads = str(about["kind"]), about["reads"]
    values = {"": cast(float, score.value), **{part: value for part, value in score.parts.items() if value is not None}}
    people: dict[str, float] = {}
    for part, words in said.items():
        value = human_value(words, part, kind=kind, reads=reads)
        if value is not None:
            people[part] = 1.0 - value if kind == "pairwise" and arm == "base" else value
    if kind == "rubric" and "pass" in reads["parts"] and "pass" not in people and "" in said:
        passed = human_value(said[""], "pass", kind=kind, reads=reads)
        people |= {} if passed is None else {"pass": passed}
    label = human_label(said[""], reads["labels"]) if kind == "label" and "" in said else None
    judges = score.evidence["judges"]
    return JudgedAnswer(
        case=case,
        arm=arm,
        tags=tags,
        length=len(unicodedata.normalize("NFC", answer_text(response))),
        values=values,
        people=people,
        labels=(label, score.reading) if label is not None and score.reading is not None else None,
        draws={name: tuple(one["readings"]) for name, one in judges.items()},
        consistent={name: tuple(one.get("consistent", ())) for name, one in judges.items()},
    )


def said_in_files(run: Run, scorer: str, files: Sequence[str | Path], label: str | None) -> tuple[Said, list[str]]:
    """Read what people said of the scorer's answers from files of labels.

    A label is named ARM.LABEL (`base.good`), of a part ARM.LABEL.PART, of a pair LABEL alone; without `label` it is the
    only one in the files, or that of the scorer's name. UsageError where no label bears the name.
    """
    grouped, notes = group_labels(run, files)
    questions = {_question(full) for full in grouped}
    name = label or (next(iter(questions)) if len(questions) == 1 else scorer)
    out: dict[tuple[str, Case], dict[str, Sequence[LabelValue]]] = {}
    for full, rows in grouped.items():
        arm, part = _split(full, name)
        if part is None:
            continue
        for case, by_person in rows.items():
            out.setdefault((arm, case), {})[part] = tuple(by_person.values())
    if not out:
        what = f"no label is named base.{name}, candidate.{name} or, of a pair, {name}"
        raise UsageError(Problem(what=what, allowed=join_allowed([*grouped]), todo="say which with --label NAME"))
    return out, notes


def _question(full: str) -> str:
    """The question of a label's name, without arm and part."""
    arm, dot, rest = full.partition(".")
    return (rest if dot and arm in ARMS else full).partition(".")[0]


def _split(full: str, name: str) -> tuple[str, str | None]:
    """(arm, part) of a label's name; (_, None) where it is another question's."""
    arm, dot, rest = full.partition(".")
    if not dot or arm not in ARMS:
        arm, rest = "", full
    if rest == name:
        return arm, ""
    return arm, rest.removeprefix(f"{name}.") if rest.startswith(f"{name}.") else None


def said_in_answers(comparisons: Sequence[Comparison], score: str) -> Said:
    """Read what people said from the answers' own `scores`: one number an answer.

    UsageError where no answer has a score of that name.
    """
    out = {place: {"": (value,)} for one in comparisons for place, value in _read_given(one, score)}
    if not out:
        known = {
            name
            for one in comparisons
            for rows in one.candidate_responses.values()
            for row in rows
            for name in row.scores
        }
        what = f"no answer of the run has a score {score!r}{did_you_mean(score, known)}"
        raise UsageError(Problem(what=what, allowed=join_allowed(sorted(known)) or "the answers have no scores"))
    return out


def _read_given(one: Comparison, score: str) -> Iterator[tuple[tuple[str, Case], LabelValue]]:
    for arm in ARMS:
        answers: Mapping[str, tuple[Response, ...]] = getattr(one, f"{arm}_responses")
        for example_id, rows in answers.items():
            value = rows[0].scores.get(score) if rows else None
            if isinstance(value, (bool, int, float, str)):
                yield (arm, (one.suite, example_id)), value if isinstance(value, str) else float(value)
