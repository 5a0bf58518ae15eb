"""Personal data and secrets in the rows, by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.core.data_report import DataFinding, DataPlace
from evalkit.core.exchange import Json
from evalkit.data.checks.base import RowCheck
from evalkit.data.checks.data_row import DataRow
from evalkit.data.personal import PersonalCount, kinds_in_row
from evalkit.text.personal import PersonalFinder

_SEEN = 4_096
"""Texts without anything personal that are known again: system prompts, roles, labels"""


class Personal(RowCheck):
    """Counts what is personal, with its first places; values are never shown."""

    name = "personal"

    def __init__(self) -> None:
        self.finder = PersonalFinder()
        self.found = PersonalCount()
        self.clean: set[tuple[str, str]] = set()

    def look(self, row: DataRow) -> None:
        """Count the pieces of a row."""
        if len(self.clean) > _SEEN:
            self.clean.clear()
        self.found.add(row.where, kinds_in_row(row.raw, self.finder, self.clean))

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give the kinds, the most frequent first."""
        for kind, pieces in self.found.pieces.most_common():
            places = tuple(DataPlace(file=at.file, line=at.line, row=at.row) for at in self.found.places[kind])
            yield DataFinding(
                check=self.name, level="warning", what="personal data", detail=f"{kind} {pieces}",
                rows=self.found.rows[kind], places=places, todo="take it out: --redact FILE writes placeholders",
            )  # fmt: skip

    def facts(self) -> Mapping[str, Json]:
        """Return the counts by kind."""
        return self.found.to_dict()
