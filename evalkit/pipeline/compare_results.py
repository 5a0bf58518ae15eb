"""Results of other tools and plain tables as arms: no suite is needed, the verdict is the ordinary one."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalkit.core.errors import Problem, UsageError, count_of, did_you_mean
from evalkit.core.exchange import ModelIdentity, Response
from evalkit.core.fingerprint import digest
from evalkit.core.recording import Recording, is_recording
from evalkit.foreign.carry import Carried, Plan, carry
from evalkit.foreign.columns import read_wishes
from evalkit.foreign.kinds import find_importer
from evalkit.foreign.nouns import ForeignArm, Found, Wishes
from evalkit.foreign.scales import margins, scales_of
from evalkit.foreign.table import is_without_id
from evalkit.models.replay import ReplayModel
from evalkit.pipeline.arms.roster import roster
from evalkit.pipeline.compare import compare_arms
from evalkit.pipeline.options import CandidateResult, GivenSuite, Options
from evalkit.suite.load import draft_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An arm as it was named: `both.csv#tuned` is the arm `tuned` of the file `both.csv`."""

    word: str
    path: Path
    arm: str | None = None


def results_reference(word: str) -> Reference | None:
    """What a word names, if it is a file (or folder) of results that is no recording; None otherwise."""
    path, arm = Path(word), None
    if not path.exists():
        before, mark, after = word.rpartition("#")
        if not mark or not before or not Path(before).exists():
            return None
        path, arm = Path(before), after
    if path.is_file() and path.name.endswith((".jsonl", ".jsonl.gz")) and is_recording(path):
        return None
    return Reference(word=word, path=path, arm=arm or None)


def are_results(words: Sequence[str], options: Options) -> bool:
    """Whether every arm is a file of results, and none of them a name of models.yaml."""
    if not all(results_reference(word) is not None or _is_named_like_one(word) for word in words):
        return False
    known = roster(options.models).specs
    return not any(word in known for word in words)


def _is_named_like_one(word: str) -> bool:
    """Whether a word ends as only names of tables do: one that is not there is told as such."""
    return Path(word.partition("#")[0]).suffix.lower() in (".csv", ".tsv", ".xlsx", ".json", ".eval")


def compare_results(
    base: str, candidates: Sequence[str], *, columns: Sequence[str] = (), options: Options
) -> tuple[CandidateResult, ...]:
    """Compare results with results, without a suite: what is guessed is said, and can be set by `columns`.

    Raises UsageError or DataError (exit 2) where something would have to be guessed that is not, UnsoundComparison
    where the results are not of the same cases.
    """
    wishes = read_wishes(columns)
    words = [base, *candidates]
    read = _read_all(words, wishes)
    if not candidates:
        raise _one_alone(base, read[base])
    given: dict[str, dict[str, tuple[Response, ...]]] = {word: {} for word in words}
    suites: list[GivenSuite] = []
    for source in _sources(words, read, wishes):
        founds = [
            next(found for found in read[word] if found.source == source or len(read[word]) == 1) for word in words
        ]
        carried, notes = _carried(words, founds, wishes)
        for note in notes:
            options.say(note)
        suites.append(_suite(carried, ["; ".join(notes)]))
        for word, responses in carried.responses.items():
            given[word][carried.name] = responses
    models = {word: _model(word, rows) for word, rows in given.items()}
    chosen = replace(options, given_models={**options.given_models, **models}, given_suites=tuple(suites))
    return compare_arms(base, candidates, options=chosen)


