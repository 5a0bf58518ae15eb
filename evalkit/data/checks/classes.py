"""Answers that are labels: how many rows each has, and whether one label is spelled in several ways."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from evalkit.core.data_report import DataFinding
from evalkit.core.exchange import Json
from evalkit.data.checks.base import RowCheck, fold_label, list_words, safe
from evalkit.data.checks.data_row import DataRow
from evalkit.data.checks.repeats import LABEL

_MOST_LABELS = 1_000
_ROWS_A_LABEL = 3
"""Rows that a label has on average, from which answers are taken for labels"""
_LEAST = 20
_FEW = 10
_TIMES = 20
_NEARLY_ALL = 0.95


class Classes(RowCheck):
    """Counts the answers of rows that classify."""

    name = "classes"

    def __init__(self) -> None:
        self.counts: Counter[str] | None = Counter()
        self.rows = 0

    def look(self, row: DataRow) -> None:
        """Count a short answer.

        One long or many different ones mean that nothing is classified.
        """
        if self.counts is None or not row.answers or row.shape == "preference":
            return
        answer = row.answer
        if len(answer) > LABEL or "\n" in answer or row.answers[-1].calls or len(self.counts) > _MOST_LABELS:
            self.counts = None
            return
        self.rows += 1
        self.counts[answer] += 1

    def _labels(self) -> Counter[str]:
        counts = self.counts
        if counts is None or self.rows < _LEAST or self.rows < _ROWS_A_LABEL * len(counts):
            return Counter()
        if sum(label.strip().replace(".", "").isdecimal() for label in counts) > len(counts) / 2 and len(counts) > 11:
            return Counter()  # numbers, not names of classes
        return counts

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give labels spelled in several ways, and how unequal the classes are."""
        counts = self._labels()
        yield from self._spellings(counts)
        if len(counts) < 2:
            if counts:
                what, todo = "all answers are the same", "add rows with other answers: a model learns to say this one"
                yield DataFinding(check=self.name, level="warning", what=what, todo=todo, detail=list_words(counts))
            return
        few = Counter({label: -count for label, count in counts.items() if count < _FEW})
        if few:
            shown = Counter({label: -count for label, count in few.most_common(8)})
            yield DataFinding(
                check=self.name, level="advice", what="labels with fewer than 10 rows",
                detail=f"{len(few)} / {len(counts)}: {list_words(shown)}",
                todo="add rows, or judge these labels with care",
            )  # fmt: skip
        largest, smallest = max(counts.values()), min(counts.values())
        if largest >= _NEARLY_ALL * self.rows or largest >= _TIMES * smallest:
            shares = ", ".join(f"`{safe(k, 40)}` {v / self.rows:.1%}" for k, v in counts.most_common(4))
            yield DataFinding(
                check=self.name, level="advice", what="the classes are unequal", detail=f"{shares}; min {smallest}",
                todo="report macro F1 or recall a class; accuracy says little here",
            )  # fmt: skip

    def _spellings(self, counts: Counter[str]) -> Iterator[DataFinding]:
        by_fold: dict[str, list[str]] = defaultdict(list)
        for label in counts:
            by_fold[fold_label(label)].append(label)
        several = [
            sorted(labels, key=lambda one: -counts[one]) for key, labels in by_fold.items() if len(labels) > 1 and key
        ]
        if several:
            named = ", ".join(
                " / ".join(f"`{safe(one, 40)}` {counts[one]}" for one in labels) for labels in several[:5]
            )
            rows = sum(counts[one] for labels in several for one in labels[1:])
            yield DataFinding(
                check=self.name, level="warning", what="one label is spelled in several ways", detail=named, rows=rows,
                todo="spell it in one way: an exact match tells them apart",
            )  # fmt: skip

    def facts(self) -> Mapping[str, Json]:
        """Return the labels with their counts, the most frequent first."""
        counts = self._labels()
        return {"labels": dict(counts.most_common(100)), "distinct": len(counts)} if counts else {}
