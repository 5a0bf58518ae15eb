"""Near-duplicates among the questions of a data set: pairs of rows that may not lie on two sides of a split."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from evalkit.core.errors import Location
from evalkit.core.exchange import Example, Message
from evalkit.data.held_out.batch import Batch
from evalkit.data.held_out.search import BATCH, Search, find_leaks
from evalkit.data.held_out.tiers import Sighting, weigh
from evalkit.data.splitting.sketches import Sketches
from evalkit.data.training import TrainingRow

ALIKE = 0.9
"""Normalised indel similarity of two questions from which they are near-duplicates"""
KEPT = 0.35
"""The share of rare runs that near-duplicates have in common at least: what a template shares proves nothing"""
KEPT_NUMBERS = 0.75
"""The same where the numbers differ: 7:45 is no copy of 7:15, unless all else is rare"""
SEARCHED = 30_000
"""Rows up to which longer texts are searched for the shorter ones that stand in them"""

_LEAST_SIZE = 0.7
"""The shorter of two near-duplicates has at least this share of the other's bytes"""
_DIGITS = re.compile(r"\d+")
Ints = NDArray[np.int64]


class Questions:
    """The questions of all rows: plain texts on disk, sketches in memory."""

    def __init__(self) -> None:
        self._sketches = Sketches()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the object
        self._ends: list[Ints] = []
        self._end = 0
        self._digests: list[NDArray[np.uint64]] = []
        self._raw: list[str] | None = []
        self._waiting: list[str] = []

    def add(self, question: str) -> None:
        """Add the question of the next row."""
        self._waiting.append(question)
        if len(self._waiting) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        plain = self._sketches.add(self._waiting)
        raw = [text.encode("utf-8", "surrogatepass") for text in plain]
        self._file.seek(self._end)
        self._file.write(b"".join(raw))
        ends = self._end + np.cumsum([len(one) for one in raw], dtype=np.int64)
        self._ends.append(ends)
        self._end = int(ends[-1]) if len(ends) else self._end
        self._digests.append(np.array([_digest(one) if one else self.blank for one in raw], dtype=np.uint64))
        if self._raw is not None:
            self._raw += self._waiting
            self._raw = self._raw if len(self._raw) <= SEARCHED else None
        self._waiting = []

    blank = 0
    """The digest of a question without a letter"""

    @property
    def searched(self) -> bool:
        """Whether longer texts are searched for shorter ones."""
        return self._raw is not None

    def pairs(self) -> tuple[Ints, Ints]:
        """Return the pairs of near-duplicates that are not equal, by their rows."""
        digests = self.digests()
        found = [*self._similar(digests)]
        if self._raw is not None:
            found.append(_stand_within(self._raw))
        return _join([one for one, _ in found]), _join([other for _, other in found])

    def leaks(self, sides: Ints) -> Ints:
        """Return the pairs of rows on two sides that are leaks.

        An array of two columns; it is empty where so many rows are not searched.
        """
        found: list[tuple[int, int]] = []
        for side in np.unique(sides[sides >= 0]).tolist() if self._raw is not None else []:
            inside, outside = np.flatnonzero(sides == side), np.flatnonzero((sides != side) & (sides >= 0))
            held, taught = (_rows_of(self._raw or [], rows.tolist()) for rows in (inside, outside))
            asked = [Example(id=str(row), messages=(Message(role="user", content=text),)) for row, text in held]
            rows = (TrainingRow(Location(file="", row=row), (text,), frozenset({0})) for row, text in taught if text)
            leaks = (leak for leak in find_leaks(asked, rows) if leak.proven)
            found += [(int(leak.example_id), leak.where.row or 0) for leak in leaks]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    def digests(self) -> NDArray[np.uint64]:
        """Return a digest of each row's plain question."""
        if self._waiting:
            self._flush()
        return np.concatenate(self._digests) if self._digests else np.empty(0, dtype=np.uint64)

    def _similar(self, digests: NDArray[np.uint64]) -> Iterator[tuple[Ints, Ints]]:
        """Pairs whose letters are nearly the same, and not only those of a template."""
        from rapidfuzz.distance import Indel

        ends = np.concatenate(self._ends) if self._ends else np.empty(0, dtype=np.int64)
        sizes = np.diff(ends, prepend=0)
        self._file.flush()
        seen: set[int] = set()
        for one, other in self._sketches.candidates():
            one, other = one.astype(np.int64), other.astype(np.int64)
            fresh = digests[one] != digests[other]
            fresh &= np.minimum(sizes[one], sizes[other]) >= _LEAST_SIZE * np.maximum(sizes[one], sizes[other])
            ones, others = [], []
            for a, b in zip(one[fresh].tolist(), other[fresh].tolist(), strict=True):
                if (key := a << 32 | b) in seen:
                    continue
                first, second = self._text(a, ends), self._text(b, ends)
                if Indel.normalized_similarity(first, second, score_cutoff=ALIKE) < ALIKE:
                    continue
                seen.add(key)
                if self._sketches.share(first, second) >= _least(first, second):
                    ones.append(a)
                    others.append(b)
            yield np.array(ones, dtype=np.int64), np.array(others, dtype=np.int64)

    def _text(self, row: int, ends: Ints) -> str:
        begin = int(ends[row - 1]) if row else 0
        return os.pread(self._file.fileno(), int(ends[row]) - begin, begin).decode("utf-8", "surrogatepass")


def _digest(raw: bytes) -> int:
    from hashlib import blake2b

    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "little")


def _join(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _rows_of(raw: Sequence[str], rows: Sequence[int]) -> list[tuple[int, str]]:
    return [(row, raw[row]) for row in rows]


def _least(one: str, other: str) -> float:
    """The share of rare runs that two questions must have in common."""
    numbers = _DIGITS.findall(one), _DIGITS.findall(other)
    return KEPT_NUMBERS if all(numbers) and numbers[0] != numbers[1] else KEPT


class _SelfSearch(Search):
    """The questions looked for among themselves, as held-out rows are in training rows."""

    def __init__(self, examples: Sequence[Example]) -> None:
        super().__init__(examples)
        self.all: list[Sighting] = []

    def _keep(self, seen: Sighting) -> None:
        self.all.append(seen)

    def _is_settled(self, row: int) -> bool:
        return False

    def _verify(self, texts: Batch, piece: int, number: int) -> None:
        row = self._index.probes[number].row
        if texts.rows[int(texts.owner[piece])].where.row != row:
            super()._verify(texts, piece, number)

    def pairs(self) -> tuple[Ints, Ints]:
        """The pairs that are more than probable."""
        self._index.reweigh()
        found = set()
        for seen in self.all:
            tier, _ = weigh(self._index, seen, self._plain[seen.row])
            if tier is not None and tier != "probable":
                found.add(tuple(sorted((seen.row, seen.where.row or 0))))
        pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]


def _stand_within(raw: Sequence[str]) -> tuple[Ints, Ints]:
    """Pairs of which one stands in the other, as it is, nearly, or in another order."""
    examples = [
        Example(id=str(number), messages=(Message(role="user", content=text),)) for number, text in enumerate(raw)
    ]
    search = _SelfSearch(examples)
    rows = iter(
        TrainingRow(Location(file="", row=number), (text,), frozenset({0})) for number, text in enumerate(raw) if text
    )
    while batch := list(islice(rows, BATCH)):
        search.look(batch)
    return search.pairs()
