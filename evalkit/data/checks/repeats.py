"""Rows that stand twice, and rows that contradict each other: one question, two answers."""

from __future__ import annotations

import json
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from evalkit.core.data_report import DataFinding, DataPlace
from evalkit.core.exchange import Json
from evalkit.data.checks.base import PLACES, RowCheck, fold_label, place_of_row, safe
from evalkit.data.checks.data_row import DataRow

LABEL = 60
"""Characters up to which an answer is taken for a label"""
_PAIRS = 200
"""Contradicting rows that are read once more, to tell which"""


class RepeatedRows(RowCheck):
    """Finds rows that are the same, and questions that have several answers.

    Keeps 32 bytes a row: digests of what is asked and what is answered.
    """

    name = "repeats"

    def __init__(self) -> None:
        self.asked, self.said = array("Q"), array("Q")
        self.question, self.label = array("Q"), array("Q")
        self.chosen: dict[int, set[int]] = {}
        self.same: list[int] = []
        self.other: list[int] = []
        self.same_rows = self.same_groups = self.other_rows = self.label_rows = 0
        self.labels: list[int] = []
        self.first: dict[int, int] = {}
        self.texts: dict[int, tuple[DataPlace, str]] = {}

    def look(self, row: DataRow) -> None:
        """Keep the digests of a row."""
        answer = _last_answer(row)
        if not row.turns or (not answer and row.shape not in ("chat", "text")):
            asked = said = 0
        else:
            asked, said = digest_of(_question(row)), digest_of(answer)
        self.asked.append(asked)
        self.said.append(said)
        label = bool(asked and answer) and row.shape != "preference" and len(answer) <= LABEL and "\n" not in answer
        self.question.append(digest_of(fold_text(_question(row))) if label else 0)
        self.label.append(digest_of(fold_label(answer) or answer) if label else 0)

    def settle(self, rows: int) -> Iterable[int]:
        """Sort the digests; return the first rows of each kind."""
        import numpy as np

        asked, said = np.asarray(self.asked, np.uint64), np.asarray(self.said, np.uint64)
        order = np.lexsort((said, asked))
        asked, said, label = asked[order], said[order], (np.asarray(self.label, np.uint64) != 0)[order]
        again = np.r_[False, (asked[1:] == asked[:-1]) & (said[1:] == said[:-1])] & (asked != 0)
        self.same_rows = int(again.sum())
        self.same_groups = int((again & ~np.r_[again[1:], False]).sum())
        self.same = self._firsts(np, order, again)
        several, new = _several(np, asked, said)
        several &= ~label
        self.other_rows = int(several.sum())
        self.other = self._firsts(np, order, several & new)
        question, label = np.asarray(self.question, np.uint64), np.asarray(self.label, np.uint64)
        order = np.lexsort((label, question))
        several, new = _several(np, question[order], label[order])
        self.label_rows = int(several.sum())
        self.labels = self._firsts(np, order, several & new, wide=True)
        return [*self.same, *self.labels, *self.other, *self.first.values()]

    def _firsts(self, np: Any, order: Any, marks: Any, *, wide: bool = False) -> list[int]:
        """The numbers (from 1) of the first marked rows, each with the row it repeats or contradicts."""
        at = np.flatnonzero(marks)
        at = at[np.argsort(order[at])][: _PAIRS if wide else PLACES]
        numbers = []
        for place in at:
            before, number = sorted((int(order[place - 1]) + 1, int(order[place]) + 1))
            self.first[number] = before
            numbers.append(number)
        return numbers

    def look_again(self, row: DataRow) -> None:
        """Keep the place and the answer of a row that is told of."""
        self.texts[row.number] = (place_of_row(row), _last_answer(row))

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give repeated rows, contradicting labels, and several texts for one question."""
        if self.same_rows:
            yield DataFinding(
                check=self.name, level="warning", rows=self.same_rows, places=self._places(self.same),
                what="the row is the same as one before it",
                todo="take it out, or raise its weight on purpose: a row that stands twice is trained on twice",
            )  # fmt: skip
        if self.label_rows:
            pairs: Counter[str] = Counter()
            for number in self.labels:
                one, other = (self.texts.get(at, (None, ""))[1] for at in (self.first[number], number))
                pairs[f"{safe(one, 30)} / {safe(other, 30)}"] += 1
            detail = ", ".join(f"`{pair}`" for pair, _ in pairs.most_common(4))
            yield DataFinding(
                check=self.name, level="warning", rows=self.label_rows, places=self._places(self.labels, answers=True),
                what="the same question has two labels", detail=detail, todo="decide which label is right",
            )  # fmt: skip
        if self.other_rows:
            yield DataFinding(
                check=self.name, level="advice", rows=self.other_rows, places=self._places(self.other, answers=True),
                what="the same question has several answers",
                todo="keep them if variety is wanted; make sure that they do not contradict each other",
            )  # fmt: skip

    def _places(self, numbers: list[int], *, answers: bool = False) -> tuple[DataPlace, ...]:
        """The rows, each with the one before it."""
        found = []
        for number in numbers[:PLACES]:
            place, text = self.texts[number]
            before = self.texts[self.first[number]][0]
            words = safe(text) if answers and text else place.excerpt
            named = DataPlace(file=before.file, line=before.line, row=before.row)
            found.append(replace(place, excerpt=f"{'≠' if answers else '='} {named}: {words}"))
        return tuple(found)

    def facts(self) -> Mapping[str, Json]:
        """Return how many rows repeat others."""
        return {"repeated_rows": self.same_rows, "groups_of_repeated_rows": self.same_groups}


def _several(np: Any, asked: Any, said: Any) -> tuple[Any, Any]:
    """Which of the sorted rows ask what has several answers, and which give another answer than the one before."""
    begins = np.r_[True, asked[1:] != asked[:-1]]
    group = np.cumsum(begins) - 1
    new = np.r_[True, said[1:] != said[:-1]] | begins
    answers = np.bincount(group, weights=new)
    return (answers > 1)[group] & (asked != 0), new & ~begins


def fold_text(text: str) -> str:
    """Return what writings of a question share: no case, width, or other white space.

    >>> fold_text("Ｉs it  LATE? ")
    'is it late?'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def digest_of(text: str) -> int:
    """Return 64 bits of a text's digest; 0 is never one of them."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") or 1


def _question(row: DataRow) -> str:
    """All that stands before the last answer, and what else decides it."""
    turns = row.turns
    last = max((index for index, turn in enumerate(turns) if turn.role == "assistant"), default=len(turns))
    parts = [f"{turn.role}\x1f{turn.text}\x1f{turn.raw.get('tool_calls') or ''}" for turn in turns[:last]]
    raw = row.raw
    for key in ("tools", "functions", "label"):
        if raw.get(key) is not None and (key != "label" or isinstance(raw[key], bool)):
            parts.append(json.dumps(raw[key], sort_keys=True))
    return "\x1e".join((*parts, row.offered))


def _last_answer(row: DataRow) -> str:
    turn = row.turns[-1] if row.turns and row.turns[-1].role == "assistant" else None
    if turn is None:
        return ""
    calls = json.dumps(list(turn.calls), sort_keys=True, ensure_ascii=False) if turn.calls else ""
    return f"{turn.text}{calls}" if not row.rejected else f"{turn.text}\x1f{row.rejected}"
