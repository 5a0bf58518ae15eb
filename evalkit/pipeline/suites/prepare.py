"""A suite made ready: examples read, scorers built, every problem that needs no model found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from evalkit.core.errors import EvalkitError, Location, Problem, SuiteError, UnsoundComparison
from evalkit.core.exchange import EMPTY, Example
from evalkit.core.packed import number_ids
from evalkit.core.ports import JudgingScorer, Scorer
from evalkit.data.held_out.check import HeldOut, leak_problems
from evalkit.data.read import UnsoundData, read_examples
from evalkit.data.source import NoSuchData
from evalkit.pipeline.suites.code_leave import give_leave
from evalkit.pipeline.suites.consistency import consistency_metrics
from evalkit.pipeline.suites.families import expand_families, sample_whole
from evalkit.pipeline.suites.fit import all_slices, names_exist, rows_fit, values_exist
from evalkit.pipeline.suites.held_out import held_out_notes, search_for_leaks
from evalkit.pipeline.suites.labels import learn_labels, sets_judged
from evalkit.pipeline.suites.margins_fit import margins_fit
from evalkit.pipeline.suites.named_scorer import NamedScorer, has_tags
from evalkit.pipeline.suites.no_gold import leave_out_marked, read_as_default, unread_notes
from evalkit.pipeline.suites.stretches import mark_stretches
from evalkit.pipeline.suites.templated import TemplatedScorer, is_templated
from evalkit.pipeline.suites.training_sample import TrainingSample, absent_training, draw_training
from evalkit.pipeline.suites.turns import count_calls, expand_turns, turn_notes
from evalkit.pipeline.suites.unproven import unproven_judged
from evalkit.scorers.build import build_scorer
from evalkit.slices.levels import levels, twins
from evalkit.suite.explain import Locate, in_file_order
from evalkit.suite.load import Suite, draft_suite

Chosen = Callable[[Example], bool]
Choose = Callable[[str], Chosen | None]
"""The examples that a suite of this name is to ask; None for all"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A suite that can run."""

    suite: Suite
    examples: tuple[Example, ...]
    scorers: tuple[NamedScorer, ...]
    levels: Mapping[str, Sequence[str]]
    notes: tuple[str, ...] = ()
    places: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    """The id of each example with its number: one mapping for all that is held by id"""
    held_out: HeldOut | None = None
    """What was found of the rows in the training data that the suite names; None where none of it is here"""
    training: TrainingSample | None = None
    """Training rows that are asked as well; None where the suite names none, or none of its files is here"""

    @property
    def leaks(self) -> tuple[Problem, ...]:
        """Rows that are in the training data, and unreadable training data.

        A score on such rows proves nothing.
        """
        return leak_problems(self.held_out) if self.held_out is not None else ()

    @property
    def calls(self) -> int:
        """Calls that asking an arm takes, repeats among them.

        Results of tools may ask for more.
        """
        return count_calls(self.examples) * self.suite.spec.repeats

    @property
    def rows(self) -> int:
        """Rows that are asked: the turns of a conversation are one."""
        return len({example.row_id for example in self.examples})

    @property
    def plain_scorers(self) -> tuple[NamedScorer, ...]:
        """Those that look at an answer alone, and ask no judge."""
        return tuple(named for named in self.scorers if not isinstance(named.scorer, JudgingScorer))

    @property
    def judging_scorers(self) -> tuple[NamedScorer, ...]:
        """Those that ask judges."""
        return tuple(named for named in self.scorers if isinstance(named.scorer, JudgingScorer))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric name the scorers produce."""
        return tuple(named.metric_name(metric) for named in self.scorers for metric in named.metrics)

    @property
    def plain_metrics(self) -> tuple[str, ...]:
        """Those of which every case has a value of its own: no set metrics."""
        return tuple(
            named.metric_name(metric) for named in self.scorers for metric in named.metrics if metric.over is None
        )


def prepare_file(
    path: Path,
    *,
    limit: int | None = None,
    seed: int | None = None,
    choose: Choose | None = None,
    given: Iterable[str] = (),
) -> Prepared:
    """Prepare a suite from its file, as `prepare` does.

    SuiteError holds what is wrong with its shape, its meaning and its data at once.
    """
    draft = draft_suite(path)
    if draft.suite is None:
        raise SuiteError(draft.problems)
    chosen = choose(draft.suite.spec.name) if choose is not None else None
    return prepare(
        draft.suite, limit=limit, seed=seed, chosen=chosen, known=draft.problems, data=draft.data, given=given
    )


def prepare(
    suite: Suite,
    *,
    limit: int | None = None,
    seed: int | None = None,
    chosen: Chosen | None = None,
    known: Sequence[Problem] = (),
    data: bool = True,
    given: Iterable[str] = (),
    rows: Sequence[Example] | None = None,
) -> Prepared:
    """Read, build and check a suite; raise SuiteError for all its problems.

    Data that reads well but cannot be compared on (no row, an id twice)
    raises UnsoundComparison where nothing else is wrong but leaks. `known` are problems found before; without `data`
    the rows are not read, as the suite does not say how. `given` are types of scorers that a program brings: a suite
    that does not name one gets it as it is. `rows` are the examples of a suite whose data are not in a file.
    """
    problems, unsound = list(known), tuple[Problem, ...]()
    try:
        examples = tuple(rows) if rows is not None else _examples(suite, problems) if data else ()
    except UnsoundData as error:
        examples, unsound = error.examples, error.problems
    notes = [*unread_notes(suite), *turn_notes(examples), *absent_training(suite)]
    examples = expand_turns(suite, expand_families(suite, examples, notes, problems))
    scorers = (*_scorers(suite, examples, problems), *_given_scorers(suite, given))
    if examples:
        problems += read_as_default(suite, examples) if rows is None else []
        examples = mark_stretches(suite, scorers, leave_out_marked(examples, scorers, notes), problems)
        scorers = give_leave(suite, scorers, problems, notes, renew=partial(_renew, suite))
        scorers = learn_labels(suite, scorers, examples, problems, named_scorer=partial(_renew, suite))
        rows_fit(suite, examples, scorers, problems)
        values_exist(suite, levels(examples, all_slices(suite)), problems)
        examples = _choose_examples(suite, examples, limit=limit, seed=seed, chosen=chosen, notes=notes)
    training = draw_training(suite, scorers, limit=limit, problems=problems)
    _gates_fit(suite, examples, scorers, problems)
    if problems or unsound:
        raise _refuse(suite, examples, problems, unsound)
    held_out, twice = search_for_leaks(suite, examples), twins(examples, all_slices(suite)).values()
    notes += [*_idle(scorers, examples), *twice, *held_out_notes(suite, held_out)]
    return Prepared(
        suite=suite,
        examples=examples,
        scorers=scorers,
        levels=levels(examples, all_slices(suite)),
        notes=tuple(notes),
        places=number_ids(example.id for example in examples),
        held_out=held_out,
        training=training,
    )


def _gates_fit(
    suite: Suite, examples: Sequence[Example], scorers: Sequence[NamedScorer], problems: list[Problem]
) -> None:
    """What gates name is there, every one can judge it, and its margin can fail."""
    names_exist(suite, examples, scorers, problems)
    sets_judged(suite, scorers, problems)
    unproven_judged(suite, scorers, problems)
    margins_fit(suite, scorers, problems)


def _choose_examples(
    suite: Suite,
    examples: tuple[Example, ...],
    *,
    limit: int | None,
    seed: int | None,
    chosen: Chosen | None,
    notes: list[str],
) -> tuple[Example, ...]:
    """Those that -k chooses, and of them a seeded sample where the suite or the user sets a limit."""
    full = len(examples)
    if chosen is not None:
        examples = tuple(example for example in examples if chosen(example))
        notes.append(f"-k chose {len(examples)} of {full} examples")
    size = min((n for n in (limit, suite.spec.dataset.limit) if n is not None), default=None)
    if size is not None and size < len({example.row_id for example in examples}):
        examples = sample_whole(examples, limit=size, seed=suite.spec.dataset.seed if seed is None else seed)
        notes.append(f"a seeded sample of {len(examples)} of {full} examples")
    return examples


def _in_order(suite: Suite, problems: Sequence[Problem]) -> list[Problem]:
    """The suite's own by their place in it; behind them those of its data, as they were found."""
    own = [problem for problem in problems if problem.where and problem.where.file == str(suite.path)]
    return [*in_file_order(own), *(problem for problem in problems if problem not in own)]


