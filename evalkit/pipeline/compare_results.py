"""Results of other tools and plain tables as arms: no suite is needed, the verdict is the ordinary one."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalkit.core.errors import DataError, Problem, UsageError, count_of, did_you_mean, raise_together
from evalkit.core.exchange import ModelIdentity, Response
from evalkit.core.fingerprint import digest_of_many
from evalkit.core.recording import Recording, is_recording
from evalkit.foreign.carry import Carried, carry_alone
from evalkit.foreign.columns import read_wishes
from evalkit.foreign.join import join
from evalkit.foreign.kinds import find_importer
from evalkit.foreign.nouns import ForeignResults, Wishes
from evalkit.models.named import read_bare_name
from evalkit.models.replay import ReplayModel
from evalkit.pipeline.arms.roster import roster
from evalkit.pipeline.compare import compare_arms
from evalkit.pipeline.options import CandidateResult, GivenSuite, Options
from evalkit.store.page_runs import page_reference
from evalkit.suite.load import draft_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An arm as it was named.

    `both.csv#tuned` is the arm `tuned` of the file `both.csv`.
    """

    word: str
    path: Path
    arm: str | None = None


def results_reference(word: str) -> Reference | None:
    """Read a word as a reference to results; None where it is none.

    It is one if it names a file (or folder) of results that is no recording.
    """
    path, arm = Path(word), None
    if page_reference(word) is not None:
        return None
    if not path.exists():
        before, mark, after = word.rpartition("#")
        if not mark or not before or not Path(before).exists():
            return None
        path, arm = Path(before), after
    if path.is_file() and path.name.endswith((".jsonl", ".jsonl.gz")) and is_recording(path):
        return None
    if path.is_dir() and read_bare_name(word) is not None:
        return None  # weights, and an arm by themselves
    return Reference(word=word, path=path, arm=arm or None)


def are_results(words: Sequence[str], options: Options) -> bool:
    """Tell whether every arm is a file of results.

    None of them may be a name of models.yaml.
    """
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
    """Compare results with results, without a suite.

    What is guessed is said, and can be set by `columns`. Raises UsageError or DataError (exit 2) where something would
    have to be guessed that is not, UnsoundComparison where the results are not of the same cases.
    """
    wishes = read_wishes(columns)
    words = [base, *candidates]
    read = _read_all(words, wishes)
    if not candidates:
        raise _one_alone(base, read[base])
    suites, given = _carry_all(words, read, wishes, options=options)
    del read  # the rows as they were read take as much room as all that is made of them
    models = {word: _model(word, given.pop(word)) for word in [*given]}
    chosen = replace(options, given_models={**options.given_models, **models}, given_suites=tuple(suites))
    return compare_arms(base, candidates, options=chosen)


def _carry_all(
    words: Sequence[str], read: Mapping[str, list[ForeignResults]], wishes: Wishes, *, options: Options
) -> tuple[list[GivenSuite], dict[str, list[Response]]]:
    """A suite for each data set that all arms have, and the answers of every arm."""
    given: dict[str, list[Response]] = {word: [] for word in words}
    suites: list[GivenSuite] = []
    for source in _sources(words, read, wishes):
        founds = [
            next(found for found in read[word] if found.source == source or len(read[word]) == 1) for word in words
        ]
        carried, notes = join(words, founds, wishes)
        for note in notes:
            options.say(note)
        suites.append(_suite(carried, ["; ".join(notes)]))
        for word, responses in carried.responses.items():
            given[word] += responses
    return suites, given


def with_results(words: Sequence[str], *, columns: Sequence[str] = (), options: Options) -> Options:
    """Return the options with arms that are results as models.

    A suite asks, their rows answer by id. What a source says of the prompts is left out, as a suite may write around a
    row: equal prompts are not proven.
    """
    known = roster(options.models).specs
    named = [word for word in words if word not in known and results_reference(word) is not None]
    if not named and columns:
        raise UsageError(Problem(what="--columns is for tables and results, and no arm is one"))
    read = _read_all(dict.fromkeys(named), read_wishes(columns))
    models = {}
    for word, founds in read.items():
        rows: list[Response] = []
        for found in founds:
            alone = carry_alone(found.source, [(word, found.arms[0])])
            suite = found.source if len(founds) > 1 else None
            rows += [replace(row, suite=suite, prompt_sha256=None) for row in alone.responses[word]]
        models[word] = _model(word, rows)
    return replace(options, given_models={**options.given_models, **models})


def _read_all(words: Iterable[str], wishes: Wishes) -> dict[str, list[ForeignResults]]:
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
    sources: dict[Path, Sequence[ForeignResults]] = {}
    errors: list[UsageError | DataError] = []
    for path, names in arms.items():
        try:
            _, reader = find_importer(path)
            sources[path] = reader.read(path, wishes, tuple(dict.fromkeys(names)))
        except (UsageError, DataError) as error:
            errors.append(error)
    raise_together(errors)
    return {reference.word: [_only(found, reference) for found in sources[reference.path]] for reference in known}


def _only(found: ForeignResults, reference: Reference) -> ForeignResults:
    """The source with the one arm that was named."""
    names = [arm.name for arm in found.arms]
    if reference.arm is None and len(names) == 1:
        return found
    if reference.arm is None:
        lines = [
            f"evalkit compare {_quote(reference.path, names[0])} {_quote(reference.path, name)}" for name in names[1:2]
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


def _quote(path: Path, arm: str) -> str:
    return shlex.quote(f"{path}#{arm}")


def _one_alone(word: str, founds: Sequence[ForeignResults]) -> UsageError:
    """A file by itself: what it holds, and what to type."""
    path = Path(word)
    possible = [*dict.fromkeys(name for found in founds for name in found.possible_arms)]
    if len(possible) > 1:
        line = f"evalkit compare {_quote(path, possible[0])} {_quote(path, possible[1])}"
        what = f"{path} is one arm; as columns it holds {', '.join(possible)}"
        return UsageError(Problem(what=what, todo=f"type {line}, or name a second file"))
    todo = f"type evalkit compare {word} OTHER_FILE, or say which column tells models apart: --columns model=COLUMN"
    return UsageError(Problem(what=f"{path} holds one arm, and a comparison needs two", todo=todo))


def _sources(words: Sequence[str], read: Mapping[str, Sequence[ForeignResults]], wishes: Wishes) -> list[str]:
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


def _suite(carried: Carried, notes: Sequence[str]) -> GivenSuite:
    draft = draft_suite(Path(f"{carried.name}.yaml"), carried.suite.encode())
    if draft.suite is None or draft.problems:
        raise UsageError(draft.problems)
    return GivenSuite(suite=draft.suite, rows=tuple(carried.examples), notes=tuple(notes))


def _model(word: str, rows: Sequence[Response]) -> ReplayModel:
    """The arm that these responses are."""
    found = digest_of_many([row.suite, row.example_id, row.repeat, row.text, row.scores] for row in rows)
    identity = ModelIdentity(name=word, provider="results", model=word, fingerprint=f"results:{found}")
    return ReplayModel(Recording(model=identity, responses=tuple(rows), sha256=found), name=word, source=word)
