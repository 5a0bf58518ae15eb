"""Rows whose text is unlike the rest of the set, by a model of its characters."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evalkit.core.data_report import DataFinding, DataPlace
from evalkit.core.exchange import Json
from evalkit.data.checks.base import PLACES, RowCheck, place_of_row
from evalkit.data.checks.data_row import DataRow
from evalkit.data.checks.lengths import ENOUGH

_CELLS = 1 << 22
"""Cells that runs of three characters are counted in, by hash"""
_PAIRS = 1 << 18
_ADDED = 0.1
_BATCH = 400_000
"""Characters that are counted at once"""
_LEAST = 20
_LONGEST = 2_000
_FAR = 6.0
_NARROW = 0.15
_MOST = 0.01
_KEPT = 20


class Unusual(RowCheck):
    """Finds answers and questions that the set's own trigrams explain badly.

    Runs of three characters of all rows are counted into hashed cells; a row's value is the mean of minus the logarithm
    of p(third | first two), its own runs not counted. Those more than 6 robust deviations above the median are told.
    Rows are read twice; 4 bytes a row and 17 MB are kept.
    """

    name = "unusual"
    twice = True

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.size = 0
        self.three: Any = None
        self.two: Any = None
        self.values = array("f")
        self.held: list[tuple[DataRow | None, str]] = []
        self.worst: list[tuple[float, int, DataPlace]] = []
        self.first = True

    def look(self, row: DataRow) -> None:
        """Count the runs of a row."""
        self._hold(row)

    def look_again(self, row: DataRow) -> None:
        """Value a row."""
        self._hold(row)

    def _hold(self, row: DataRow) -> None:
        text = f"{row.prompt[:_LONGEST]}\n{row.answer[:_LONGEST]}"
        self.held.append((None if self.first else row, text))
        self.size += len(text)
        if self.size >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        import numpy as np

        if self.three is None:
            self.three, self.two = np.zeros(_CELLS, np.uint32), np.zeros(_PAIRS, np.uint32)
        held, self.held, self.size = self.held, [], 0
        lengths = np.array([len(text) for _, text in held])
        signs = np.frombuffer("".join(text for _, text in held).encode("utf-32-le", "surrogatepass"), np.uint32)
        three, two, starts = _runs(np, signs, lengths)
        if self.first:
            self.three += np.bincount(three, minlength=_CELLS).astype(np.uint32)
            self.two += np.bincount(two, minlength=_PAIRS).astype(np.uint32)
            return
        seen = np.maximum(self.three[three].astype(np.float64) - 1, 0) + _ADDED
        before = np.maximum(self.two[two].astype(np.float64) - 1, 0) + _ADDED * 1_000
        cost = -np.log(seen / before)
        counts = np.maximum(lengths - 2, 0)
        sums = np.zeros(len(held))
        some = counts > 0
        if some.any():
            sums[some] = np.add.reduceat(cost, starts[some])
        values = np.where(counts >= _LEAST, sums / np.maximum(counts, 1), np.nan)
        self.values.extend(values.astype(np.float32).tolist())
        for place in np.argsort(-np.nan_to_num(values))[:_KEPT]:
            self._remember(float(values[place]), held[place][0])

    def _remember(self, value: float, row: DataRow | None) -> None:
        if row is None or value != value:
            return
        if len(self.worst) < _KEPT or value > self.worst[0][0]:
            entry = (value, -row.number, place_of_row(row, max(row.prompt, row.answer, key=len)))
            (heapq.heappush if len(self.worst) < _KEPT else heapq.heappushpop)(self.worst, entry)

    def settle(self, rows: int) -> Iterable[int]:
        """End the counting."""
        if self.held:
            self._flush()
        self.first = False
        return ()

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give the rows far above the median, the farthest first."""
        import numpy as np

        if self.held:
            self._flush()
        values = np.asarray(self.values, np.float64)
        known = values[~np.isnan(values)]
        if known.size < ENOUGH:
            return
        middle = float(np.median(known))
        limit = middle + _FAR * max(1.4826 * float(np.median(np.abs(known - middle))), _NARROW)
        count = int((known > limit).sum())
        if not 0 < count <= max(1, _MOST * known.size):
            return
        told = [place for value, _, place in sorted(self.worst, key=lambda one: (-one[0], -one[1])) if value > limit]
        yield DataFinding(
            check=self.name, level="advice", rows=count, places=tuple(told[:PLACES]),
            what="the characters of a row are unlike the rest of the set",
            todo="read these rows: another language, code, noise, or damage that no other check names",
        )  # fmt: skip

    def facts(self) -> Mapping[str, Json]:
        """Return how many rows were valued."""
        return {"valued_rows": sum(value == value for value in self.values)}


def _runs(np: Any, signs: Any, lengths: Any) -> tuple[Any, Any, Any]:
    """The cells of all runs of three and of their first two, and where the runs of each text begin."""
    wide = signs.astype(np.uint64)
    pair = wide[:-1] * np.uint64(0x9E3779B1) + wide[1:] if len(wide) > 1 else wide[:0]
    run = (pair[:-1] * np.uint64(0x85EBCA77) + wide[2:]) * np.uint64(0xC2B2AE3D27D4EB4F) if len(wide) > 2 else wide[:0]
    ends = np.cumsum(lengths)
    inside = np.ones(len(run), bool)
    for back in (1, 2):
        at = ends[:-1] - back
        inside[at[(at >= 0) & (at < len(run))]] = False
    three = (run >> np.uint64(42)).astype(np.int64)[inside]
    two = ((pair[:-1] * np.uint64(0xC2B2AE3D27D4EB4F)) >> np.uint64(46)).astype(np.int64)[inside]
    counts = np.maximum(lengths - 2, 0)
    return three, two, np.r_[0, np.cumsum(counts)[:-1]]
