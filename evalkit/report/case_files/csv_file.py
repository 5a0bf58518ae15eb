"""CSV that Excel opens right, and cannot execute: UTF-8 with a byte order mark, CRLF, formulas made inert."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import count_of
from evalkit.core.exchange import Json
from evalkit.report.case_files.cells import LONGEST, cell_text, make_inert


def write_csv(path: Path, rows: Sequence[Mapping[str, Json]], columns: Sequence[str]) -> list[str]:
    """Write a header and one line per case.

    Text that a spreadsheet would run gets an apostrophe in front.
    """
    long = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, lineterminator="\r\n")
        table.writerow([make_inert(name) for name in columns])
        for row in rows:
            cells = [make_inert(cell_text(row[name])) for name in columns]
            long += sum(len(cell) > LONGEST for cell in cells)
            table.writerow(cells)
    if not long:
        return []
    return [f"{count_of(long, 'text')} longer than the {LONGEST:,} characters of a cell in Excel: read it otherwise"]
