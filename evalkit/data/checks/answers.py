"""Answers that teach nothing, or half: empty ones, and those that were cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from evalkit.core.data_report import DataFinding
from evalkit.data.checks.base import Hits, RowCheck
from evalkit.data.checks.data_row import DataRow, DataTurn

_LONG = 80
"""Bytes of UTF-8 (27 Japanese characters) from which an answer is expected to end as a sentence does"""
_MOST_END = 0.95
"""Share of long answers that end as sentences do, from which the others are told"""
_ENOUGH = 10
_CUT = re.compile(r"[\w,、，(\[{「『（・:：-]")
_LIST = re.compile(r"\s*(?:[-*•・#>|]|\d+[.)])")
_CODE = re.compile(r"[{};=<>$\\|_@#]|https?:|\w\(")
_LAST_LINE = 40
"""A last line shorter than this may be a name, a heading or an item"""


class EmptyAnswers(RowCheck):
    """Counts turns without a text: what is asked, and what is to be learned."""

    name = "empty"

    def __init__(self) -> None:
        self.answers, self.prompts, self.nothing = Hits(), Hits(), Hits()
        self.whole = 0

    def look(self, row: DataRow) -> None:
        """Look for blank turns."""
        if row.shape == "preference" or row.answers:
            if any(is_blank(turn) for turn in row.answers):
                self.answers.add(row)
            else:
                self.whole += 1
        for turn in row.turns:
            if turn.role == "user" and is_blank(turn):
                self.prompts.add(row, excerpt=row.answer)

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give the rows with blank turns."""
        todo = "fill the answer in, or take the row out"
        yield from self.answers.finding(self.name, "warning", "an answer that is trained on is empty", todo)
        todo = "fill the question in, or take the row out"
        yield from self.prompts.finding(self.name, "warning", "a user turn is empty", todo)


def is_blank(turn: DataTurn) -> bool:
    """Tell whether a turn says nothing: no text, no call, no picture."""
    if turn.text.strip():
        return False
    raw = turn.raw
    if raw.get("tool_calls") or raw.get("function_call") or raw.get("refusal") or raw.get("audio"):
        return False
    content = raw.get("content")
    return not (isinstance(content, list) and any(isinstance(p, dict) and p.get("type") != "text" for p in content))


class CutAnswers(RowCheck):
    """Counts answers that end in the middle.

    That is of a sentence, a fence of code, a thought, or JSON.
    """

    name = "cut"

    def __init__(self) -> None:
        self.sentence, self.fence, self.thought, self.json = Hits(), Hits(), Hits(), Hits()
        self.ended = self.objects = 0

    def look(self, row: DataRow) -> None:
        """Look at how the answers end."""
        for turn in row.answers:
            text = turn.text.rstrip()
            if not text or turn.calls:
                continue
            if text.count("```") % 2:
                self.fence.add(row, excerpt=text[-100:])
            elif text.count("<think>") > text.count("</think>"):
                self.thought.add(row, excerpt=text[-100:])
            elif text[0] in "{[":
                self._json(row, text)
            elif len(text) >= _LONG or len(text.encode("utf-8", "surrogatepass")) >= _LONG:
                end = ends_cut(text)
                self.ended += end is False
                if end:
                    self.sentence.add(row, excerpt=text[-100:])

    def _json(self, row: DataRow, text: str) -> None:
        try:
            json.loads(text)
        except RecursionError:
            return
        except ValueError:
            self.json.add(row, excerpt=text[-100:])
        else:
            self.objects += 1

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give what is cut off; open sentences only where nearly all others end."""
        todo = "write the answer to its end, or take the row out"
        yield from self.fence.finding(self.name, "warning", "a fence of code is not closed in the answer", todo)
        yield from self.thought.finding(self.name, "warning", "a thought (<think>) is not closed in the answer", todo)
        if self.objects >= 9 * self.json.rows:
            what = "an answer begins as JSON and is none, unlike the others"
            yield from self.json.finding(self.name, "warning", what, todo)
        whole = self.ended >= _ENOUGH and self.ended >= _MOST_END * (self.ended + self.sentence.rows)
        if whole:
            what = "a long answer ends in the middle of a sentence, unlike the others"
            yield from self.sentence.finding(self.name, "warning", what, todo)


def ends_cut(text: str) -> bool | None:
    """Tell whether a text ends in the middle of a sentence.

    None for a list, code, a table or a short last line, where an end cannot be told.

    >>> ends_cut("We will send the parcel to"), ends_cut("We will send it."), ends_cut("As agreed\\n- first")
    (True, False, None)
    """
    line = text.rpartition("\n")[2]
    if _LIST.match(line) or _CODE.search(line) or ("\n" in text and len(line) < _LAST_LINE):
        return None
    return _CUT.match(line, len(line) - 1) is not None
