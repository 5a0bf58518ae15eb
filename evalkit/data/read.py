"""A data set to Examples: every bad row told with its place, ids that are unique, nothing dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Example
from evalkit.data.columns import MissingColumn, cells_as_tags, rename_columns
from evalkit.data.fields import UnreadableRow
from evalkit.data.formats import FORMATS, Format
from evalkit.data.problems import is_of_encoding, is_table, read_as_rows, shorten_problems, without_question
from evalkit.data.rows import Row, rows
from evalkit.data.sample import sample as sample
from evalkit.data.source import files, is_url, not_read


class UnsoundData(DataError):
    """Data that reads well and cannot be compared on.

    It has no row at all, or two rows under one id.

    `examples` are the rows as they were read, those under one id as well.
    """

    exit_code = 4

    def __init__(self, message: Problem | Iterable[Problem], *, examples: tuple[Example, ...] = ()) -> None:
        super().__init__(message)
        self.examples = examples


def read_examples(
    path: str | Path, *, format: str, columns: Mapping[str, str] | None = None, encoding: str | None = None
) -> tuple[Example, ...]:
    """Read every example of a file, a folder or an fsspec URL.

    They are in the order of the file(s).

    `columns` names where a field stands under another name: ``{"input": "question", "target": "label"}``. Several
    columns may make the choices (``{"choices": "a, b, c"}``), ``tags.NAME`` takes a tag from a column, and where all
    columns are numbers (``{"input": "1", "target": "2"}``) the table has no header. A name with dots leads into nested
    objects (``{"input": "doc.question"}``). `encoding` is that of the text, where it is not UTF-8.

    Raises DataError with every problem found (the first 50 in full, 20 of a kind); UnsoundData, which ends
    in exit code 4, when the only problem is an empty set or ids that stand twice.
    """
    shape = FORMATS.get(format)
    if shape is None:
        raise UsageError(
            Problem(
                what=f"unknown data format {format!r}{did_you_mean(format, FORMATS)}",
                allowed=join_allowed(list(FORMATS)),
            )
        )
    problems: list[Problem] = []
    read = list(_examples(path, shape, kind=format, columns=columns or {}, problems=problems, encoding=encoding))
    if problems:
        raise DataError(shorten_problems(problems))
    if not read:
        raise UnsoundData(Problem(what=f"the data set {path} is empty", where=Location(file=str(path))))
    doubles = _twice(read)
    examples = tuple(example for _, example in read)
    examples = shape.after(examples) if shape.after else examples
    if doubles:
        raise UnsoundData(shorten_problems(doubles), examples=examples)
    return examples


def unread_files(path: str | Path, *, format: str | None = None) -> list[str]:
    """List the files of a folder that this format leaves out.

    They may hold data; there are none where the format finds its own files.
    """
    shape = FORMATS.get(format or "")
    return [] if is_url(path) or (shape is not None and shape.gather is not None) else not_read(path)


def _examples(
    path: str | Path,
    shape: Format,
    *,
    kind: str,
    columns: Mapping[str, str],
    problems: list[Problem],
    encoding: str | None = None,
) -> Iterator[tuple[Location, Example]]:
    if shape.gather is not None:
        yield from _gather(shape.gather(path, problems, encoding), shape, columns=columns, problems=problems)
        return
    header = not columns or not all(column.isdecimal() for column in columns.values())
    for file in files(path):
        sound, read, lacking = len(problems), 0, dict[str, list[Problem]]()
        for where, row in rows(file, problems, kind=kind, header=header, encoding=encoding):
            read += 1
            try:
                named = rename_columns(row, columns) if columns else row
                unasked = without_question(named, row, where) if kind == "csv" else None
                if unasked is not None:
                    problems.append(unasked)
                    break
                yield where, shape.example(cells_as_tags(named, shape.keys) if kind == "csv" else named)
            except MissingColumn as error:
                near = Problem(what=str(error), where=where, allowed=", ".join([*row][:20]))
                lacking.setdefault(error.column, []).append(near)
            except UnreadableRow as error:
                problems += [Problem(what=sentence, where=where) for sentence in error.sentences]
        for told in lacking.values():  # a column that no row has is one problem
            problems += told if len(told) < read else [replace(told[0], where=Location(file=file))]
        told = problems[sound:]
        if kind != "csv" and is_table(file) and not all(is_of_encoding(problem) for problem in told):
            problems.insert(sound, read_as_rows(file))


def _gather(
    found: Iterator[tuple[Location, Row]], shape: Format, *, columns: Mapping[str, str], problems: list[Problem]
) -> Iterator[tuple[Location, Example]]:
    for where, row in found:
        try:
            yield where, shape.example(rename_columns(row, columns) if columns else row)
        except UnreadableRow as error:
            problems += [Problem(what=sentence, where=where) for sentence in error.sentences]


def place_of(
    examples: Iterable[str], path: str | Path, *, format: str, columns: Mapping[str, str], encoding: str | None = None
) -> dict[str, Location]:
    """Find where the rows of these ids stand in data read before.

    The data is read again, for the sake of an error.
    """
    wanted = set(examples)
    read = _examples(path, FORMATS[format], kind=format, columns=columns, problems=[], encoding=encoding)
    return {example.id: where for where, example in read if example.id in wanted}


def _twice(read: Sequence[tuple[Location, Example]]) -> list[Problem]:
    first: dict[str, Location] = {}
    problems = []
    for where, example in read:
        if example.id in first:
            what = f"the id {example.id!r} stands twice (first at {first[example.id]})"
            if example.id.startswith("c-"):
                what = f"the row is the same as the one at {first[example.id]}"
            problems.append(Problem(what=what, where=where, todo="give each row an id of its own, or take one out"))
        first.setdefault(example.id, where)
    return problems
