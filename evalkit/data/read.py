"""A data set to Examples: every bad row told with its place, ids that are unique, nothing dropped in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Example
from evalkit.data.columns import MissingColumn, cells_as_tags, rename_columns
from evalkit.data.draft import is_content_id
from evalkit.data.every_answer import every_answer
from evalkit.data.fields import NothingAsked, UnreadableRow
from evalkit.data.formats import FORMATS, Format
from evalkit.data.problems import (
    is_of_encoding,
    is_table,
    no_row_asks,
    read_as_rows,
    say_columns,
    shorten_problems,
    without_question,
)
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
    path: str | Path,
    *,
    format: str,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    every_turn: bool = False,
) -> tuple[Example, ...]:
    """Read every example of a file, a folder or an fsspec URL.

    They are in the order of the file(s).

    `columns` names where a field stands under another name: ``{"input": "question", "target": "label"}``. Several
    columns may make the choices (``{"choices": "a, b, c"}``), ``tags.NAME`` takes a tag from a column, and where all
    columns are numbers (``{"input": "1", "target": "2"}``) the table has no header. A name with dots leads into nested
    objects (``{"input": "doc.question"}``). `encoding` is that of the text, where it is not UTF-8. With `every_turn`
    each answer of a conversation that is trained on is an example; those of one conversation are a cluster.

    Rows without ids that are equal are kept apart by number (``c-...#2``) and are one cluster.

    Raises DataError with every problem found (the first 50 in full, 20 of a kind); UnsoundData, which ends
    in exit code 4, when the only problem is an empty set or ids that stand twice.
    """
    shape = _format_of(format)
    problems: list[Problem] = []
    found = stream_examples(
        path, format=format, columns=columns, problems=problems, encoding=encoding, every_turn=every_turn
    )
    read = list(found)
    if problems:
        raise DataError(shorten_problems(problems))
    if not read:
        raise UnsoundData(Problem(what=f"the data set {path} is empty", where=Location(file=str(path))))
    read, doubles = _number_equal_rows(read)
    examples = tuple(example for _, example in read)
    examples = shape.after(examples) if shape.after else examples
    if doubles:
        raise UnsoundData(shorten_problems(doubles), examples=examples)
    return examples


def stream_examples(
    path: str | Path,
    *,
    format: str,
    problems: list[Problem],
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    every_turn: bool = False,
) -> Iterator[tuple[Location, Example]]:
    """Yield every example with its place, one by one, so that memory holds one.

    What cannot be read becomes a problem, and the reading goes on. Separators of legacy files stay on, and equal rows
    have equal ids: both can only be seen to when all rows are read (`read_examples`).
    """
    found = stream_rows(
        path, format=format, columns=columns, problems=problems, encoding=encoding, every_turn=every_turn
    )
    return ((where, example) for where, _, example in found)


def stream_rows(
    path: str | Path,
    *,
    format: str,
    problems: list[Problem],
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    every_turn: bool = False,
) -> Iterator[tuple[Location, Row, Example]]:
    """Yield every row with its place, as it stands and as an example."""
    shape = _format_of(format)
    return _examples(
        path,
        shape,
        kind=format,
        columns=columns or {},
        problems=problems,
        encoding=encoding,
        read=every_answer if every_turn else _only,
    )


def _format_of(name: str) -> Format:
    shape = FORMATS.get(name)
    if shape is None:
        what = f"unknown data format {name!r}{did_you_mean(name, FORMATS)}"
        raise UsageError(Problem(what=what, allowed=join_allowed(list(FORMATS))))
    return shape


def _only(shape: Format, row: Row) -> tuple[Example, ...]:
    return (shape.example(row),)


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
    read: Callable[[Format, Row], tuple[Example, ...]] = _only,
) -> Iterator[tuple[Location, Row, Example]]:
    if shape.gather is not None:
        yield from _gather(shape.gather(path, problems, encoding), shape, columns=columns, problems=problems)
        return
    header = not columns or not all(column.isdecimal() for column in columns.values())
    for file in files(path):
        sound, count, lacking = len(problems), 0, dict[str, list[Problem]]()
        for where, row in rows(file, problems, kind=kind, header=header, encoding=encoding):
            count += 1
            try:
                named = rename_columns(row, columns) if columns else row
                unasked = without_question(named, row, where) if kind == "csv" else None
                if unasked is not None:
                    problems.append(unasked)
                    break
                found = read(shape, cells_as_tags(named, shape.keys) if kind == "csv" else named)
                yield from ((where, row, example) for example in found)
            except MissingColumn as error:
                near = Problem(what=str(error), where=where, allowed=", ".join([*row][:20]))
                lacking.setdefault(error.column, []).append(near)
            except NothingAsked as error:
                near = Problem(what=str(error), where=where, todo=say_columns(row))
                lacking.setdefault("", []).append(near)
            except UnreadableRow as error:
                problems += [Problem(what=sentence, where=where) for sentence in error.sentences]
        for column, told in lacking.items():  # a column that no row has is one problem
            if len(told) == count and (column or count > 1):
                one = replace(told[0], where=Location(file=file)) if column else no_row_asks(told[0])
                told = [one]
            problems += told
        told = problems[sound:]
        if kind != "csv" and is_table(file) and not all(is_of_encoding(problem) for problem in told):
            problems.insert(sound, read_as_rows(file))


def _gather(
    found: Iterator[tuple[Location, Row]], shape: Format, *, columns: Mapping[str, str], problems: list[Problem]
) -> Iterator[tuple[Location, Row, Example]]:
    for where, row in found:
        try:
            yield where, row, shape.example(rename_columns(row, columns) if columns else row)
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
    found: dict[str, Location] = {}
    count: Counter[str] = Counter()
    for where, _, example in read:
        count[example.id] += 1
        number = count[example.id]
        name = f"{example.id}#{number}" if number > 1 and is_content_id(example.id) else example.id
        if name in wanted:
            found[name] = where
    return found


def _number_equal_rows(
    read: Sequence[tuple[Location, Example]],
) -> tuple[list[tuple[Location, Example]], list[Problem]]:
    """Equal rows without ids numbered, each with a note on where the first stands; ids that stand twice as problems."""
    first: dict[str, tuple[Location, int]] = {}
    count: Counter[str] = Counter()
    problems = []
    out: list[tuple[Location, Example]] = []
    for position, (where, example) in enumerate(read):
        place, at = first.setdefault(example.id, (where, position))
        count[example.id] += 1
        if count[example.id] == 1:
            out.append((where, example))
        elif is_content_id(example.id):
            if count[example.id] == 2:
                out[at] = (place, replace(read[at][1], cluster=read[at][1].unit.lstrip("\0")))
            out.append((where, _as_equal(example, number=count[example.id], first=place)))
        else:
            out.append((where, example))
            what = f"the id {example.id!r} stands twice (first at {place})"
            problems.append(Problem(what=what, where=where, todo="give each row an id of its own, or take one out"))
    return out, problems


def _as_equal(example: Example, *, number: int, first: Location) -> Example:
    """An example that stands in the data before, under a number of its own and in one cluster with the first."""
    what = f"row {first.row}" if first.row is not None else f"line {first.line}"
    told = example.extra.get("notes", [])
    note = f"the row is the same as {what} of {Path(first.file).name}"
    extra = {**example.extra, "notes": [*told, note]} if isinstance(told, list) else example.extra
    return replace(example, id=f"{example.id}#{number}", cluster=example.unit.lstrip("\0"), extra=extra)