def _read_all(words: Sequence[str], wishes: Wishes) -> dict[str, list[Found]]:
    """Every source, read once however many of its arms are named."""
    references = {word: results_reference(word) for word in words}
    missing = [word for word, reference in references.items() if reference is None]
    if missing:
        raise UsageError(
            Problem(what=f"there is no file {word}", todo=f"check the path (from {Path.cwd()})") for word in missing
        )
    known = [reference for reference in references.values() if reference is not None]
    arms: dict[Path, list[str]] = {}
    for reference in known:
        arms.setdefault(reference.path, []).extend([reference.arm] if reference.arm else [])
    sources = {}
    for path, names in arms.items():
        _, reader = find_importer(path)
        sources[path] = reader.read(path, wishes, tuple(dict.fromkeys(names)))
    return {reference.word: [_only(found, reference) for found in sources[reference.path]] for reference in known}


def _only(found: Found, reference: Reference) -> Found:
    """The source with the one arm that was named."""
    names = [arm.name for arm in found.arms]
    if reference.arm is None and len(names) == 1:
        return found
    if reference.arm is None:
        lines = [
            f"evalkit compare {_typed(reference.path, names[0])} {_typed(reference.path, name)}" for name in names[1:2]
        ]
        raise UsageError(
            Problem(
                what=f"{reference.path} holds {count_of(len(names), 'arm')}: {', '.join(names)}",
                todo=f"name one with #, e.g. {lines[0]}",
            )
        )
    chosen = [arm for arm in found.arms if arm.name == reference.arm]
    if not chosen:
        what = f"{reference.path} has no arm {reference.arm!r}{did_you_mean(reference.arm, names)}"
        raise UsageError(Problem(what=what, allowed=", ".join(names)))
    return replace(found, arms=chosen)


def _typed(path: Path, arm: str) -> str:
    return shlex.quote(f"{path}#{arm}")


def _one_alone(word: str, founds: Sequence[Found]) -> UsageError:
    """A file by itself: what it holds, and what to type."""
    path = Path(word)
    possible = [*dict.fromkeys(name for found in founds for name in found.possible_arms)]
    if len(possible) > 1:
        line = f"evalkit compare {_typed(path, possible[0])} {_typed(path, possible[1])}"
        what = f"{path} is one arm; as columns it holds {', '.join(possible)}"
        return UsageError(Problem(what=what, todo=f"type {line}, or name a second file"))
    todo = f"type evalkit compare {word} OTHER_FILE, or say which column tells models apart: --columns model=COLUMN"
    return UsageError(Problem(what=f"{path} holds one arm, and a comparison needs two", todo=todo))


def _sources(words: Sequence[str], read: Mapping[str, Sequence[Found]], wishes: Wishes) -> list[str]:
    """The data sets (tasks) that all arms have; UsageError where one has another than the base and nobody chose."""
    if all(len(founds) == 1 for founds in read.values()):
        return [read[words[0]][0].source]
    names = {word: [found.source for found in founds] for word, founds in read.items()}
    every = list(dict.fromkeys(name for word in words for name in names[word]))
    unknown = [name for name in wishes.suites if name not in every]
    if unknown:
        raise UsageError(Problem(what=f"--columns suite={unknown[0]}: there is no such task", allowed=", ".join(every)))
    wanted = [name for name in every if not wishes.suites or name in wishes.suites]
    odd = [(name, word) for name in wanted for word in words if name not in names[word]]
    if odd:
        common = [name for name in every if all(name in names[word] for word in words)]
        todo = "name those to compare: --columns " + ",".join(f"suite={name}" for name in common) if common else None
        raise UsageError([Problem(what=f"{word} has no results of {name!r}", todo=todo) for name, word in odd])
    return wanted


