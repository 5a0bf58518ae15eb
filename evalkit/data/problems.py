"""The problems of a data set as they are told: many of one kind are counted, and a table says what it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalkit.core.errors import Location, Problem, count_of
from evalkit.core.exchange import Json
from evalkit.data.source import bare_name

SHOWN = 50
"""Problems told in full; the rest are counted"""
OF_A_KIND = 20
"""Problems of one kind in one file told in full"""
_LONGEST = 40
"""Characters of a column's name that are shown"""
_PARTICULARS = re.compile(r"'[^']*'|\d+")


def is_table(file: str) -> bool:
    """Return whether a file is read as CSV by its name."""
    return bare_name(file).endswith((".csv", ".tsv", ".xlsx", ".xlsm"))


def is_of_encoding(problem: Problem) -> bool:
    """Return whether a problem is about the bytes of a file.

    Then nothing is known of what they hold.
    """
    return problem.what.startswith("not UTF-8")


def shorten_problems(problems: Sequence[Problem]) -> list[Problem]:
    """Keep at most 20 problems of a kind in a file, 50 in all.

    Says how many more there are.
    """
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for problem in problems:
        kind = (problem.where.file if problem.where else "", _PARTICULARS.sub("…", problem.what))
        seen[kind] += 1
        if seen[kind] <= OF_A_KIND:
            kept.append(problem)
    more = [
        Problem(what=f"and {count - OF_A_KIND} more like it: {what}", where=Location(file=file) if file else None)
        for (file, what), count in seen.items()
        if count > OF_A_KIND
    ]
    rest = len(kept) - SHOWN
    return [*kept[:SHOWN], *more, *([Problem(what=f"and {rest} more problems")] if rest > 0 else [])]


def read_as_rows(file: str) -> Problem:
    """Return what to say of a table read in a format other than `csv`."""
    return Problem(
        what="a table whose format is not csv",
        where=Location(file=file),
        todo="did you mean format: csv? It makes tags of the columns that are no field",
    )


def without_question(row: Mapping[str, Json], header: Mapping[str, Json], where: Location) -> Problem | None:
    """Return the problem of a table without a column to ask from.

    It is for the whole file, and None where there is such a column.
    """
    if "input" in row or "messages" in row:
        return None
    shown = [name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..." for name in header]
    todo = "say which is which, e.g. dataset.columns: {input: question, target: label}"
    if any(len(name) > _LONGEST for name in header):
        todo += "; where the table has no header, dataset.columns: {input: '1', target: '2'}"
    return Problem(
        what=f"the header has neither `input` nor `messages`: its columns are {', '.join(map(repr, shown))}",
        where=Location(file=where.file, line=1),
        todo=todo,
    )


def say_columns(row: Mapping[str, Json]) -> str:
    """Say how to read a row whose question stands elsewhere, with its keys."""
    keys = ", ".join([*row][:20])
    return f"say which is which, e.g. --columns input=KEY,target=KEY or dataset.columns; its keys are {keys}"


def no_row_asks(first: Problem) -> Problem:
    """Return the one problem of a file in which nothing is asked.

    It stands at the first row.
    """
    what = first.what.replace("the row has neither `messages` nor `input`", "no row has `messages` or `input`")
    return replace(first, what=what)


def unread_sentence(unread: Sequence[str]) -> str:
    """Say which files of a folder were not read."""
    named = ", ".join(unread[:5]) + (f" and {len(unread) - 5} more" if len(unread) > 5 else "")
    return f"{count_of(len(unread), 'file')} {'was' if len(unread) == 1 else 'were'} not read ({named})"
