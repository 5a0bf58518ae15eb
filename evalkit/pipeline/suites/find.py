"""The suites of a run: found, loaded and prepared, every problem of all of them told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from evalkit.core.errors import EvalkitError, Problem, SuiteError, UnsoundComparison, UsageError
from evalkit.pipeline.options import GivenSuite, Options
from evalkit.pipeline.suites.keyword import keyword
from evalkit.pipeline.suites.prepare import Choose, Chosen, Prepared, prepare, prepare_file
from evalkit.suite.find import FOLDER, find_suites
from evalkit.suite.load import Suite


def prepare_suites(options: Options) -> tuple[Prepared, ...]:
    """Prepare every suite the options name (default: all in suites/).

    They are ready to run.
    """
    problems: list[Problem] = []
    unsound: dict[str, list[Problem]] = {}
    broken = False
    ready: list[Prepared] = []
    for prepare_one in _all(options):
        try:
            prepared = prepare_one()
        except UsageError:
            raise
        except EvalkitError as error:
            problems.extend(error.problems)
            broken |= not isinstance(error, UnsoundComparison)
            for name, told in error.suites.items() if isinstance(error, UnsoundComparison) else ():
                unsound.setdefault(name, []).extend(told)
            continue
        if prepared.examples or options.keyword is None:
            ready.append(prepared)
    twice = _same_names([prepared.suite for prepared in ready])
    problems.extend(twice)
    if problems:
        raise SuiteError(problems) if broken or twice else UnsoundComparison(problems, suites=unsound)
    if not ready:
        raise UsageError(Problem(what=f"-k {options.keyword!r} chose no example of any suite"))
    return tuple(ready)


def _all(options: Options) -> list[Callable[[], Prepared]]:
    """How to prepare each suite of a run."""
    choose = None if options.keyword is None else partial(_choose, options.keyword)
    if options.given_suites:
        return [partial(_prepare_given, given, options, choose) for given in options.given_suites]
    prepare_any = partial(
        prepare_file, limit=options.limit, seed=options.seed, choose=choose, given=options.given_scorers
    )
    return [partial(prepare_any, path) for path in suite_paths(options.suites)]


def _prepare_given(given: GivenSuite, options: Options, choose: Choose | None) -> Prepared:
    chosen = choose(given.suite.spec.name) if choose is not None else None
    ready = prepare(given.suite, limit=options.limit, seed=options.seed, chosen=chosen, rows=given.rows)
    return replace(ready, notes=(*given.notes, *ready.notes))


def _choose(expression: str, suite: str) -> Chosen:
    return keyword(expression, suite=suite)


def suite_paths(named: Sequence[str | Path]) -> list[Path]:
    """List the suite files; raise UsageError when there is none."""
    return find_suites(list(named) or [FOLDER])


def _same_names(suites: Sequence[Suite]) -> list[Problem]:
    seen: dict[str, Path] = {}
    problems = []
    for suite in suites:
        first = seen.setdefault(suite.spec.name, suite.path)
        if first != suite.path:
            problems.append(
                Problem(
                    what=f"two suites are called {suite.spec.name!r}: {first} and {suite.path}",
                    where=suite.locate("name"),
                    todo="give each suite its own name",
                )
            )
    return problems
