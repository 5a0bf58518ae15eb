"""Preferences that contradict each other: an answer preferred in one row and rejected in another."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from evalkit.core.data_report import DataFinding
from evalkit.data.checks.base import PLACES, Hits, RowCheck
from evalkit.data.checks.data_row import DataRow
from evalkit.data.checks.repeats import digest_of


class Preferences(RowCheck):
    """Finds questions for which one row prefers what another rejects.

    Keeps 20 bytes a row of preferences.
    """

    name = "preferences"

    def __init__(self) -> None:
        self.chosen, self.rejected, self.numbers = array("Q"), array("Q"), array("I")
        self.hits = Hits()
        self.count = 0

    def look(self, row: DataRow) -> None:
        """Keep the digests of both answers with their question."""
        if row.shape != "preference" or not row.rejected or row.rejected == row.answer:
            return
        asked = "\x1e".join(turn.text for turn in row.turns if not turn.learned)
        self.chosen.append(digest_of(f"{asked}\x1f{row.answer}"))
        self.rejected.append(digest_of(f"{asked}\x1f{row.rejected}"))
        self.numbers.append(row.number)

    def settle(self, rows: int) -> Iterable[int]:
        """Find the rows that prefer what another rejects."""
        if not self.numbers:
            return ()
        import numpy as np

        marks = np.isin(np.asarray(self.chosen, np.uint64), np.asarray(self.rejected, np.uint64))
        self.count = int(marks.sum())
        return [self.numbers[at] for at in np.flatnonzero(marks)[:PLACES]]

    def look_again(self, row: DataRow) -> None:
        """Keep the place of a row that is told."""
        self.hits.add(row)

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give the rows that contradict others."""
        if self.count:
            yield DataFinding(
                check=self.name, level="warning", rows=self.count, places=tuple(self.hits.places),
                what="a preferred answer is a rejected one elsewhere", todo="decide which answer is preferred",
            )  # fmt: skip
