"""A suite made ready: examples read, scorers built, every problem that needs no model found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evalkit.core.errors import (
    DataError,
    EvalkitError,
    Location,
    Problem,
    SuiteError,
    UnsoundComparison,
    did_you_mean,
    listed,
)
from evalkit.core.nouns import Example
from evalkit.data.integrity import check_held_out
from evalkit.data.read import UnsoundData, read_examples, sample
from evalkit.data.source import NoSuchData
from evalkit.pipeline.measure import NamedScorer
from evalkit.scorers.build import build_scorer
from evalkit.slices.levels import levels
from evalkit.suite.load import Suite
from evalkit.suite.meaning import MEASURED
from evalkit.suite.spec import Budget, Critical, Fairness, Floor, MustImprove, NoRegression, SliceSpec

Chosen = Callable[[Example], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A suite that can run."""

    suite: Suite
    examples: tuple[Example, ...]
    scorers: tuple[NamedScorer, ...]
    levels: Mapping[str, Sequence[str]]
    notes: tuple[str, ...] = ()
    leaks: tuple[Problem, ...] = ()
    """Rows that are in the training data which the suite names: a score on them proves nothing"""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric name the scorers produce."""
        return tuple(named.metric_name(metric) for named in self.scorers for metric in named.metrics)


def prepare(
    suite: Suite, *, limit: int | None = None, seed: int | None = None, chosen: Chosen | None = None
) -> Prepared:
    """Read, build and check; raises SuiteError holding every problem found.

    Data that reads well but cannot be compared on (no row, an id twice) raises UnsoundComparison instead.
    """
    problems: list[Problem] = []
    scorers = _scorers(suite, problems)
    try:
        examples = _examples(suite, problems)
    except UnsoundData as error:
        if problems:
            raise SuiteError([*problems, *error.problems]) from None
        raise UnsoundComparison(error.problems, suites={suite.spec.name: error.problems}) from None
    notes: list[str] = []
    if examples:
        _fits(suite, examples, scorers, problems)
        full = len(examples)
        if chosen is not None:
            examples = tuple(example for example in examples if chosen(example))
            notes.append(f"-k chose {len(examples)} of {full} examples")
        size = min((n for n in (limit, suite.spec.dataset.limit) if n is not None), default=None)
        if size is not None and size < len(examples):
            examples = sample(examples, limit=size, seed=suite.spec.dataset.seed if seed is None else seed)
            notes.append(f"a seeded sample of {len(examples)} of {full} examples")
    _gates(suite, examples, scorers, problems)
    if problems:
        raise SuiteError(problems)
    notes += _idle(scorers, examples)
    leaks = _held_out(suite, examples, notes)
    return Prepared(
        suite=suite,
        examples=examples,
        scorers=scorers,
        levels=levels(examples, _slices(suite)),
        notes=tuple(notes),
        leaks=leaks,
    )


def _idle(scorers: Sequence[NamedScorer], examples: Sequence[Example]) -> list[str]:
    """Notes on targets that are empty altogether: the right answer to them earns nothing."""
    notes: list[str] = []
    for named in scorers:
        if named.type == "json_schema":
            from evalkit.scorers.gold import idle_targets

            mine = [example for example in examples if named.applies(example)]
            notes += [f"scorer {named.name!r}: {sentence}" for sentence in idle_targets(named.scorer, mine)]
    return notes


def _held_out(suite: Suite, examples: Sequence[Example], notes: list[str]) -> tuple[Problem, ...]:
    """Leaks into the training files that are here; a note for those that are not (they need not be, where CI runs)."""
    named = suite.spec.dataset.trained_on
    here = [path for name in named if (path := suite.root / name).is_file()]
    if len(here) < len(named):
        notes.append(
            f"{len(named) - len(here)} of {len(named)} training files are not here: held-out not proven for them"
        )
    if not here:
        return ()
    leaks = check_held_out(examples, here)
    if not leaks:
        notes.append(f"no example is in the {len(here)} training files, as it is or nearly")
    return leaks


def _scorers(suite: Suite, problems: list[Problem]) -> tuple[NamedScorer, ...]:
    built: list[NamedScorer] = []
    for name, spec in suite.spec.scorers.items():
        options = spec.options
        when = options.pop("when", {})
        try:
            limits = _when(when, name=name, suite=suite)
            place = partial(_place, suite, "scorers", name)
            scorer = build_scorer(spec.type, options, root=suite.root, locate=place)
        except EvalkitError as error:
            problems.extend(
                replace(p, what=f"scorer {name!r}: {p.what}", where=p.where or suite.locate("scorers", name))
                for p in error.problems
            )
            continue
        metrics = tuple(scorer.metrics())
        built.append(NamedScorer(name=name, type=spec.type, scorer=scorer, when=limits, metrics=metrics))
    return tuple(built)


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
        return read_examples(Path(path) if isinstance(path, Path) else path, format=spec.format, columns=spec.columns)
    except UnsoundData:
        raise
    except EvalkitError as error:
        here = suite.locate("dataset", "path")
        told = [replace(p, where=p.where or here) for p in error.problems]
        if isinstance(error, NoSuchData):
            told = [replace(p, todo="check dataset.path: it is relative to the suite") for p in told]
        problems.extend(told)
        return ()


def _fits(suite: Suite, examples: Sequence[Example], scorers: Sequence[NamedScorer], problems: list[Problem]) -> None:
    """Every scorer must find what it needs in the rows it looks at."""
    for named in scorers:
        mine = [example for example in examples if named.applies(example)]
        where = suite.locate("scorers", named.name)
        if not mine:
            tags = sorted({f"{tag}={example.tags.get(tag)}" for example in examples for tag in named.when})
            problems.append(
                Problem(
                    what=f"scorer {named.name!r} looks at no example: none has {dict(named.when)}",
                    where=where,
                    allowed=listed(tags[:20]),
                )
            )
        bad = [(example.id, sentence) for example in mine for sentence in named.scorer.check(example)]
        for example_id, sentence in bad[:5]:
            problems.append(Problem(what=f"scorer {named.name!r}, example {example_id!r}: {sentence}", where=where))
        if len(bad) > 5:
            problems.append(
                Problem(what=f"scorer {named.name!r}: {len(bad) - 5} more examples like these", where=where)
            )


def _slices(suite: Suite) -> list[SliceSpec]:
    """The declared slices and those that gates name without declaring them."""
    declared = {spec.name: spec for spec in suite.spec.slices}
    for gate in suite.spec.gates:
        for by in getattr(gate, "slices", ()):
            if by not in declared:
                declared[by] = SliceSpec(by=by.split("*") if "*" in by else by)
    return list(declared.values())


def _gates(suite: Suite, examples: Sequence[Example], scorers: Sequence[NamedScorer], problems: list[Problem]) -> None:
    """Every gate must name metrics and tags that exist."""
    metrics = {named.metric_name(metric) for named in scorers for metric in named.metrics} | {*MEASURED}
    tags = {tag for example in examples for tag in example.tags}
    incomplete = len(scorers) < len(suite.spec.scorers)
    for index, gate in enumerate(suite.spec.gates):
        where = suite.locate("gates", index)
        for metric in _metrics_of(gate):
            if metric not in metrics and not (incomplete and metric.partition(".")[0] in suite.spec.scorers):
                problems.append(
                    Problem(
                        what=f"gate {gate.type}: no metric {metric!r}{did_you_mean(metric, metrics)}",
                        where=suite.locate("gates", index, "metric") or where,
                        allowed=listed([*metrics]),
                    )
                )
    for spec in _slices(suite):
        for tag in spec.name.split("*"):
            if examples and tag not in tags:
                problems.append(
                    Problem(
                        what=f"slice {spec.name!r}: no row has the tag {tag!r}{did_you_mean(tag, tags)}",
                        where=_slice_place(suite, spec.name),
                        allowed=listed([*tags]) or "the data has no tags",
                    )
                )


def _metrics_of(gate: MustImprove | NoRegression | Floor | Fairness | Budget | Critical) -> list[str]:
    if isinstance(gate, Budget):
        return []
    if isinstance(gate, NoRegression):
        return [gate.metric] if isinstance(gate.metric, str) else list(gate.metric)
    return list(gate.metrics) if isinstance(gate, Fairness | Critical) else [gate.metric]


def _slice_place(suite: Suite, name: str) -> Location | None:
    for index, spec in enumerate(suite.spec.slices):
        if spec.name == name:
            return suite.locate("slices", index)
    for index, gate in enumerate(suite.spec.gates):
        if name in getattr(gate, "slices", ()):
            return suite.locate("gates", index, "slices")
    return suite.locate("slices")


def no_examples(prepared: Prepared) -> DataError:
    """The error of a suite that has nothing to ask."""
    return DataError(Problem(what=f"suite {prepared.suite.spec.name!r}: no example is left to ask"))
