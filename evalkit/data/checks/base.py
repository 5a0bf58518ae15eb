"""What every check is made of: it looks at rows one by one and tells what it found when all were seen."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from evalkit.core.data_report import DataFinding, DataPlace, Level
from evalkit.core.exchange import Json
from evalkit.data.checks.data_row import DataRow
from evalkit.text.outgoing import cut_to, make_visible
from evalkit.text.personal import PersonalFinder, redact

PLACES = 5
"""Rows of a finding that are named"""
EXCERPT = 120
"""Characters of a row that are shown"""
_WORDS = 8
"""Words of a detail that are listed"""


class RowCheck:
    """A check of a data set; a family fills in what it needs.

    `look` sees every row once. `settle` is called when all were seen and names rows (by number) that are wanted once
    more; `look_again` gets those, or every row where `twice` is true. `tell` gives the findings.
    """

    name = ""
    twice = False

    def look(self, row: DataRow) -> None:
        """Look at a row."""

    def settle(self, rows: int) -> Iterable[int]:
        """Work out what can be told from all rows alone.

        Returns the numbers of rows wanted once more.
        """
        return ()

    def look_again(self, row: DataRow) -> None:
        """Look at a row for the second time."""

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give what was found among so many rows."""
        yield from ()

    def notes(self) -> list[str]:
        """Return sentences on the set that are no finding."""
        return []

    def facts(self) -> Mapping[str, Json]:
        """Return figures that are no finding."""
        return {}


@dataclass(slots=True)
class Hits:
    """Rows that share one fault: how many, the first few places, and words counted."""

    rows: int = 0
    places: list[DataPlace] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    last: int = 0

    def add(self, row: DataRow, excerpt: str = "", word: str = "") -> None:
        """Count a row, once however often it is added in a row."""
        if word:
            self.words[word] += 1
        if row.number == self.last:
            return
        self.last = row.number
        self.rows += 1
        if len(self.places) < PLACES:
            self.places.append(place_of_row(row, excerpt))

    def finding(
        self, check: str, level: Level, what: str, todo: str = "", *, detail: str = ""
    ) -> Iterator[DataFinding]:
        """Give the finding; nothing where no row was counted."""
        if self.rows:
            yield DataFinding(
                check=check,
                level=level,
                what=what,
                todo=todo,
                detail=detail or list_words(self.words),
                rows=self.rows,
                places=tuple(self.places),
            )


def list_words(words: Counter[str]) -> str:
    """List the most frequent words with their counts; quoted as data."""
    named = [f"`{safe(word, 60)}` {count:,}" for word, count in words.most_common(_WORDS)]
    return ", ".join(named) + (", ..." if len(words) > _WORDS else "")


def safe(text: str, longest: int = EXCERPT) -> str:
    """Make an excerpt of a text.

    It is one short line with nothing hidden and nothing personal in it.
    """
    return cut_to(make_visible(redact(" ".join(text[: longest * 4].split()), finder=_finder())), longest)


@cache
def _finder() -> PersonalFinder:
    return PersonalFinder()


def place_of_row(row: DataRow, excerpt: str = "") -> DataPlace:
    """Return the place of a row, with a few words of it."""
    where = row.where
    return DataPlace(
        file=where.file, line=where.line, row=where.row, id=safe(row.id, 60), excerpt=safe(excerpt or row.prompt)
    )


def fold_label(label: str) -> str:
    """Return what spellings of a label share: no case, width, space or mark.

    >>> fold_label("Card Arrival."), fold_label("ｃａｒｄ_arrival")
    ('cardarrival', 'cardarrival')
    """
    folded = unicodedata.normalize("NFKC", label).casefold()
    return "".join(sign for sign in folded if sign.isalnum() or sign in "+#")
