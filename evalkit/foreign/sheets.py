"""Tables as people have them: CSV of any encoding and delimiter, Excel sheets, JSON lines, each row with its place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.core.delimiters import find_delimiter
from evalkit.core.encoding import is_euc_jp, is_shift_jis, is_windows_japanese
from evalkit.core.errors import DataError, Location, MissingExtra, Problem
from evalkit.core.exchange import Json
from evalkit.core.json_lines import json_lines
from evalkit.core.rows import parse
from evalkit.foreign.packed import DAMAGE, is_streamed, strip_packing, unpack

_EXCEL = (".xlsx", ".xlsm")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LISTS = ("results", "data", "rows", "examples", "items", "samples", "records")


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A table: `rows` map the names of columns to cells.

    `about` says how it was read, in words.
    """

    path: Path
    names: tuple[str, ...]
    rows: list[Mapping[str, Json]]
    places: list[int]
    about: list[str] = field(default_factory=list)
    unit: str = "row"
    decimal_comma: bool = False

    def where(self, index: int) -> Location:
        """Return the place of a row."""
        number = self.places[index]
        if self.unit == "line":
            return Location(file=str(self.path), line=number)
        return Location(file=str(self.path), row=number)

    def place(self, index: int) -> str:
        """Return the place of a row in words."""
        return f"{self.path}:{self.places[index]}" if self.unit == "line" else str(self.where(index))


def bare(path: Path) -> str:
    """Return the name in small letters, without `.gz`, `.bz2`, `.xz` or `.zst`."""
    return strip_packing(path.name)


def read_sheet(path: Path) -> Sheet:
    """Read one table; DataError where it is none.

    By its name: .csv .tsv .xlsx .json .jsonl .ndjson, `.gz` as well.
    """
    name = bare(path)
    if name.endswith(_EXCEL):
        return _excel(path)
    if name.endswith((".jsonl", ".ndjson")):
        problems: list[Problem] = []
        read = json_lines(path, problems) if is_streamed(path.name) else _packed_lines(path, problems)
        return _of_values(path, read, unit="line", problems=problems)
    if name.endswith(".json"):
        return _of_values(path, list(enumerate(_json_list(path), start=1)), unit="row")
    return _csv(path)


def _packed_lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, Json]]:
    """JSON lines out of a file that is unpacked as a whole."""
    text, _ = decode(raw_bytes(path), path)
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            if line.strip():
                yield number, parse(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(what=f"not valid JSON: {error}", where=Location(file=str(path), line=number)))


def raw_bytes(path: Path) -> bytes:
    """Return the bytes of a file, unpacked; DataError where it cannot be read."""
    try:
        return unpack(path.read_bytes(), path)
    except DAMAGE as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(Problem(what=f"cannot read {path}: {reason}")) from None


def read_json(path: Path) -> Json:
    """Read a JSON file; DataError where it is none."""
    try:
        return parse(decode(raw_bytes(path), path)[0])
    except (ValueError, RecursionError) as error:
        raise DataError(Problem(what=f"not JSON: {error}", where=Location(file=str(path)))) from None


