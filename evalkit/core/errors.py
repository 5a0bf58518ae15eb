"""Every error evalkit raises on purpose, each with the exit code it ends in.

EvalkitError                      2
├── UsageError                    2   a command, an option or a name that does not exist
├── SuiteError                    2   a suite or models.yaml that cannot be used; holds every problem found
├── DataError                     2   a data set that cannot be used; holds every problem found
├── ModelError                    2   a model that cannot be opened, or refuses every call for one cause
├── MissingExtra                  2   an optional package is not installed
├── StoreError                    2   the ledger, a recording or a run folder cannot be read or written
├── ScorerError                   2   a scorer broke its promise (NaN, infinity, an unknown part)
└── UnsoundComparison             4   the two arms cannot be compared at all
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a file.

    Lines, columns and rows count from 1; None where unknown.
    """

    file: str
    line: int | None = None
    column: int | None = None
    row: int | None = None
    """Of a file whose rows are no lines: an array, a table"""

    def __str__(self) -> str:
        if self.row is not None and self.line is None:
            return f"{self.file} row {self.row}"
        parts = [self.file]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


Places = Mapping[str, Mapping[int, Location]]
"""Name of a suite -> position of a gate -> where it is written; -1 is the suite itself"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with what a user wrote.

    It says what, where, what is allowed, what to do.
    """

    what: str
    where: Location | None = None
    allowed: str | None = None
    todo: str | None = None

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.allowed:
            text += f"\n    allowed: {self.allowed}"
        if self.todo:
            text += f"\n    to do: {self.todo}"
        return text


class EvalkitError(Exception):
    """The root: carries the exit code a command ends with and every problem found."""

    exit_code: int = 2

    def __init__(self, message: str | Problem | Iterable[Problem]) -> None:
        if isinstance(message, str):
            self.problems: tuple[Problem, ...] = (Problem(what=message),)
        elif isinstance(message, Problem):
            self.problems = (message,)
        else:
            self.problems = tuple(message)
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[object, ...]:
        """Whole, with every problem, also for another process."""
        return (_rebuild, (type(self), self.problems, vars(self)))


def _rebuild(kind: type[EvalkitError], problems: tuple[Problem, ...], rest: Mapping[str, object]) -> EvalkitError:
    error = kind.__new__(kind)
    EvalkitError.__init__(error, problems)
    vars(error).update(rest)
    return error


class UsageError(EvalkitError):
    """A command, an option, a model or a run that does not exist."""


class SuiteError(EvalkitError):
    """A suite or a models.yaml that cannot be used."""


class DataError(EvalkitError):
    """A data set that cannot be used."""


class ModelError(EvalkitError):
    """A model that cannot be opened, or that refuses every call for one cause."""


class MissingExtra(EvalkitError):
    """An optional package is not installed; the message names the extra that brings it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            Problem(
                what=f"{purpose} needs the package {package}, which is not installed",
                todo=f'pip install "evalkit-gate[{extra}]"',
            )
        )


class StoreError(EvalkitError):
    """The ledger, a recording or a run folder cannot be read or written."""


class ScorerError(EvalkitError):
    """A scorer broke its promise."""


class UnsoundComparison(EvalkitError):
    """The two arms cannot be compared at all.

    `suites`: which of them, each with its problems.
    """

    exit_code = 4

    def __init__(
        self, message: str | Problem | Iterable[Problem], *, suites: Mapping[str, Sequence[Problem]] | None = None
    ) -> None:
        super().__init__(message)
        self.suites: Mapping[str, Sequence[Problem]] = suites or {}


def raise_together(errors: Sequence[UsageError | DataError]) -> None:
    """Raise what is wrong with several sources as one error.

    A single one is raised as it is; none does nothing.
    """
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise DataError(dict.fromkeys(problem for error in errors for problem in error.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word as `` (did you mean 'x'?)``.

    An empty string where none is near. One that differs in small and capital letters alone is the nearest.

    >>> did_you_mean("exat", ["exact", "choice"])
    " (did you mean 'exact'?)"
    >>> did_you_mean("-K", ["-k"])
    " (did you mean '-k'?)"
    >>> did_you_mean("zzz", ["exact"])
    ''
    """
    words = list(known)
    alike = [other for other in words if other.casefold() == word.casefold()]
    near = alike or difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def count_of(many: int, noun: str) -> str:
    """Write a number with its noun, in the plural where it is not one.

    >>> count_of(1, "gate"), count_of(2_000, "broken case")
    ('1 gate', '2,000 broken cases')
    """
    return f"{many:,} {noun}{'' if many == 1 else 's'}"


def join_allowed(words: Sequence[str]) -> str:
    """Join words for an ``allowed:`` line.

    >>> join_allowed(["b", "a"])
    'a, b'
    """
    return ", ".join(sorted(words))