def _idle(scorers: Sequence[NamedScorer], examples: Sequence[Example]) -> list[str]:
    """Notes on targets that are empty altogether: the right answer to them earns nothing."""
    notes: list[str] = []
    for named in scorers:
        if named.type == "json_schema":
            from evalkit.scorers.gold import idle_targets

            mine = [example for example in examples if named.applies(example)]
            notes += [f"scorer {named.name!r}: {sentence}" for sentence in idle_targets(named.scorer, mine)]
    return notes


def _refuse(
    suite: Suite, examples: Sequence[Example], problems: Sequence[Problem], unsound: Sequence[Problem]
) -> EvalkitError:
    """The error of a suite that cannot run; beside its problems it tells leaks into training data."""
    leaks: tuple[Problem, ...] = ()
    try:
        found = search_for_leaks(suite, examples) if examples else None
        leaks = leak_problems(found) if found is not None else ()
    except EvalkitError as error:
        problems = [*problems, *error.problems]
    told = dict.fromkeys([*unsound, *leaks])  # a row that stands twice leaks once
    if problems:
        return SuiteError(_in_order(suite, [*problems, *told]))
    return UnsoundComparison(told, suites={suite.spec.name: tuple(told)})


def _scorers(suite: Suite, examples: Sequence[Example], problems: list[Problem]) -> tuple[NamedScorer, ...]:
    built: list[NamedScorer] = []
    for name, spec in suite.spec.scorers.items():
        options = spec.options
        when = options.pop("when", {})
        try:
            limits = _when(when, name=name, suite=suite)
            place = partial(_place, suite, "scorers", name)
            scorer = _build(suite, spec.type, options, place, examples, limits)
        except EvalkitError as error:
            problems.extend(
                replace(p, what=f"scorer {name!r}: {p.what}", where=p.where or suite.locate("scorers", name))
                for p in error.problems
            )
            continue
        if scorer is not None:
            built.append(_named_scorer(suite, name, spec.type, scorer, limits))
    return tuple(built)


