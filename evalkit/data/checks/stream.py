"""The rows of a data set one by one, those that its format cannot read as well, for as many passes as are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.core.data_report import DataFinding, DataPlace
from evalkit.core.errors import Location, Problem
from evalkit.core.exchange import Example
from evalkit.data.checks.base import PLACES
from evalkit.data.checks.data_row import DataRow, read_row
from evalkit.data.columns import MissingColumn, cells_as_tags, rename_columns
from evalkit.data.fields import NothingAsked, UnreadableRow
from evalkit.data.formats import FORMATS
from evalkit.data.problems import is_of_encoding, is_table, read_as_rows, say_columns, without_question
from evalkit.data.rows import Row, rows
from evalkit.data.source import files

_PARTICULARS = re.compile(r"'[^']*'|\d+")
_KINDS = 200
"""Kinds of problems that are told apart"""


@dataclass(slots=True)
class ProblemKind:
    """Problems that differ in particulars only: how many, and the first few."""

    first: Problem
    count: int = 0
    places: list[DataPlace] = field(default_factory=list)


class Unread:
    """Counts what could not be read, by kind.

    A file with a fault in every line takes no memory.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, ProblemKind] = {}
        self.count = 0
        self.first: list[Problem] = []

    def take(self, problems: list[Problem]) -> None:
        """Take the problems out of a list."""
        for problem in problems:
            self.count += 1
            if len(self.first) < _KINDS:
                self.first.append(problem)
            key = _PARTICULARS.sub("…", problem.what)
            if key not in self.kinds and len(self.kinds) >= _KINDS:
                key = next(iter(self.kinds))
            kind = self.kinds.setdefault(key, ProblemKind(problem))
            kind.count += 1
            if problem.where is not None and len(kind.places) < PLACES:
                at = problem.where
                kind.places.append(DataPlace(file=at.file, line=at.line, row=at.row))
        problems.clear()

    def tell(self) -> Iterator[DataFinding]:
        """Give an error a kind, the most frequent first."""
        for kind in sorted(self.kinds.values(), key=lambda one: -one.count):
            yield DataFinding(
                check="reading", level="error", what=kind.first.what, todo=kind.first.todo or "",
                detail=kind.first.allowed or "", rows=kind.count, places=tuple(kind.places),
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Where the rows are, and how they are read."""

    path: str
    format: str
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None

    def rows(self, unread: Unread, *, examples: bool = True) -> Iterator[DataRow]:
        """Yield every row, with its Example where the format reads it.

        Without `examples` only rows whose keys say nothing are read by their format: that is for a second pass.
        """
        shape = FORMATS[self.format]
        problems: list[Problem] = []
        for number, (where, row) in enumerate(self._raw(problems), start=1):
            example: Example | None = None
            named: Row = row
            try:
                named = rename_columns(row, self.columns) if self.columns else row
                named = cells_as_tags(named, shape.keys) if self.format == "csv" else named
                if examples:
                    example = shape.example(named)
            except MissingColumn as error:
                problems.append(Problem(what=str(error), where=where, allowed=", ".join([*row][:20])))
            except NothingAsked as error:
                problems.append(Problem(what=str(error), where=where, todo=say_columns(row)))
            except UnreadableRow as error:
                problems += [Problem(what=text, where=where) for text in error.sentences]
            if problems:
                unread.take(problems)
            read = read_row(number, where, named, example)
            if not examples and not read.turns:
                read = self._with_example(read)
            yield read
        unread.take(problems)

    def _with_example(self, row: DataRow) -> DataRow:
        try:
            return read_row(row.number, row.where, row.raw, FORMATS[self.format].example(row.raw))
        except UnreadableRow:
            return row

    def _raw(self, problems: list[Problem]) -> Iterator[tuple[Location, Row]]:
        shape = FORMATS[self.format]
        if shape.gather is not None:
            yield from shape.gather(self.path, problems, self.encoding)
            return
        header = not self.columns or not all(column.isdecimal() for column in self.columns.values())
        for file in files(Path(self.path) if "://" not in self.path else self.path):
            table = self.format != "csv" and is_table(file)
            first = True
            for where, row in rows(file, problems, kind=self.format, header=header, encoding=self.encoding):
                if first and table:
                    problems.insert(0, read_as_rows(file))
                if self.format == "csv" and first and (unasked := self._without_question(row, where)):
                    problems.append(unasked)
                    break
                first = False
                yield where, row
            if first and table and problems and not all(map(is_of_encoding, problems)):
                problems.insert(0, read_as_rows(file))

    def _without_question(self, row: Row, where: Location) -> Problem | None:
        try:
            return without_question(rename_columns(row, self.columns) if self.columns else row, row, where)
        except UnreadableRow:
            return None  # told of every row
