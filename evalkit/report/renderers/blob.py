"""The cases of a page as packed data: every text once, unpacked by the page itself where it is looked at.

What lists, counts and filters need is one head; texts lie in chunks behind it, and those that many cases share in one
part of their own. Each part is JSON, deflated, in base64: a page of texts weighs little more than their archive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from typing import NamedTuple

from evalkit.core.blocks import Cases
from evalkit.core.exchange import Json
from evalkit.core.indented_json import indent_json
from evalkit.core.on_disk import ManyRows, RowStore, row_store
from evalkit.core.page_parts import Attachments, PagePart, deflate, escape, packed_parts, unpack
from evalkit.report.renderers.heads import HeadDraft, Made, Row, align, any_of
from evalkit.report.sections.cases import GROUPS
from evalkit.text.outgoing import UNSEEN

_SHARED_FROM = 16
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_EVIDENCE_MOST = 1500
_CHUNK = 400_000
"""Characters of a chunk: unpacked in some ten milliseconds"""
_CASES = 1_000

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

Text = Callable[[str], Json]
Turns = Sequence[tuple[str, str]]
"""(role, text) of what was asked"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The parts of a page's data, each safe to stand in a script element.

    `head` and `shared` are one text each; `chunks` gives suite by suite the texts of its runs of cases with what is
    attached to them, and `last` what is attached to the page: each packed when it is taken, and once.
    """

    head: str
    shared: str
    chunks: Iterable[Iterable[tuple[str, Sequence[PagePart]]]]
    last: Iterable[PagePart] = ()


@dataclass(slots=True)
class _Repeated:
    """The texts that were met more than once, each with its place; of the others only a hash is held."""

    places: dict[str, int] = field(default_factory=dict)
    _met: set[int] = field(default_factory=set)

    def meet(self, text: str) -> None:
        """Count a text in."""
        if text in self.places:
            return
        known = hash(text)
        if known in self._met:
            self.places[text] = len(self.places)
        self._met.add(known)

    def name(self, text: str) -> Json:
        """Its place, or the text itself."""
        return self.places.get(text, text)


def blob(suites: Sequence[tuple[str, Sequence[Cases]]], attachments: Attachments | None = None) -> Packed:
    """Pack the cases of every suite, of one candidate or of several.

    What was asked and what the base said stand once, whatever the number of candidates. A text that occurs twice
    stands in `shared`, and is named by its position there. The head has of each suite what all cases have as lists,
    and how many cases each chunk holds.
    """
    repeated = _Repeated()
    heads: list[Json] = []
    found: list[_Suite] = []
    for name, arms in suites:
        head, told = HeadDraft(name, arms), row_store(on_disk=max(len(arm.cases) for arm in arms) > _CASES)
        scorers: dict[str, int] = {}
        lengths = list(_run_lengths(_take(row, head, told, repeated, scorers) for row in align(arms)))
        heads.append(head.finish(list(scorers), lengths))
        found.append(_Suite(name, head.ids, told, lengths, scorers))
    if attachments is not None:
        attachments.begin(repeated.places)
    return Packed(
        head=pack({"unseen": UNSEEN, "groups": list(GROUPS), "suites": heads}),
        shared=pack_list(repeated.places),
        chunks=(_pack_runs(suite, repeated.name, attachments) for suite in found),
        last=attachments.end() if attachments is not None else (),
    )


class _Told(NamedTuple):
    """The texts of one case."""

    turns: Turns
    own: list[Turns | None] | None
    """By candidate its turns, where they are not those of the first; None where all have the same"""
    expected: str
    sides: list[_Side]
    """The base's, then each candidate's; an empty one where it was not asked"""
    evidence: list[tuple[str, tuple[str, ...]]]


class _Side(NamedTuple):
    """What one arm said in a case."""

    answer: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    status: str = ""
    thought: str = ""
    repeats: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Suite:
    """The cases of a suite: their texts wait to be packed, for only now it is known which of them stand twice."""

    name: str
    ids: Sequence[str]
    told: ManyRows[_Told]
    lengths: Sequence[int]
    """How many cases each chunk holds"""
    scorers: Mapping[str, int]


def _take(row: Row, head: HeadDraft, told: RowStore[_Told], repeated: _Repeated, scorers: dict[str, int]) -> int:
    """Take a case: into the head, and its texts; how many characters they have together."""
    head.take(row)
    found = _tell(row)
    told.append(found)
    for scorer, _ in found.evidence:
        scorers.setdefault(scorer, len(scorers))
    size = 0
    for text in _texts(found):
        size += len(text)
        if len(text) >= _SHARED_FROM:
            repeated.meet(text)
    return size


def _run_lengths(sizes: Iterable[int]) -> Iterator[int]:
    """How many cases in a row have texts of about a chunk together."""
    many = size = 0
    for one in sizes:
        many, size = many + 1, size + one
        if size >= _CHUNK or many >= _CASES:
            yield many
            many = size = 0
    if many:
        yield many


def _pack_runs(suite: _Suite, text: Text, attachments: Attachments | None) -> Iterator[tuple[str, Sequence[PagePart]]]:
    rows, begin = iter(suite.told), 0
    for length in suite.lengths:
        texts = _chunk(list(islice(rows, length)), suite.scorers, text)
        ids = suite.ids[begin : begin + length]
        yield pack(texts), [*attachments.attach(suite.name, ids, texts)] if attachments is not None else ()
        begin += length


def pack(value: Json) -> str:
    """Return a value as JSON, deflated (zlib), in base64."""
    return deflate(_pieces(value))


def _pieces(value: Json) -> Iterator[str]:
    """Its JSON, an object of a list or a member at a time: that of a whole head is never held."""
    if isinstance(value, Made):
        yield from _pieces(value.make())
    elif isinstance(value, dict) and value:
        for mark, (key, item) in zip(chain("{", repeat(",")), value.items(), strict=False):
            yield f"{mark}{_ENCODER.encode(str(key))}:"
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list) and value and isinstance(value[0], dict | Made):
        for mark, item in zip(chain("[", repeat(",")), value, strict=False):
            yield mark
            yield from _pieces(item)
        yield "]"
    else:
        yield _ENCODER.encode(value)


def pack_list(items: Iterable[Json]) -> str:
    """Return a list as `pack` does; its JSON is never held as a whole."""
    return deflate(
        chain(
            ["["], (f",{_ENCODER.encode(one)}" if at else _ENCODER.encode(one) for at, one in enumerate(items)), ["]"]
        )
    )


def unpack_page(page: str) -> dict[str, Json]:
    """Return what a page holds packed, by the id of each part.

    Ids are `data`, `shared` and `texts-SUITE-CHUNK`.
    """
    return {name: unpack(text) for name, text in packed_parts(page).items()}


def script_safe(value: Json) -> str:
    """Escape JSON so that no text in it can end the script element.

    Lone surrogates stay escaped.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(escape, text)


