"""Tables as people have them: CSV of any encoding and delimiter, Excel sheets, JSON lines, each row with its place."""

from __future__ import annotations

import csv
import io
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.core.delimiters import find_delimiter
from evalkit.core.errors import DataError, Location, MissingExtra, Problem
from evalkit.core.exchange import Json
from evalkit.core.json_lines import json_lines
from evalkit.core.on_disk import ManyRows, RowStore, row_store
from evalkit.core.rows import parse
from evalkit.foreign.packed import is_streamed
from evalkit.foreign.texts import bare, decode, open_text, raw_bytes

_EXCEL = (".xlsx", ".xlsm")
_LISTS = ("results", "data", "rows", "examples", "items", "samples", "records")
_MOST = 1_000
"""Problems after which a table is not read further"""
_HEAD = 20_001


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A table: `rows` map the names of columns to cells.

    `about` says how it was read, in words.
    """

    path: Path
    names: tuple[str, ...]
    rows: ManyRows[Mapping[str, Json]]
    places: Sequence[int]
    about: list[str] = field(default_factory=list)
    unit: str = "row"
    decimal_comma: bool = False

    def column(self, name: str) -> Iterator[Json]:
        """Give the cells of a column, None where a row has none."""
        return (row.get(name) for row in self.rows)

    def where(self, index: int) -> Location:
        """Return the place of a row."""
        number = self.places[index]
        if self.unit == "line":
            return Location(file=str(self.path), line=number)
        return Location(file=str(self.path), row=number)

    def place(self, index: int) -> str:
        """Return the place of a row in words."""
        return f"{self.path}:{self.places[index]}" if self.unit == "line" else str(self.where(index))


def read_sheet(path: Path, *, on_disk: bool = False) -> Sheet:
    """Read one table; DataError where it is none.

    By its name: .csv .tsv .xlsx .json .jsonl .ndjson, `.gz` as well. With `on_disk` the rows of CSV and JSON lines take
    no room in memory.
    """
    name = bare(path)
    if name.endswith(_EXCEL):
        return _excel(path)
    store = row_store(on_disk=on_disk)
    if name.endswith((".jsonl", ".ndjson")):
        problems: list[Problem] = []
        read = json_lines(path, problems, most=_MOST) if is_streamed(path.name) else _packed_lines(path, problems)
        return _of_values(path, read, store, unit="line", problems=problems)
    if name.endswith(".json"):
        return _of_values(path, enumerate(_json_list(path), start=1), store, unit="row")
    return _csv(path, store)


def _packed_lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, Json]]:
    """JSON lines out of a file that is unpacked as it is read."""
    with open_text(path) as (text, _):
        for number, line in enumerate(text, start=1):
            try:
                if line.strip():
                    yield number, parse(line)
            except (ValueError, RecursionError) as error:
                problems.append(Problem(what=f"not valid JSON: {error}", where=Location(file=str(path), line=number)))
                if len(problems) >= _MOST:
                    return


def read_json(path: Path) -> Json:
    """Read a JSON file; DataError where it is none."""
    try:
        return parse(decode(raw_bytes(path), path)[0])
    except (ValueError, RecursionError) as error:
        raise DataError(Problem(what=f"not JSON: {error}", where=Location(file=str(path)))) from None


def _csv(path: Path, store: RowStore[Mapping[str, Json]]) -> Sheet:
    with open_text(path) as (text, _):
        head = text.read(_HEAD)
    told = re.match(r'"?sep=(.)"?\r?\n', head)
    delimiter = told[1] if told else find_delimiter(head, tab=bare(path).endswith(".tsv"))
    csv.field_size_limit(1 << 30)
    with open_text(path) as (text, encoding):
        if told:
            text.readline()
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            sheet = _of_cells(path, _number_rows(reader, first=2 if told else 1), store, unit="line")
        except csv.Error as error:
            where = Location(file=str(path), line=reader.line_num)
            raise DataError(Problem(what=f"not valid CSV: {error}", where=where, todo="save it again as CSV")) from None
    sheet.decimal_comma = delimiter == ";"
    sheet.about += [encoding] if encoding != "UTF-8" else []
    named = {";": "semicolons", "\t": "tabs", "|": "bars"}.get(delimiter)
    sheet.about += [f"{named} between cells"] if named else []
    return sheet


def _number_rows(reader: Any, *, first: int) -> Iterator[tuple[int, Sequence[Json]]]:
    """The rows of a CSV reader with the lines that they begin on."""
    begin = first
    for row in reader:
        yield begin, row
        begin = reader.line_num + first


def _of_cells(
    path: Path, cells: Iterable[tuple[int, Sequence[Json]]], rows: RowStore[Mapping[str, Json]], *, unit: str
) -> Sheet:
    """A table out of rows of cells: blank rows are no rows, a header's trailing blanks are no columns."""
    filled = ((number, row) for number, row in cells if any(not _is_blank(cell) for cell in row))
    top = next(filled, None)
    if top is None:
        raise DataError(Problem(what="the table is empty", where=Location(file=str(path))))
    header = [str(cell).strip() if not _is_blank(cell) else "" for cell in top[1]]
    while header and not header[-1]:
        header.pop()
    names = [name or f"column {number}" for number, name in enumerate(header, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        where = Location(file=str(path), line=top[0])
        raise DataError(Problem(what=f"the header names {twice[0]!r} twice", where=where, todo="rename one of the two"))
    places = array("q")
    problems: list[Problem] = []
    for number, row in filled:
        beyond = [cell for cell in row[len(names) :] if not _is_blank(cell)]
        if len(row) < len(names) or beyond:
            what = f"the row has {len(row)} cells, the header has {len(names)}"
            problems.append(Problem(what=what, where=Location(file=str(path), line=number)))
            if len(problems) >= _MOST:
                break
        if problems:
            continue
        rows.append(dict(zip(names, row, strict=False)))
        places.append(number)
    if problems:
        raise DataError(_few(problems))
    if not len(rows):
        raise DataError(Problem(what="the table has a header and no row", where=Location(file=str(path))))
    return Sheet(path=path, names=tuple(names), rows=rows, places=places, unit=unit)


def _is_blank(cell: Json) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _excel(path: Path) -> Sheet:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("openpyxl", "excel", f"reading {path}") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw_bytes(path)), read_only=True, data_only=True)
    except Exception as error:  # a damaged workbook fails in many ways
        where = Location(file=str(path))
        raise DataError(Problem(what=f"not an Excel workbook: {error}", where=where)) from None
    for sheet in book.worksheets:
        cells = [
            (number, [_cell(cell) for cell in row]) for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
        ]
        filled = [row for _, row in cells if any(not _is_blank(cell) for cell in row)]
        if filled:
            width = max(len(row) for row in filled)
            padded = [(number, [*row, *[None] * (width - len(row))]) for number, row in cells]
            found = _of_cells(path, padded, [], unit="row")
            found.about += [f"the sheet {sheet.title!r}"] if len(book.worksheets) > 1 else []
            return found
    raise DataError(Problem(what="the workbook is empty", where=Location(file=str(path))))


