"""The cases of a page as packed data: every text once, unpacked by the page itself where it is looked at.

What lists, counts and filters need is one head; texts lie in chunks behind it, and those that many cases share in one
part of their own. Each part is JSON, deflated, in base64: a page of texts weighs little more than their archive.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evalkit.core.blocks import Case, Cases
from evalkit.core.exchange import Json
from evalkit.core.page_parts import escape, pack, packed_parts, unpack
from evalkit.report.renderers.heads import Row, align, any_of, head_of
from evalkit.report.sections.cases import GROUPS
from evalkit.text.outgoing import UNSEEN

_SHARED_FROM = 16
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_EVIDENCE_MOST = 1500
_CHUNK = 400_000
"""Characters of a chunk: unpacked in some ten milliseconds"""
_CASES = 1_000

Text = Callable[[str], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The parts of a page's data, each safe to stand in a script element.

    `head` and `shared` are one text each; `chunks[suite][n]` holds the texts of the suite's n-th run of cases.
    """

    head: str
    shared: str
    chunks: tuple[tuple[str, ...], ...]


def blob(suites: Sequence[tuple[str, Sequence[Cases]]]) -> Packed:
    """Pack the cases of every suite, of one candidate or of several.

    What was asked and what the base said stand once, whatever the number of candidates. A text that occurs twice
    stands in `shared`, and is named by its position there. The head has of each suite what all cases have as lists,
    and how many cases each chunk holds.
    """
    rows = [(name, align(arms)) for name, arms in suites]
    counts: Counter[str] = Counter()
    for _, aligned in rows:
        for row in aligned:
            counts.update(text for text in _texts(row) if len(text) >= _SHARED_FROM)
    texts = [text for text, many in counts.items() if many > 1]
    places = {text: at for at, text in enumerate(texts)}
    heads: list[Json] = []
    chunks = []
    for (name, aligned), (_, arms) in zip(rows, suites, strict=True):
        runs = list(_runs(aligned))
        scorers = list(dict.fromkeys(scorer for row in aligned for case in row if case for scorer in case.evidence))
        heads.append(head_of(name, arms, aligned, scorers, [len(run) for run in runs]))
        chunks.append(tuple(pack(_chunk(run, scorers, lambda text: places.get(text, text))) for run in runs))
    head = {"unseen": UNSEEN, "groups": list(GROUPS), "suites": heads}
    return Packed(head=pack(head), shared=pack(texts), chunks=tuple(chunks))


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


def _runs(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Cases in a row whose texts are about a chunk together."""
    start, size = 0, 0
    for at, row in enumerate(rows):
        size += sum(map(len, _texts(row)))
        if size >= _CHUNK or at + 1 - start >= _CASES:
            yield rows[start : at + 1]
            start, size = at + 1, 0
    if start < len(rows):
        yield rows[start:]


def _chunk(rows: Sequence[Row], scorers: Sequence[str], text: Text) -> dict[str, Json]:
    """Texts of a run of cases: what all have as lists, what few have by the position in the run.

    What arms say has the base in front of the candidates.
    """
    cases = [any_of(row) for row in rows]
    said = [_sides(row) for row in rows]
    found = [(at, _evidence(row)) for at, row in enumerate(rows)]
    return {
        "turns": [_turns(case.turns, text) for case in cases],
        "own": {
            at: [_turns(one.turns, text) if one and one.turns != cases[at].turns else None for one in row]
            for at, row in enumerate(rows)
            if any(one and one.turns != cases[at].turns for one in row)
        },
        "expected": [text(case.expected) for case in cases],
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
            at: [[scorers.index(scorer), *map(text, sides)] for scorer, sides in told] for at, told in found if told
        },
    }


@dataclass(frozen=True, slots=True)
class _Side:
    """What one arm said in a case."""

    answer: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    status: str = ""
    thought: str = ""
    repeats: tuple[tuple[str, str], ...] = ()


def _sides(row: Row) -> list[_Side]:
    """The base's side, then each candidate's; an empty one where it was not asked."""
    first = any_of(row)
    base = _Side(first.base, first.base_calls, first.status[0], first.thoughts[0], first.repeats[0])
    others = [
        _Side(one.candidate, one.candidate_calls, one.status[1], one.thoughts[1], one.repeats[1]) if one else _Side()
        for one in row
    ]
    return [base, *others]


def _turns(turns: Sequence[tuple[str, str]], text: Text) -> Json:
    """The text alone of a conversation that is one user turn, else [[role, text], ...]."""
    if len(turns) == 1 and turns[0][0] == "user":
        return text(turns[0][1])
    return [[role, text(content)] for role, content in turns]


def _evidence(row: Row) -> list[tuple[str, tuple[str, ...]]]:
    """(scorer, what it says of the base and of each candidate as JSON text).

    Where both are right there is nothing to explain.
    """
    wrong = [one for one in row if one and one.group != "both_right"]
    names = dict.fromkeys(name for one in wrong for name in one.evidence)
    return [
        (name, (_first(wrong, name), *(_json(_of(one, name, "candidate")) if one in wrong else "" for one in row)))
        for name in names
    ]


def _first(cases: Sequence[Case], name: str) -> str:
    return next((told for one in cases if (told := _json(_of(one, name, "base")))), "")


def _of(case: Case | None, name: str, arm: str) -> Json:
    return case.evidence.get(name, {}).get(arm) if case else None


def _json(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=1) if value else ""
    return text if len(text) <= _EVIDENCE_MOST else text[:_EVIDENCE_MOST] + " …"


def _texts(row: Row) -> list[str]:
    sides = _sides(row)
    evidence = [said for _, told in _evidence(row) for said in told]
    turns = dict.fromkeys(content for case in row if case for _, content in case.turns)
    own = [
        text
        for side in sides
        for text in (
            side.answer,
            *(raw for _, raw in side.calls),
            side.status,
            side.thought,
            *(answer for answer, _ in side.repeats),
        )
    ]
    return [*turns, any_of(row).expected, *own, *evidence]
