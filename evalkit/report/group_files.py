"""The group tables as files of their own: CSV for a spreadsheet, JSON, and text for the terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from evalkit.core import blocks
from evalkit.core.exchange import Json
from evalkit.core.group_table import GroupTable
from evalkit.core.verdict import SuiteVerdict
from evalkit.report.case_files.cells import make_inert
from evalkit.report.drawn import plain
from evalkit.report.renderers.data import finite, group_table_data
from evalkit.report.rows import group_rows
from evalkit.report.sections import groups
from evalkit.report.sentences import Language, Speaker, title_speaker

HEAD = "suite,by,metric,"
"""How the first line of the CSV begins"""
_BLANK = ("", "–")


def as_csv(suites: Sequence[SuiteVerdict]) -> str:
    """Return a line per tag, metric and group.

    What is undefined is empty; shares are shares of 1.
    """
    rows = group_rows(suites)
    sink = io.StringIO()
    if rows:
        writer = csv.DictWriter(sink, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: make_inert(v) if isinstance(v, str) else v for name, v in row.items()} for row in rows)
    return sink.getvalue()


def as_data(suites: Sequence[SuiteVerdict]) -> dict[str, Json]:
    """Return the suites with their `groups`, as the verdict's JSON has them."""
    data = [{"name": suite.name, "groups": [group_table_data(table) for table in suite.groups]} for suite in suites]
    return {"suites": finite(data)}


def as_text(suites: Sequence[SuiteVerdict], *, width: int = 200, language: Language = "en") -> str:
    """Return a table per tag, its sentences below it, without colours."""
    sink, say = io.StringIO(), title_speaker(language)
    out = Console(file=sink, width=width, highlight=False, emoji=False, markup=False, legacy_windows=False)
    for suite in suites:
        by: dict[str, list[GroupTable]] = {}
        for table in suite.groups:
            by.setdefault(table.title, []).append(table)
        for name, tables in by.items():
            out.print(plain(say(f"{suite.name} by {name}")))
            out.print(Padding(_draw(groups.of_tag(name, tables), say), (0, 0, 0, 2)))
            for table in tables:
                for line in filter(None, (groups.sentence(table), groups.pooled_sentence(table))):
                    out.print(Padding(plain(say(line)), (0, 0, 0, 2)))
            out.print()
    out.print(plain(say(groups.NOTE)))
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines())


def _draw(of: blocks.Table, say: Speaker) -> Table:
    # pooled gaps are sentences here: a terminal is narrower than a page
    shown = [at for at in range(groups.PLAIN) if any(row[at] not in _BLANK for row in of.rows)]
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for at in shown:
        drawn.add_column(say(of.columns[at]), justify="right" if at in of.numeric else "left", overflow="fold")
    for row in of.rows:
        drawn.add_row(*(plain(row[at]) for at in shown))
    return drawn
