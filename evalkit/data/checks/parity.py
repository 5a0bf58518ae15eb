"""Whether a model is asked as it was trained: two renderings of one conversation, and how they differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal, Protocol

from evalkit.core.data_report import DataFinding, Level
from evalkit.core.exchange import Json, Message
from evalkit.data.checks.base import Hits, RowCheck, safe
from evalkit.data.checks.data_row import DataRow
from evalkit.data.checks.messages import messages_of, tools_of

Kind = Literal["system", "tools", "bos", "opening", "marks", "spacing", "date", "words", "refused"]
OF_A_KIND = 40
"""Rows of one kind of conversation (its roles, whether it has tools) that are compared"""
_MOST = 400
_LONGEST = 40_000
_PIECE = re.compile(r"<\|[^<>|]{1,60}\|>|</?[a-z_]{1,30}>|\[/?[A-Z_]{1,30}\]|\w+|\s+|.", re.DOTALL)
_MARK = re.compile(r"(?:<\|[^<>|]{1,60}\|>|</?[a-z_]{1,30}>|\[/?[A-Z_]{1,30}\]|\s)+")
_DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2,8} \d{4}|\d{4}-\d{2}-\d{2}|[A-Z][a-z]{2,8} \d{1,2}, \d{4}")
_AROUND = 24
_BOS = re.compile(r"(?:<s>|<bos>|<\|begin_of_text\|>|<\|startoftext\|>|<\|endoftext\|>|\[BOS\])+")
_TOOL = re.compile(r"\b(?:tools?|functions?|parameters|properties|description)\b", re.IGNORECASE)
WHAT: Mapping[Kind, tuple[Level, str, str]] = {
    "system": (
        "warning",
        "the system prompt differs between training and serving",
        "write the system prompt into every row, or serve with the template that was trained with",
    ),
    "tools": (
        "warning",
        "the tools are written otherwise in training than in serving",
        "train with the template that serves, or serve with the one that was trained with",
    ),
    "bos": (
        "warning",
        "the token that begins a text differs between training and serving",
        "see which side adds it twice, or not at all",
    ),
    "opening": (
        "warning",
        "the answer opens otherwise in training than in serving",
        "train with the generation prompt that serves, thoughts included",
    ),
    "marks": (
        "warning",
        "turns are marked otherwise in training than in serving",
        "serve with the template that was trained with",
    ),
    "words": (
        "warning",
        "words differ between the text of training and that of serving",
        "serve with the template that was trained with",
    ),
    "refused": (
        "error",
        "one of the two templates does not take the row",
        "write the row so that both take it, or serve with the template that was trained with",
    ),
    "spacing": (
        "warning",
        "white space differs between the text of training and that of serving",
        "serve with the template that was trained with: other white space is other tokens",
    ),
    "date": (
        "advice",
        "the text of serving holds another date than that of training",
        "write the date into the rows, or use a template without a clock",
    ),
}
"""Kind of difference -> level, what is said, what to do"""


class PromptWriter(Protocol):
    """Writes a conversation as a model reads it, up to where the answer begins."""

    label: str

    def write(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]]) -> str:
        """Write a prompt.

        Raises ValueError for a conversation that the template does not take.
        """


class TemplateParity(RowCheck):
    """Compares the prompts of training with those of serving.

    The first 40 rows of each kind of conversation are compared, 400 in all.
    """

    name = "parity"

    def __init__(self, training: PromptWriter, serving: PromptWriter) -> None:
        self.training, self.serving = training, serving
        self.seen: Counter[tuple[tuple[str, ...], bool]] = Counter()
        self.hits: dict[Kind, Hits] = {kind: Hits() for kind in WHAT}
        self.shown: dict[Kind, str] = {}
        self.compared = self.differing = 0

    def look(self, row: DataRow) -> None:
        """Compare a row's prompts, unless enough rows like it were compared."""
        last = max((at for at, turn in enumerate(row.turns) if turn.learned), default=len(row.turns))
        messages, offered = messages_of(row)[:last], tools_of(row)
        kind = (tuple(message.role for message in messages[:8]), bool(offered))
        if not messages or self.seen[kind] >= OF_A_KIND or self.compared >= _MOST:
            return
        self.seen[kind] += 1
        self.compared += 1
        try:
            one, other = (side.write(messages, offered) for side in (self.training, self.serving))
        except ValueError as error:
            self.hits["refused"].add(row, excerpt=str(error))
            return
        if one == other:
            return
        self.differing += 1
        for found, (gone, new) in find_differences(one, other, messages, offered).items():
            self.hits[found].add(row, excerpt=f"− {gone[:50]!r} + {new[:50]!r}")

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give a finding a kind of difference."""
        for kind, (level, what, todo) in WHAT.items():
            detail = f"{self.training.label} / {self.serving.label}"
            yield from self.hits[kind].finding(self.name, level, what, todo, detail=detail)

    def notes(self) -> list[str]:
        """Say how many rows were compared."""
        same = self.compared - self.differing - self.hits["refused"].rows
        one, other = safe(self.training.label), safe(self.serving.label)
        return [
            f"{same:,} of {self.compared:,} prompts are the same for {one} in training and {other} in serving; "
            f"the first {OF_A_KIND} rows of each kind of conversation were compared"
        ]

    def facts(self) -> Mapping[str, Json]:
        """Return how many rows were compared."""
        return {"compared": self.compared, "differing": self.differing}


def find_differences(
    one: str, other: str, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]] = ()
) -> dict[Kind, tuple[str, str]]:
    """Find the kinds of differences between two renderings.

    Each comes with the first piece that is gone and the one that is new.

    >>> said = (Message(role="user", content="Hi"),)
    >>> find_differences("<s>user: Hi\\n", "user: Hi\\n\\n", said)
    {'bos': ('<s>', ''), 'spacing': ('\\n', '\\n\\n')}
    """
    mine, theirs = _PIECE.findall(one[:_LONGEST]), _PIECE.findall(other[:_LONGEST])
    first = next((str(m.content) for m in messages if m.role == "user" and isinstance(m.content, str)), "")
    asked = [text.find(first) if first else -1 for text in (one, other)]
    has_system = any(message.role in ("system", "developer") for message in messages)
    names = [str(tool.get("function", tool).get("name", "")) for tool in tools]
    found: dict[Kind, tuple[str, str]] = {}
    places = [_starts(pieces) for pieces in (mine, theirs)]
    for tag, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, new = "".join(mine[a:b]), "".join(theirs[c:d])
        at = (places[0][a], places[1][c])
        kind = _kind(
            gone,
            new,
            begins=a == 0 or c == 0,
            ends=b == len(mine) or d == len(theirs),
            before=min(asked) >= 0 and at[0] <= asked[0] and at[1] <= asked[1],
            system=has_system,
            tools=bool(tools) and _is_of_tools(gone + new, names),
            date=_is_in_date(one, at[0], len(gone)) or _is_in_date(other, at[1], len(new)),
        )
        found.setdefault(kind, (gone, new))
    return found


def _kind(
    gone: str, new: str, *, begins: bool, ends: bool, before: bool, system: bool, tools: bool, date: bool
) -> Kind:
    both = f"{gone}{new}"
    if begins and _BOS.fullmatch(both):
        return "bos"
    if not both.strip():
        return "spacing"
    if tools:
        return "tools"
    if date:
        return "date"
    said = _MARK.sub("", both)
    if before and said and (not system or (len(both) > 12 and re.search(r"\w{2,}", said))):
        return "system"
    if ends:
        return "opening"
    return "words" if re.search(r"\w{2,}", said) else "marks"


def _is_in_date(text: str, start: int, length: int) -> bool:
    """Whether a piece of a text is a date or stands in one."""
    if not length:
        return False
    begin = max(0, start - _AROUND)
    around = text[begin : start + length + _AROUND]
    inside = (start - begin, start - begin + length)
    return length <= 2 * _AROUND and any(
        found.start() <= inside[0] and inside[1] <= found.end() for found in _DATE.finditer(around)
    )


def _is_of_tools(text: str, names: Sequence[str]) -> bool:
    return _TOOL.search(text) is not None or any(name and name in text for name in names)


def _starts(pieces: Sequence[str]) -> list[int]:
    starts, at = [], 0
    for piece in pieces:
        starts.append(at)
        at += len(piece)
    return [*starts, at]
