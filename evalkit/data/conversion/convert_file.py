"""A file or folder converted row by row: memory holds one row, and nothing is written where a row cannot be held."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Example, Json
from evalkit.core.on_disk import DiskRows
from evalkit.data.columns import cells_as_tags, rename_columns
from evalkit.data.conversion.legacy import LegacyMarks, SharedEnd, without_marks_in_extra
from evalkit.data.conversion.own import example_row, write_own, write_table
from evalkit.data.conversion.readers import READERS, read_native
from evalkit.data.conversion.record import CannotHold, TrainingRecord, Values
from evalkit.data.conversion.writers import WRITERS
from evalkit.data.formats import FORMATS
from evalkit.data.guess import Guess
from evalkit.data.problems import shorten_problems
from evalkit.data.read import UnsoundData, stream_rows
from evalkit.data.rows import Row
from evalkit.data.written import is_csv

_MOST = 2000
"""Problems that are kept to be told and counted; the reading goes on"""
_OWN = ("evalkit", "csv")
_HALF = re.compile("[\ud800-\udfff]")
FORMATS_WRITTEN: tuple[str, ...] = ("evalkit", *WRITERS, "csv")
"""Formats that can be written"""


def convert_file(
    path: str | Path,
    guess: Guess,
    *,
    to: str,
    output: Path,
    encoding: str | None = None,
    every_turn: bool = False,
) -> int:
    """Convert a data set to another format, and return how many rows were written.

    Raises DataError with every row that cannot be read, or that the format cannot hold, by its place; nothing is
    written then.
    """
    problems: list[Problem] = []
    legacy = guess.format == "openai-completion" and to != guess.format
    marks = _find_marks(path, guess, encoding) if legacy else LegacyMarks()
    found = stream_rows(
        path, format=guess.format, columns=guess.columns, problems=problems, encoding=encoding, every_turn=every_turn
    )

    def rows() -> Iterator[Values]:
        for where, row, example in found:
            try:
                if every_turn or guess.format not in READERS:
                    yield convert_example(example, to=to)
                else:
                    yield convert_row(_rename(row, guess), example, source=guess.format, to=to, marks=marks)
            except CannotHold as error:
                if len(problems) < _MOST:
                    problems.append(_refusal(to, where, error))

    count = write_stream(output, rows(), problems)
    if not count:
        output.unlink(missing_ok=True)
        raise UnsoundData(Problem(what=f"the data set {path} is empty", where=Location(file=str(path))))
    return count


def _refusal(to: str, where: Location, error: CannotHold) -> Problem:
    return Problem(
        what=f"{to} cannot hold the row: {error}", where=where, todo="take the row out, or convert to another format"
    )


def _rename(row: Row, guess: Guess) -> Row:
    """The row with its fields under their names."""
    named = rename_columns(row, guess.columns) if guess.columns else row
    return cells_as_tags(named, FORMATS["csv"].keys) if guess.format == "csv" else named


def _find_marks(path: str | Path, guess: Guess, encoding: str | None) -> LegacyMarks:
    """What all rows of a legacy file share at their ends."""
    prompts, answers = SharedEnd(), SharedEnd()
    for _, row, _ in stream_rows(path, format=guess.format, columns=guess.columns, problems=[], encoding=encoding):
        named = _rename(row, guess)
        prompts.add(str(named["prompt"]))
        answers.add(str(named["completion"]))
    return LegacyMarks(prompts.sign(), answers.sign())


def convert_row(row: Row, example: Example, *, source: str, to: str, marks: LegacyMarks | None = None) -> Values:
    """Convert one row; raise CannotHold for what has no place.

    `example` is what its reader says of it. A row in the format already stays as it is.
    """
    if source == to or (source in _OWN and to == "evalkit"):
        return dict(row)
    if source == "openai-completion" and marks is not None:
        row = marks.take_off(row)
        example = FORMATS[source].example(row)
    record = READERS[source](row)
    if to == "evalkit":
        return write_own(record, example, named=row.get("id") is not None)
    return _write_row(record, to)


def _write_row(record: TrainingRecord, to: str) -> Values:
    if to == "csv":
        row = write_table(record)
        if _HALF.search("".join(value for value in row.values() if isinstance(value, str))):
            raise CannotHold("it holds half of a surrogate pair, which no table can")
        return row
    row = WRITERS[to](record)
    rest = without_marks_in_extra(record.rest) if to == "openai-completion" else dict(record.rest)
    if to == "openai-preference":
        rest.pop("parallel_tool_calls", None)
    for key in rest:
        if key in row or key in FORMATS[to].keys:
            raise CannotHold(f"its key `{key}` means something else there: take it out, or call it otherwise")
    return {**row, **rest}


def convert_example(example: Example, *, to: str) -> Values:
    """Convert an example, with its id.

    Raises CannotHold for what the format has no place for.
    """
    row = example_row(example)
    return row if to == "evalkit" else _write_row(read_native(row), to)


def write_stream(path: Path, rows: Iterable[Mapping[str, Json]], problems: list[Problem]) -> int:
    """Write rows as they come, and return how many.

    As JSON lines, an array (.json) or CSV, packed by .gz. The file is written whole or not at all. Raises DataError
    with the `problems` that came up on the way.
    """
    beside = path.with_name(f"{path.name}.part")
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _open(beside, packed=path.name.endswith(".gz")) as out:
            write = _write_csv if is_csv(path) else _write_array if path.name.endswith((".json", ".json.gz")) else None
            if write is not None:
                count = write(out, rows)
            else:
                for row in rows:
                    out.write(_line(row))
                    count += 1
        if problems:
            raise DataError(shorten_problems(problems))
        beside.replace(path)
    except OSError as error:
        raise DataError(Problem(what=f"cannot write {path}: {error.strerror or error}")) from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return count


@contextmanager
def _open(path: Path, *, packed: bool) -> Iterator[IO[bytes]]:
    with path.open("wb") as plain:
        if not packed:
            yield plain
            return
        with gzip.GzipFile(filename="", fileobj=plain, mode="wb", mtime=0) as out:
            yield cast("IO[bytes]", out)


def _line(row: Mapping[str, Json]) -> bytes:
    """A row as a line of JSON; half of a surrogate pair can stand in a file as an escape alone."""
    try:
        return f"{json.dumps(row, ensure_ascii=False, allow_nan=False)}\n".encode()
    except UnicodeEncodeError:
        return f"{json.dumps(row, allow_nan=False)}\n".encode()


def _write_array(out: IO[bytes], rows: Iterable[Mapping[str, Json]]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):
        out.write((b"[\n " if count == 1 else b",\n ") + _line(row).rstrip(b"\n"))
    out.write(b"\n]\n" if count else b"[]\n")
    return count


def _write_csv(out: IO[bytes], rows: Iterable[Mapping[str, Json]]) -> int:
    """A table, whose columns are those of any row: known when all rows are there."""
    kept: DiskRows[Mapping[str, Json]] = DiskRows()
    names: dict[str, None] = {}
    for row in rows:
        names |= dict.fromkeys(row)
        kept.append(row)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    table = csv.DictWriter(text, fieldnames=[*names], lineterminator="\n")
    table.writeheader()
    for row in kept:
        table.writerow({key: value if isinstance(value, str) else json.dumps(value) for key, value in row.items()})
    text.detach()
    return len(kept)