def _chunk(rows: Sequence[_Told], scorers: Mapping[str, int], text: Text) -> dict[str, Json]:
    """Texts of a run of cases: what all have as lists, what few have by the position in the run.

    What arms say has the base in front of the candidates.
    """
    said = [row.sides for row in rows]
    return {
        "turns": [_turns(row.turns, text) for row in rows],
        "own": {
            at: [None if turns is None else _turns(turns, text) for turns in row.own]
            for at, row in enumerate(rows)
            if row.own is not None
        },
        "expected": [text(row.expected) for row in rows],
        "answers": [[text(sides[arm].answer) for sides in said] for arm in range(len(said[0]))],
        "calls": {
            at: [[[name, text(raw)] for name, raw in side.calls] for side in sides]
            for at, sides in enumerate(said)
            if any(side.calls for side in sides)
        },
        "status": {
            at: [text(side.status) for side in sides]
            for at, sides in enumerate(said)
            if any(side.status for side in sides)
        },
        "thoughts": {
            at: [text(side.thought) for side in sides]
            for at, sides in enumerate(said)
            if any(side.thought for side in sides)
        },
        "repeats": {
            at: [[[text(answer), scores] for answer, scores in side.repeats] for side in sides]
            for at, sides in enumerate(said)
            if any(side.repeats for side in sides)
        },
        "evidence": {
            at: [[scorers[scorer], *map(text, sides)] for scorer, sides in row.evidence]
            for at, row in enumerate(rows)
            if row.evidence
        },
    }


def _tell(row: Row) -> _Told:
    first = any_of(row)
    base = _Side(first.base, first.base_calls, first.status[0], first.thoughts[0], first.repeats[0])
    others = [
        _Side(one.candidate, one.candidate_calls, one.status[1], one.thoughts[1], one.repeats[1]) if one else _Side()
        for one in row
    ]
    own: list[Turns | None] = [one.turns if one and one.turns != first.turns else None for one in row]
    return _Told(
        turns=first.turns,
        own=own if any(turns is not None for turns in own) else None,
        expected=first.expected,
        sides=[base, *others],
        evidence=_evidence(row),
    )


def _turns(turns: Sequence[tuple[str, str]], text: Text) -> Json:
    """The text alone of a conversation that is one user turn, else [[role, text], ...]."""
    if len(turns) == 1 and turns[0][0] == "user":
        return text(turns[0][1])
    return [[role, text(content)] for role, content in turns]


def _evidence(row: Row) -> list[tuple[str, tuple[str, ...]]]:
    """(scorer, what it says of the base and of each candidate as JSON text).

    Where both are right there is nothing to explain.
    """
    told = [dict(one.evidence.items()) if one and one.group != "both_right" else {} for one in row]
    names = dict.fromkeys(name for of_one in told for name in of_one)
    return [
        (name, (_first(told, name), *(_json(of_one.get(name, {}).get("candidate")) for of_one in told)))
        for name in names
    ]


def _first(told: Sequence[Mapping[str, Json]], name: str) -> str:
    return next((said for of_one in told if (said := _json(of_one.get(name, {}).get("base")))), "")


def _json(value: Json) -> str:
    text = indent_json(value) if value else ""
    return text if len(text) <= _EVIDENCE_MOST else text[:_EVIDENCE_MOST] + " …"


def _texts(told: _Told) -> list[str]:
    every = [told.turns, *(turns for turns in told.own or () if turns is not None)]
    turns = dict.fromkeys(content for of_one in every for _, content in of_one)
    own = [
        text
        for side in told.sides
        for text in (
            side.answer,
            *(raw for _, raw in side.calls),
            side.status,
            side.thought,
            *(answer for answer, _ in side.repeats),
        )
    ]
    return [*turns, told.expected, *own, *(said for _, sides in told.evidence for said in sides)]
