"""A data set to Examples: every bad row told with its place, ids that are unique, nothing dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Example, Json
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
                named = _rename_columns(row, columns) if columns else row
                unasked = without_question(named, row, where) if kind == "csv" else None
                if unasked is not None:
                    problems.append(unasked)
                    break
                yield where, shape.example(_as_tags(named, shape) if kind == "csv" else named)
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
            yield where, shape.example(_rename_columns(row, columns) if columns else row)
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


class MissingColumn(UnreadableRow):
    """A row without a column that `columns` names."""

    def __init__(self, column: str, row: Row) -> None:
        super().__init__(f"there is no column {column!r}{did_you_mean(column, row)}")
        self.column = column


def _rename_columns(row: Row, columns: Mapping[str, str]) -> dict[str, Json]:
    """The row with its columns under the names of the fields they hold."""
    out = dict(row)
    tags: dict[str, Json] = {}
    for name, column in columns.items():
        several = [part.strip() for part in column.split(",")] if name == "choices" and column not in row else [column]
        values = [_value_at(row, part) for part in several]
        value: Json = values[0] if several == [column] else values
        for part in several:
            out.pop(part, None)
        if name.startswith("tags."):
            tags[name.removeprefix("tags.")] = value
        else:
            out[name] = value
    if tags:
        given = out.get("tags")
        out["tags"] = {**(given if isinstance(given, Mapping) else {}), **tags}
    return out


def _value_at(row: Row, column: str) -> Json:
    """What stands in a column, or below it: `doc.question`."""
    if column in row:
        return row[column]
    value: Json = row
    for part in column.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise MissingColumn(column, row)
        value = value[part]
    return value


def _as_tags(row: Row, shape: Format) -> dict[str, Json]:
    """A CSV row: empty cells are missing, an index is a number, and every column that is no field is a tag."""
    fields = (*shape.keys, "id", "cluster", "choices", "tools", "tags")
    out: dict[str, Json] = {key: value for key, value in row.items() if key in fields and value != ""}
    given = out.get("tags")
    judged = _for_scorers(row)
    tags = {key: value for key, value in row.items() if key not in {*fields, *judged} and value != ""}
    out["tags"] = {**tags, **(given if isinstance(given, Mapping) else {})}
    out |= judged
    target = out.get("target")
    offered = out.get("choices")
    if offered and isinstance(target, str) and target.isdecimal() and target not in offered:
        out["target"] = int(target)
    return out


def _for_scorers(row: Row) -> dict[str, Json]:
    """The checks of a CSV row, a list as JSON text, and the threshold beside them; a tag may be called so, too."""
    checks, threshold = row.get("checks"), row.get("threshold")
    if not isinstance(checks, str) or not checks.lstrip().startswith("["):
        return {}
    if not isinstance(threshold, str) or not threshold.strip():
        return {"checks": checks}
    try:
        return {"checks": checks, "threshold": float(threshold)}
    except ValueError:  # told by the scorer, with the row's line
        return {"checks": checks, "threshold": threshold}


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
