"""Rows much longer or shorter than the others."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping

from evalkit.core.data_report import DataFinding, DataPlace
from evalkit.core.exchange import Json
from evalkit.data.checks.base import PLACES, RowCheck, place_of_row
from evalkit.data.checks.data_row import DataRow

ENOUGH = 50
"""Rows from which outliers are looked for"""
_FAR = 6.0
"""Robust standard deviations (1.4826 times the median distance) of the logarithm of the length"""
_NARROW = 0.25
"""The least deviation: rows of nearly one length make no outlier of a word more"""
_MOST = 0.01
"""A larger share of the rows is no outlier but a part of the set"""


class Lengths(RowCheck):
    """Finds questions and answers of unusual length.

    Keeps 8 bytes a row.
    """

    name = "lengths"

    def __init__(self) -> None:
        self.asked, self.answered = array("I"), array("I")
        self.far: dict[str, list[int]] = {}
        self.count: dict[str, int] = {}
        self.places: dict[int, DataRow] = {}
        self.median: dict[str, tuple[int, int, int]] = {}

    def look(self, row: DataRow) -> None:
        """Keep the lengths of a row in characters."""
        self.asked.append(sum(len(turn.text) for turn in row.turns if not turn.learned))
        self.answered.append(sum(len(turn.text) for turn in row.answers))

    def settle(self, rows: int) -> Iterable[int]:
        """Find the lengths far from the median."""
        import numpy as np

        for name, kept in (("question", self.asked), ("answer", self.answered)):
            lengths = np.asarray(kept, np.float64)
            there = np.flatnonzero(lengths)
            if not there.size:
                continue
            with_text = lengths[there]
            self.median[name] = (int(with_text.min()), int(np.median(with_text)), int(with_text.max()))
            if there.size < ENOUGH:
                continue
            logs = np.log(with_text)
            middle = np.median(logs)
            spread = max(1.4826 * float(np.median(np.abs(logs - middle))), _NARROW)
            score = (logs - middle) / spread
            for side, marks in (("long", score > _FAR), ("short", score < -_FAR)):
                far = there[marks]
                if 0 < far.size <= max(1, _MOST * there.size):
                    order = far[np.argsort(-np.abs(score[marks]), kind="stable")]
                    self.far[f"{side} {name}"] = [int(at) + 1 for at in order[:PLACES]]
                    self.count[f"{side} {name}"] = int(far.size)
        return [number for numbers in self.far.values() for number in numbers]

    def look_again(self, row: DataRow) -> None:
        """Keep the places of outliers."""
        self.places[row.number] = row

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give the outliers, the farthest first."""
        what = {
            "long question": "a question is far longer than the others",
            "short question": "a question is far shorter than the others",
            "long answer": "an answer is far longer than the others",
            "short answer": "an answer is far shorter than the others",
        }
        for kind, numbers in self.far.items():
            name = kind.partition(" ")[2]
            low, middle, high = self.median[name]
            yield DataFinding(
                check=self.name, level="advice", what=what[kind], rows=self.count[kind],
                detail=f"{low:,} … {middle:,} … {high:,}",
                places=tuple(self._place(number, name) for number in numbers),
                todo="read these rows: they may be of another kind, cut, or two in one",
            )  # fmt: skip

    def _place(self, number: int, name: str) -> DataPlace:
        row = self.places[number]
        length = (self.asked if name == "question" else self.answered)[number - 1]
        text = row.answer if name == "answer" else row.prompt
        return place_of_row(row, f"[{length:,}] {text}")

    def facts(self) -> Mapping[str, Json]:
        """Return the least, the median and the greatest length in characters."""
        names = ("min", "median", "max")
        return {f"{name}_characters": dict(zip(names, of, strict=True)) for name, of in self.median.items()}