def _build(
    suite: Suite,
    type: str,
    options: Mapping[str, Any],
    place: Locate,
    examples: Sequence[Example],
    when: Mapping[str, tuple[str, ...]],
) -> Scorer | None:
    """The scorer; None where its options are templates over rows, and there are none (told elsewhere)."""
    if not is_templated(type, options):
        return build_scorer(type, options, root=suite.root, locate=place)
    mine = [one for one in examples if has_tags(one, when)]
    if examples and not mine:
        raise SuiteError(Problem(what=f"it looks at no example: none has {dict(when)}", where=place(())))
    return TemplatedScorer(type, options, root=suite.root, locate=place, examples=mine) if mine else None


def _named_scorer(
    suite: Suite, name: str, kind: str, scorer: Scorer, when: Mapping[str, tuple[str, ...]]
) -> NamedScorer:
    """A scorer with its metrics, and those of consistency where its answers are asked for more than once."""
    own = tuple(scorer.metrics())
    gated = {metric for _, gate in suite.spec.all_gates() for metric, _ in gate.metric_names()}
    more = tuple(consistency_metrics(name, own, repeats=suite.spec.repeats, named=gated))
    metrics = (*own, *(item.metric for item in more))
    return NamedScorer(name=name, type=kind, scorer=scorer, when=when, metrics=metrics, consistency=more)


def _renew(suite: Suite, named: NamedScorer, scorer: Scorer) -> NamedScorer:
    """The same name for a scorer that has learned its labels."""
    return _named_scorer(suite, named.name, named.type, scorer, named.when)


def _given_scorers(suite: Suite, given: Iterable[str]) -> Iterator[NamedScorer]:
    named = {*suite.spec.scorers, *(spec.type for spec in suite.spec.scorers.values())}
    for name in given:
        if name not in named:
            scorer = build_scorer(name, {}, root=suite.root)
            yield _named_scorer(suite, name, name, scorer, {})


def _place(suite: Suite, first: str, name: str, keys: tuple[str | int, ...]) -> Location | None:
    return suite.locate(first, name, *keys)


def _when(when: object, *, name: str, suite: Suite) -> dict[str, tuple[str, ...]]:
    if not isinstance(when, dict):
        where = suite.locate("scorers", name, "when")
        raise SuiteError(
            Problem(what="`when` must map tags to values", where=where, allowed="{tag: value or [values]}")
        )
    return {
        str(tag): tuple(str(v) for v in (value if isinstance(value, list) else [value])) for tag, value in when.items()
    }


def _examples(suite: Suite, problems: list[Problem]) -> tuple[Example, ...]:
    spec = suite.spec.dataset
    path = spec.path if "://" in spec.path else suite.root / spec.path
    try:
        return read_examples(path, format=spec.format, columns=spec.columns, encoding=spec.encoding)
    except UnsoundData:
        raise
    except EvalkitError as error:
        here = suite.locate("dataset", "path")
        told = [replace(p, where=p.where or here) for p in error.problems]
        if isinstance(error, NoSuchData):
            told = [replace(p, todo="check dataset.path: it is relative to the suite") for p in told]
        problems.extend(told)
        return ()
