"""Rows out of the cells of a table: Excel's blank columns and rows are left out, a row of another length is told."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from evalkit.core.errors import DataError, Location, MissingExtra, Problem
from evalkit.data.source import whole

EXCEL = (".xlsx", ".xlsm")
"""Workbooks that are read: the first sheet that holds something"""


def read_cells(
    path: str,
    cells: Iterable[tuple[int, Sequence[str]]],
    problems: list[Problem],
    *,
    header: bool,
    unit: Literal["line", "row"],
) -> Iterator[tuple[Location, dict[str, str]]]:
    """Yield the rows under their header; what is no row becomes a problem.

    Columns that are blank from the header down, and rows without a filled cell, are none. Without a `header` the
    columns are called "1", "2", ...
    """
    names: list[str] = []
    for number, row in cells:
        where = Location(file=path, line=number) if unit == "line" else Location(file=path, row=number)
        if not any(cell.strip() for cell in row):
            continue
        if not names:
            names = _drop_blank_end(row) if header else [str(index) for index in range(1, len(row) + 1)]
            twice = sorted({name for name in names if name and names.count(name) > 1})
            if twice:
                problems.append(Problem(what=f"the header names {twice[0]!r} twice", where=where))
                return
            if header:
                continue
        filled = row if len(row) <= len(names) else [*row[: len(names)], *_drop_blank_end(row[len(names) :])]
        if len(filled) != len(names):
            what = f"the row has {len(filled)} cells, the header has {len(names)}"
            problems.append(Problem(what=what, where=where))
            continue
        unnamed = [cell for name, cell in zip(names, filled, strict=True) if not name and cell.strip()]
        if unnamed:
            what = f"the cell {unnamed[0][:40]!r} stands under no name"
            problems.append(Problem(what=what, where=where, todo="name its column in the header, or leave it out"))
            continue
        yield where, {name: cell for name, cell in zip(names, filled, strict=True) if name}


def excel_cells(path: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (number from 1, cells as text) of each row of a workbook.

    The rows are those of the first sheet that holds something. Raises DataError where it is no workbook, MissingExtra
    where openpyxl is not installed.
    """
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("openpyxl", "excel", f"reading {path}") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(whole(path)), read_only=True, data_only=True)
        sheets = [[[_as_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    except Exception as error:  # a damaged workbook fails in many ways
        raise DataError(Problem(what=f"not an Excel workbook: {error}", where=Location(file=path))) from None
    for sheet in sheets:
        if any(cell.strip() for row in sheet for cell in row):
            width = max(len(row) for row in sheet)
            yield from ((number, [*row, *[""] * (width - len(row))]) for number, row in enumerate(sheet, start=1))
            return


def _as_text(cell: Any) -> str:
    """A cell as CSV would hold it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _drop_blank_end(row: Sequence[str]) -> list[str]:
    out = list(row)
    while out and not out[-1].strip():
        out.pop()
    return out
