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
from evalkit.data.source import ENCODING_KEY, bare_name, lines, read_text, whole

Row = Mapping[str, Json]


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
        yield from _arrow(path)
    elif name.endswith(".parquet"):
        yield from _parquet(path)
    elif name.endswith(EXCEL):
        yield from read_cells(path, excel_cells(path), problems, header=header, unit="row")
    elif kind == "csv" or name.endswith((".csv", ".tsv")):
        yield from _csv(path, problems, tab=name.endswith(".tsv"), header=header, encoding=encoding)
    elif name.endswith(".json") and whole(path).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        yield from _json_array(path, problems)
    else:
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
            problems.append(Problem(what=f"a row must be a JSON object, this is a {type(value).__name__}", where=where))


def _broken_json(error: Exception, where: Location) -> Problem:
    column = getattr(error, "colno", None)
    place = Location(file=where.file, line=where.line, column=column)
    message = getattr(error, "msg", None) or ("nested too deeply" if isinstance(error, RecursionError) else str(error))
    return Problem(what=f"not valid JSON: {message}", where=place)


def _json_array(path: str, problems: list[Problem]) -> Iterator[tuple[Location, Row]]:
    where = Location(file=path)
    try:
        values = parse_strict(whole(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        plain = Problem(what=f"not UTF-8: {error.reason} at byte {error.start}", where=where)
        problems.append(foreign(path, whole(path), key=ENCODING_KEY) or plain)
        return
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        problems.append(_broken_json(error, Location(file=path, line=line)))
        return
    for index, value in enumerate(values):
        if isinstance(value, dict):
            yield replace(where, row=index + 1), value
        else:
            problems.append(Problem(what=f"item {index} of the array is not an object", where=where))


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


def _parquet(path: str) -> Iterator[tuple[Location, Row]]:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise MissingExtra("pyarrow", "parquet", f"reading {path}") from None
    try:
        table: Any = parquet.ParquetFile(io.BytesIO(whole(path)))
        yield from _number(path, table.iter_batches())
    except (OSError, ValueError) as error:
        raise DataError(Problem(what=f"not a Parquet file: {error}", where=Location(file=path))) from None


def _arrow(path: str) -> Iterator[tuple[Location, Row]]:
    """Arrow files as Hugging Face data sets are saved in: the stream format, or the file format."""
    try:
        from pyarrow import ipc
    except ImportError:
        raise MissingExtra("pyarrow", "parquet", f"reading {path}") from None
    raw = whole(path)
    try:
        batches: Any = _batches(ipc.open_file(raw)) if raw[:6] == b"ARROW1" else ipc.open_stream(raw)
        yield from _number(path, batches)
    except (OSError, ValueError) as error:
        raise DataError(Problem(what=f"not an Arrow file: {error}", where=Location(file=path))) from None


def _batches(file: Any) -> Iterator[Any]:
    return (file.get_batch(index) for index in range(file.num_record_batches))


def _number(path: str, batches: Iterable[Any]) -> Iterator[tuple[Location, Row]]:
    """The rows of Arrow batches with their numbers."""
    rows = (row for batch in batches for row in batch.to_pylist())
    return ((Location(file=path, row=number), row) for number, row in enumerate(rows, start=1))