def _cell(value: object) -> Json:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _json_list(path: Path) -> list[Json]:
    value = read_json(path)
    if isinstance(value, dict):
        lists = [value[name] for name in _LISTS if isinstance(value.get(name), list)]
        value = lists[0] if lists else value
    if not isinstance(value, list):
        allowed = "an array of objects, or an object that holds one under " + ", ".join(_LISTS)
        raise DataError(Problem(what="no table in this JSON", where=Location(file=str(path)), allowed=allowed))
    return value


def _of_values(
    path: Path,
    values: Iterable[tuple[int, Json]],
    rows: RowStore[Mapping[str, Json]],
    *,
    unit: str,
    problems: Sequence[Problem] = (),
) -> Sheet:
    """A table out of objects. `problems` are those of the reading, told before any of the rows."""
    places = array("q")
    names: dict[str, None] = {}
    odd: Problem | None = None
    for number, value in values:
        if isinstance(value, dict):
            nested = any(isinstance(inner, dict) and inner for inner in value.values())
            cells = dict(_flat(value)) if nested else value
            rows.append(cells)
            places.append(number)
            if not names.keys() >= cells.keys():
                names.update(dict.fromkeys(cells))
        elif odd is None:
            where = Location(file=str(path), line=number)
            odd = Problem(what=f"a row must be an object, this is a {type(value).__name__}", where=where)
    if problems or odd is not None:
        raise DataError(_few(problems) if problems or odd is None else [odd])
    if not len(rows):
        raise DataError(Problem(what="there is no row", where=Location(file=str(path))))
    return Sheet(path=path, names=tuple(names), rows=rows, places=places, unit=unit)


def _flat(value: Mapping[str, Json], above: str = "") -> Iterator[tuple[str, Json]]:
    """Nested objects as `outer.inner`."""
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", inner


def _few(problems: Sequence[Problem]) -> list[Problem]:
    shown = list(problems[:5])
    if len(problems) <= 5:
        return shown
    least = "at least " if len(problems) >= _MOST else ""
    return [*shown, Problem(what=f"and {least}{len(problems) - 5:,} more")]