def _carried(words: Sequence[str], founds: Sequence[Found], wishes: Wishes) -> tuple[Carried, tuple[str, ...]]:
    if len({Path(word.rpartition("#")[0] or word) for word in words}) > 1 or founds[0].tool != "table":
        unsure = [word for word, found in zip(words, founds, strict=True) if is_without_id(found)]
        if unsure:
            todo = "name the column that says which row is which: --columns id=COLUMN"
            raise UsageError([Problem(what=f"{word} has no column of ids", todo=todo) for word in unsure])
    _same_scores(words, founds)
    scales, problems = scales_of(founds, wishes)
    told = bool(scales) and founds[0].tool != "table" and not wishes.scores
    if problems and not told:
        raise UsageError(problems)
    scorers = dict(founds[0].scorers) if not scales else {}
    if not scales and not scorers:
        raise UsageError(_no_score(words[0], founds[0]))
    plan = Plan(
        name=founds[0].source,
        scales=scales,
        margins={**margins(scales, wishes), **dict.fromkeys(scorers, wishes.margin or 0.02)},
        scorers=scorers,
        asked_alike=all(found.asked_alike for found in founds),
        about="Made of results, without a suite of its own: " + ", ".join(words),
    )
    arms: list[tuple[str, ForeignArm]] = [(word, found.arms[0]) for word, found in zip(words, founds, strict=True)]
    carried = carry(arms, plan)
    skipped = [f"not gated: {problem.what}" for problem in problems]
    return carried, (*_said(carried, founds, plan), *skipped)


def _same_scores(words: Sequence[str], founds: Sequence[Found]) -> None:
    """UsageError where an arm has a score that another has not: it could not be told, and must not be forgotten."""
    have = [dict.fromkeys(name for arm in found.arms for row in arm.rows for name in row.scores) for found in founds]
    every = list(dict.fromkeys(name for names in have for name in names))
    common = [name for name in every if all(name in names for names in have)]
    odd = [(name, word) for name in every for word, names in zip(words, have, strict=True) if name not in names]
    if odd:
        line = ",".join(f"score={name}" for name in common)
        todo = f"to compare the others alone: --columns {line}" if common else "name the columns alike in both files"
        raise UsageError([Problem(what=f"{word} has no score {name!r}", todo=todo) for name, word in odd])


def _no_score(word: str, found: Found) -> Problem:
    known = f"; columns that could be scores: {', '.join(found.possible_arms)}" if found.possible_arms else ""
    return Problem(
        what=f"{word}: no column is known for a score{known}",
        todo="name it: --columns score=COLUMN, or both output=COLUMN and target=COLUMN",
    )


def _said(carried: Carried, founds: Sequence[Found], plan: Plan) -> tuple[str, ...]:
    """What was taken for what, and how to say it otherwise."""
    found = founds[0]
    out = [f"{plan.name}: compared without a suite, {count_of(len(carried.examples), 'case')}", *carried.notes]
    out += [f"{name}: {column}" for name, column in found.guessed.items()]
    for name, scale in plan.scales.items():
        margin = f"{100 * plan.margins[name]:g} points" if scale.yes_no else f"{plan.margins[name]:g}"
        out.append(f"score {name}: {scale.why}; gate no_regression, margin {margin}")
    for name in plan.scorers:
        out.append(f"scorer {name}: gate no_regression, margin {100 * plan.margins[name]:g} points")
    out += dict.fromkeys(note for one in founds for note in (*one.carried, *one.left_out))
    out += [f"set any of it: --columns {found.set_by},margin=..."] if found.set_by else []
    return tuple(out)


def _suite(carried: Carried, notes: Sequence[str]) -> GivenSuite:
    draft = draft_suite(Path(f"{carried.name}.yaml"), carried.suite.encode())
    if draft.suite is None or draft.problems:
        raise UsageError(draft.problems)
    return GivenSuite(suite=draft.suite, rows=carried.examples, notes=tuple(notes))


def _model(word: str, rows: Mapping[str, Sequence[Response]]) -> ReplayModel:
    """The arm that these responses are; each knows its suite."""
    responses = tuple(replace(row, suite=suite) for suite, many in rows.items() for row in many)
    found = digest([[row.suite, row.example_id, row.repeat, row.text, row.scores] for row in responses])
    identity = ModelIdentity(name=word, provider="results", model=word, fingerprint=f"results:{found}")
    return ReplayModel(Recording(model=identity, responses=responses, sha256=found), name=word, source=word)
