"""Rows (mappings) out of JSON lines, JSON arrays, CSV, Excel, Parquet and Arrow, each with its place in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from evalkit.core.broken_json import broken_json
from evalkit.core.delimiters import find_delimiter
from evalkit.core.encoding import foreign
from evalkit.core.errors import DataError, Location, MissingExtra, Problem
from evalkit.core.exchange import Json
from evalkit.core.rows import parse_strict
from evalkit.data.cells import EXCEL, excel_cells, read_cells
from evalkit.data.containers import container
from evalkit.data.file_shapes import other_shape
from evalkit.data.source import ENCODING_KEY, bare_name, is_packed, is_url, lines, read_text, whole
from evalkit.data.table_values import BinaryCell, as_json

Row = Mapping[str, Json]
_BATCH = 256
"""Rows of a table that are turned into objects together"""
_NAMES: Mapping[type, str] = {str: "a text", list: "a list", bool: "true or false", type(None): "null"}


def rows(
    path: str, problems: list[Problem], *, kind: str = "", header: bool = True, encoding: str | None = None
) -> Iterator[tuple[Location, Row]]:
    """Yield every row of one file.

    What is no row becomes a problem, and the reading goes on.

    `kind` "csv" forces CSV; otherwise the name decides (.csv, .tsv, .parquet, .arrow, .json), or it is JSON lines.
    A table without a `header` has columns called "1", "2", ... Text is UTF-8, or in the encoding.
    """
    name = bare_name(path)
    wrong = container(path)
    if wrong:
        problems.append(wrong)
    elif name.endswith(".arrow"):
        yield from _arrow(path, problems)
    elif name.endswith(".parquet"):
        yield from _parquet(path, problems)
    elif name.endswith(EXCEL):
        yield from read_cells(path, excel_cells(path), problems, header=header, unit="row")
    elif kind == "csv" or name.endswith((".csv", ".tsv")):
        yield from _csv(path, problems, tab=name.endswith(".tsv"), header=header, encoding=encoding)
    elif name.endswith(".json") and whole(path).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        yield from _json_array(path, problems)
    else:
        wrong = None if encoding is not None else other_shape(path)
        if wrong:
            problems.append(wrong)
            return
        yield from _json_lines(path, problems, encoding)


def _json_lines(path: str, problems: list[Problem], encoding: str | None) -> Iterator[tuple[Location, Row]]:
    for number, text in lines(path, problems, encoding):
        where = Location(file=path, line=number)
        try:
            value = parse_strict(text)
        except (ValueError, RecursionError) as error:
            what, column = broken_json(error, text)
            problems.append(Problem(what=f"not valid JSON: {what}", where=replace(where, column=column)))
            continue
        if isinstance(value, dict):
            yield where, value
        else:
            what = f"a row must be a JSON object, this is {_NAMES.get(type(value), 'a number')}"
            problems.append(Problem(what=what, where=where))


def _json_array(path: str, problems: list[Problem]) -> Iterator[tuple[Location, Row]]:
    where = Location(file=path)
    try:
        values = parse_strict(whole(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        plain = Problem(what=f"not UTF-8: {error.reason} at byte {error.start}", where=where)
        problems.append(foreign(path, whole(path), key=ENCODING_KEY) or plain)
        return
    except (ValueError, RecursionError) as error:
        problems.append(_broken_array(error, path))
        return
    if values and not any(isinstance(value, dict) for value in values):
        kind = _NAMES.get(type(values[0]), "a number")
        what = f"no item of the array is a JSON object: the first of {len(values)} is {kind}"
        problems.append(Problem(what=what, where=where))
        return
    for index, value in enumerate(values):
        if isinstance(value, dict):
            yield replace(where, row=index + 1), value
        else:
            what = f"a row must be a JSON object, this is {_NAMES.get(type(value), 'a number')}"
            problems.append(Problem(what=what, where=replace(where, row=index + 1)))


def _broken_array(error: Exception, path: str) -> Problem:
    """Where an array is no JSON, with line and column."""
    message = getattr(error, "msg", None) or ("nested too deeply" if isinstance(error, RecursionError) else str(error))
    where = Location(file=path, line=getattr(error, "lineno", None), column=getattr(error, "colno", None))
    return Problem(what=f"not valid JSON: {message}", where=where)


def _csv(
    path: str, problems: list[Problem], *, tab: bool, header: bool, encoding: str | None
) -> Iterator[tuple[Location, Row]]:
    text = read_text(path, encoding) if encoding is not None else _read_utf8(path, problems)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text, tab=tab), strict=True)

    def cells() -> Iterator[tuple[int, list[str]]]:
        begin = 1
        for row in reader:
            yield begin, row
            begin = reader.line_num + 1

    try:
        yield from read_cells(path, cells(), problems, header=header, unit="line")
    except csv.Error as error:
        problems.append(Problem(what=f"not valid CSV: {error}", where=Location(file=path, line=reader.line_num)))


def _read_utf8(path: str, problems: list[Problem]) -> str | None:
    raw = whole(path)
    if b"\0" in raw and (wrong := foreign(path, raw, key=ENCODING_KEY)):
        problems.append(wrong)
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        where = Location(file=path, line=line)
        plain = Problem(what=f"not UTF-8: byte {raw[error.start]:#04x}", where=where, todo="save the file as UTF-8")
        problems.append(foreign(path, raw, key=ENCODING_KEY) or plain)
        return None


def _parquet(path: str, problems: list[Problem]) -> Iterator[tuple[Location, Row]]:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise MissingExtra("pyarrow", "parquet", f"reading {path}") from None
    try:
        plain = not is_url(path) and not is_packed(path)
        with parquet.ParquetFile(path if plain else io.BytesIO(whole(path))) as table:
            yield from _number(path, table.iter_batches(batch_size=_BATCH), problems)
    except (OSError, ValueError) as error:
        raise DataError(Problem(what=f"not a Parquet file: {error}", where=Location(file=path))) from None


def _arrow(path: str, problems: list[Problem]) -> Iterator[tuple[Location, Row]]:
    """Arrow files as Hugging Face data sets are saved in: the stream format, or the file format."""
    try:
        import pyarrow
        from pyarrow import ipc
    except ImportError:
        raise MissingExtra("pyarrow", "parquet", f"reading {path}") from None
    try:
        plain = not is_url(path) and not is_packed(path)
        raw: Any = pyarrow.memory_map(path) if plain else pyarrow.BufferReader(whole(path))
        is_file = raw.read(6) == b"ARROW1"
        raw.seek(0)
        batches: Any = _batches(ipc.open_file(raw)) if is_file else ipc.open_stream(raw)
        yield from _number(path, batches, problems)
    except (OSError, ValueError) as error:
        raise DataError(Problem(what=f"not an Arrow file: {error}", where=Location(file=path))) from None


def _batches(file: Any) -> Iterator[Any]:
    return (file.get_batch(index) for index in range(file.num_record_batches))


def _number(path: str, batches: Iterable[Any], problems: list[Problem]) -> Iterator[tuple[Location, Row]]:
    """The rows of Arrow batches with their numbers."""
    number = 0
    for batch in batches:
        for begin in range(0, batch.num_rows, _BATCH):
            for row in batch.slice(begin, _BATCH).to_pylist():
                number += 1
                where = Location(file=path, row=number)
                try:
                    yield where, {name: as_json(value) for name, value in row.items()}
                except BinaryCell:
                    problems.append(Problem(what=_bytes_in(row), where=where, todo="leave that column out"))


def _bytes_in(row: Mapping[str, Any]) -> str:
    """Which column of a row holds bytes."""
    for name, value in row.items():
        try:
            as_json(value)
        except BinaryCell:
            return f"the column {name!r} holds bytes (an image or a sound), and only text is read"
    return "a column holds bytes (an image or a sound), and only text is read"
