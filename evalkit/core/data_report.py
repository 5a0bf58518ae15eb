"""What a check of a data set found: errors, warnings and advice apart, each with its rows and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evalkit.core.exchange import Json

Level = Literal["error", "warning", "advice"]
LEVELS: tuple[Level, ...] = ("error", "warning", "advice")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlace:
    """A row that a finding is about.

    `line` counts lines of the file from 1, `row` its items where rows are no lines; `id` is empty where a row has none.
    """

    file: str
    line: int | None = None
    row: int | None = None
    id: str = ""
    excerpt: str = ""
    """A few words of the row, hidden characters made visible"""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else f"{self.file} row {self.row}"
        place = place if self.line is not None or self.row is not None else self.file
        return f"{place} ({self.id})" if self.id else place


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFinding:
    """One thing that is wrong with a data set, or worth knowing.

    `what` and `todo` are sentences of evalkit; `detail` are words and figures of the data, said in no other language.
    """

    check: str
    """Which check found it"""
    level: Level
    what: str
    todo: str = ""
    detail: str = ""
    rows: int | None = None
    """Rows it holds for; None where it is about the set"""
    places: tuple[DataPlace, ...] = ()
    """The first few of them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """A data set as its checks saw it."""

    path: str
    rows: int
    """Rows that were looked at, those that could not be read as well"""
    examples: int
    clusters: int
    findings: tuple[DataFinding, ...]
    """Errors first, then warnings, then advice"""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """Figures of each check by its name"""
    notes: tuple[str, ...] = ()
    """Sentences on the set that are no finding"""
    skipped: tuple[str, ...] = ()
    """Checks that were not made"""

    def count(self, level: Level) -> int:
        """Count the findings of a level."""
        return sum(finding.level == level for finding in self.findings)