def decode(raw: bytes, path: Path) -> tuple[str, str]:
    """Return the text of a table and the name of its encoding.

    UTF-8 is tried first; DataError where none fits.

    >>> decode("①髙".encode("cp932") + "はい".encode("cp932"), Path("a.csv"))
    ('①髙はい', 'cp932 (Shift_JIS)')
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _as(raw, "utf-16", path), "UTF-16"
    if b"\0" in raw:  # no other text has it; where it stands says which half comes first
        code = "utf-16-le" if raw[1::2].count(0) >= raw[0::2].count(0) else "utf-16-be"
        return _as(raw, code, path), "UTF-16"
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        first = error
    if is_euc_jp(raw):
        return raw.decode("euc_jp"), "EUC-JP"
    if is_shift_jis(raw) or is_windows_japanese(raw):
        return raw.decode("cp932"), "cp932 (Shift_JIS)"
    try:
        return raw.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        line = raw[: first.start].count(b"\n") + 1
        what = f"no encoding fits: byte {raw[first.start]:#04x} is not UTF-8, Shift_JIS, EUC-JP, UTF-16 or Windows-1252"
        where = Location(file=str(path), line=line)
        raise DataError(Problem(what=what, where=where, todo="save the file as UTF-8")) from None


def _as(raw: bytes, code: str, path: Path) -> str:
    try:
        return raw.decode(code).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DataError(Problem(what=f"not whole UTF-16: {error.reason}", where=Location(file=str(path)))) from None


def _csv(path: Path) -> Sheet:
    text, encoding = decode(raw_bytes(path), path)
    told = re.match(r'"?sep=(.)"?\r?\n', text)
    if told:
        text = text[told.end() :]
    delimiter = told[1] if told else find_delimiter(text, tab=bare(path).endswith(".tsv"))
    csv.field_size_limit(1 << 30)
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    try:
        sheet = _of_cells(path, _number_rows(reader, first=2 if told else 1), unit="line")
    except csv.Error as error:
        where = Location(file=str(path), line=reader.line_num)
        raise DataError(Problem(what=f"not valid CSV: {error}", where=where, todo="save it again as CSV")) from None
    sheet.decimal_comma = delimiter == ";"
    sheet.about += [encoding] if encoding != "UTF-8" else []
    named = {";": "semicolons", "\t": "tabs", "|": "bars"}.get(delimiter)
    sheet.about += [f"{named} between cells"] if named else []
    return sheet


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends, one at a time: a buffer of the whole would take four bytes a letter."""
    return (found[0] for found in _LINE.finditer(text))


def _number_rows(reader: Any, *, first: int) -> Iterator[tuple[int, Sequence[Json]]]:
    """The rows of a CSV reader with the lines that they begin on."""
    begin = first
    for row in reader:
        yield begin, row
        begin = reader.line_num + first


def _of_cells(path: Path, cells: Iterable[tuple[int, Sequence[Json]]], *, unit: str) -> Sheet:
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
    rows: list[Mapping[str, Json]] = []
    places: list[int] = []
    problems: list[Problem] = []
    for number, row in filled:
        beyond = [cell for cell in row[len(names) :] if not _is_blank(cell)]
        if len(row) < len(names) or beyond:
            what = f"the row has {len(row)} cells, the header has {len(names)}"
            problems.append(Problem(what=what, where=Location(file=str(path), line=number)))
            continue
        rows.append(dict(zip(names, row, strict=False)))
        places.append(number)
    if problems:
        raise DataError(_few(problems))
    if not rows:
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
            found = _of_cells(path, [(n, [*row, *[None] * (width - len(row))]) for n, row in cells], unit="row")
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


def _of_values(path: Path, values: Iterable[tuple[int, Json]], *, unit: str, problems: Sequence[Problem] = ()) -> Sheet:
    """A table out of objects. `problems` are those of the reading, told before any of the rows."""
    rows: list[Mapping[str, Json]] = []
    places: list[int] = []
    odd: Problem | None = None
    for number, value in values:
        if isinstance(value, dict):
            nested = any(isinstance(inner, dict) and inner for inner in value.values())
            rows.append(dict(_flat(value)) if nested else value)
            places.append(number)
        elif odd is None:
            where = Location(file=str(path), line=number)
            odd = Problem(what=f"a row must be an object, this is a {type(value).__name__}", where=where)
    if problems or odd is not None:
        raise DataError(_few(problems) if problems or odd is None else [odd])
    if not rows:
        raise DataError(Problem(what="there is no row", where=Location(file=str(path))))
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    return Sheet(path=path, names=names, rows=rows, places=places, unit=unit)


def _flat(value: Mapping[str, Json], above: str = "") -> Iterator[tuple[str, Json]]:
    """Nested objects as `outer.inner`."""
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", inner


def _few(problems: Sequence[Problem]) -> list[Problem]:
    shown = list(problems[:5])
    return shown if len(problems) <= 5 else [*shown, Problem(what=f"and {len(problems) - 5} more")]
