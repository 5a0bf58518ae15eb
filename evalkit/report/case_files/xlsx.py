"""A workbook of Excel: a frozen header, filters, text that stays text; the same cases give the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.core.errors import Problem, UsageError, count_of
from evalkit.core.exchange import Json
from evalkit.report.case_files.cells import LONGEST, cell_text, is_formula_like

MOST_ROWS = 1_048_575
"""Rows of a sheet below its header"""
_WIDE = {"input": 48, "target": 32, "base": 48, "candidate": 48, "why": 32}
_CUT = " ... (cut)"
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_THEN = b"\\g<1>1980-01-01T00:00:00Z"


def write_xlsx(path: Path, rows: Sequence[Mapping[str, Json]], columns: Sequence[str]) -> list[str]:
    """Write one row a case; texts longer than a cell are cut, and counted. UsageError beyond the rows of a sheet."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    if len(rows) > MOST_ROWS:
        what = f"{len(rows):,} cases, and a sheet of Excel holds {MOST_ROWS:,}"
        raise UsageError(Problem(what=what, todo="write .csv, .jsonl or .parquet, or choose fewer cases"))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("cases")
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(len(columns), 1))
    sheet.auto_filter.ref = f"A1:{last}{len(rows) + 1}"
    for at, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDE.get(name, 16)
    head = [_cell(sheet, name) for name in columns]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    cut = 0
    for row in rows:
        sheet.append([_cell(sheet, row[name]) for name in columns])
        cut += sum(isinstance(row[name], str) and len(row[name]) > LONGEST for name in columns)
    made = io.BytesIO()
    book.save(made)
    _write_timeless(path, made)
    if not cut:
        return []
    return [f"{count_of(cut, 'text')} cut at the {LONGEST:,} characters of a cell in Excel; .jsonl has them whole"]


def _cell(sheet: Any, value: Json) -> Any:
    """A number as one, all else as text, whatever it looks like."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value is None or isinstance(value, float) or (type(value) is int and abs(value) < 2**53):
        return WriteOnlyCell(sheet, value)
    text = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", cell_text(value))
    text = text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")  # no XML holds these two either
    cell = WriteOnlyCell(sheet, text if len(text) <= LONGEST else text[: LONGEST - len(_CUT)] + _CUT)
    cell.data_type = "s"
    if is_formula_like(text):
        cell.quotePrefix = True  # text still when somebody edits the cell
    return cell


def _write_timeless(path: Path, made: io.BytesIO) -> None:
    """The workbook without the time of its making, which would make another file each time."""
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _TIMES.sub(_THEN, data)
            about = zipfile.ZipInfo(name)
            about.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(about, data)
