"""The mark between the cells of a table: comma, semicolon, tab or bar."""

from __future__ import annotations

import csv
import io

DELIMITERS = (",", ";", "\t", "|")


def find_delimiter(text: str, *, tab: bool = False) -> str:
    """Find the mark between the cells of a table.

    It cuts the first lines into the most cells, the same number in each. With `tab` it is the tab, as a name says.

    >>> find_delimiter("a;b\\n1,5;2\\n"), find_delimiter("a,b\\n")
    (';', ',')
    """
    if tab:
        return "\t"
    head = text[:20_000]
    best, most = ",", 1
    for mark in DELIMITERS:
        try:
            rows = [
                row
                for row, _ in zip(csv.reader(io.StringIO(head, newline=""), delimiter=mark), range(10), strict=False)
            ]
        except csv.Error:
            continue
        rows = [row for row in rows if row]
        whole = rows[:-1] if len(head) < len(text) and len(rows) > 1 else rows
        sizes = {len(row) for row in whole}
        if len(sizes) == 1 and max(sizes) > most:
            best, most = mark, max(sizes)
    if most == 1 and text:  # rows of unlike length: by the header alone
        line = text.partition("\n")[0]
        return max(DELIMITERS, key=line.count)
    return best
