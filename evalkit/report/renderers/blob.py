"""The cases of a page as packed data: every text once, unpacked by the page itself where it is looked at.

What lists, counts and filters need is one head; texts lie in chunks behind it, and those that many cases share in one
part of their own. Each part is JSON, deflated, in base64: a page of texts weighs little more than their archive.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.blocks import Case, Cases
from evalkit.core.exchange import Json
from evalkit.core.indented_json import indent_json
from evalkit.report.sections.cases import GROUPS
from evalkit.text.outgoing import UNSEEN

_SHARED_FROM = 16
_PART = re.compile(r'<script type="text/plain" id="([a-z0-9-]+)">([^<]*)</script>')
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_EVIDENCE_MOST = 1500
_CODES = {("0", "0"): ord("a"), ("0", "1"): ord("b"), ("1", "0"): ord("c"), ("1", "1"): ord("d")}
_OTHER = ord("*")
_HIGHER = {ord("a"): "both_wrong", ord("b"): "fixed", ord("c"): "broken", ord("d"): "both_right"}
_CHUNK = 400_000
"""Characters of a chunk: unpacked in some ten milliseconds"""
_CASES = 1_000

Text = Callable[[str], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The parts of a page's data, each safe to stand in a script element.

    `head` and `shared` are one text each; `chunks` gives suite by suite the texts of its runs of cases, each packed
    when it is taken, and once.
    """

    head: str
    shared: str
    chunks: Iterable[Iterable[str]]


@dataclass(slots=True)
class _Repeated:
    """The texts that were met more than once, each with its place; of the others only a hash is held."""

    places: dict[str, int] = field(default_factory=dict)
    _met: set[int] = field(default_factory=set)

    def meet(self, text: str) -> None:
        if text in self.places:
            return
        known = hash(text)
        if known in self._met:
            self.places[text] = len(self.places)
        self._met.add(known)

    def name(self, text: str) -> Json:
        """Its place, or the text itself."""
        return self.places.get(text, text)


def blob(suites: Sequence[tuple[str, Cases]]) -> Packed:
    """Pack the cases of every suite.

    A text that occurs twice stands in `shared`, and is named by its position there. The head has of each suite what
    all cases have as lists, and how many cases each chunk holds.
    """
    repeated = _Repeated()
    heads: list[Json] = []
    runs: list[list[int]] = []
    scorers: list[dict[str, int]] = []
    for name, cases in suites:
        sizes = [_meet_texts(case, repeated) for case in cases.cases]
        met = dict.fromkeys(scorer for case in cases.cases for scorer in case.evidence)
        scorers.append({scorer: at for at, scorer in enumerate(met)})
        runs.append(list(_run_lengths(sizes)))
        heads.append(_head(name, cases.cases, list(met), runs[-1]))
    head = {"unseen": UNSEEN, "groups": list(GROUPS), "suites": heads}
    chunks = (
        _pack_runs(cases.cases, lengths, places, repeated.name)
        for (_, cases), lengths, places in zip(suites, runs, scorers, strict=True)
    )
    return Packed(head=pack(head), shared=pack(list(repeated.places)), chunks=chunks)


def _meet_texts(case: Case, repeated: _Repeated) -> int:
    """How many characters the texts of a case have together."""
    size = 0
    for text in _texts(case):
        size += len(text)
        if len(text) >= _SHARED_FROM:
            repeated.meet(text)
    return size


def _pack_runs(
    cases: Sequence[Case], lengths: Sequence[int], scorers: Mapping[str, int], text: Text
) -> Iterator[str]:
    begin = 0
    for length in lengths:
        yield pack(_chunk(cases[begin : begin + length], scorers, text))
        begin += length


def pack(value: Json) -> str:
    """Return a value as JSON, deflated (zlib), in base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    whole = _SURROGATE.sub(_escape, text)
    return base64.b64encode(zlib.compress(whole.encode(), 6)).decode()


def unpack(text: str) -> Json:
    """Return the value that `pack` packed."""
    value: Json = json.loads(zlib.decompress(base64.b64decode(text)))
    return value


def unpack_page(page: str) -> dict[str, Json]:
    """Return what a page holds packed, by the id of each part.

    Ids are `data`, `shared` and `texts-SUITE-CHUNK`.
    """
    return {name: unpack(text) for name, text in _PART.findall(page)}


def script_safe(value: Json) -> str:
    """Escape JSON so that no text in it can end the script element.

    Lone surrogates stay escaped.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(_escape, text)


def _escape(mark: re.Match[str]) -> str:
    return f"\\u{ord(mark[0]):04x}"


def _run_lengths(sizes: Sequence[int]) -> Iterator[int]:
    """How many cases in a row have texts of about a chunk together."""
    many = size = 0
    for one in sizes:
        many, size = many + 1, size + one
        if size >= _CHUNK or many >= _CASES:
            yield many
            many = size = 0
    if many:
        yield many


def _head(name: str, cases: Sequence[Case], scorers: Sequence[str], runs: Sequence[int]) -> dict[str, Json]:
    tags = list(dict.fromkeys(tag for case in cases for tag in case.tags))
    return {
        "name": name,
        "ids": [case.id for case in cases],
        "groups": "".join(str(GROUPS.index(case.group)) for case in cases),
        "metrics": _metrics(cases),
        "tags": [_tag(tag, cases) for tag in tags],
        "scorers": list(scorers),
        "chunks": list(runs),
    }


def _chunk(cases: Sequence[Case], scorers: Mapping[str, int], text: Text) -> dict[str, Json]:
    """Texts of a run of cases: what all have as lists, what few have by the position in the run."""
    calls = {at: [case.base_calls, case.candidate_calls] for at, case in enumerate(cases)}
    return {
        "turns": [_turns(case, text) for case in cases],
        "expected": [text(case.expected) for case in cases],
        "base": [text(case.base) for case in cases],
        "candidate": [text(case.candidate) for case in cases],
        "calls": {at: [[[n, text(a)] for n, a in side] for side in both] for at, both in calls.items() if any(both)},
        "status": {at: [text(side) for side in case.status] for at, case in enumerate(cases) if any(case.status)},
        "thoughts": {at: [text(side) for side in case.thoughts] for at, case in enumerate(cases) if any(case.thoughts)},
        "repeats": {
            at: [[[text(said), scores] for said, scores in side] for side in case.repeats]
            for at, case in enumerate(cases)
            if any(case.repeats)
        },
        "evidence": {
            at: [[scorers[scorer], *(text(side) for side in sides)] for scorer, sides in found]
            for at, case in enumerate(cases)
            if (found := _evidence(case))
        },
    }


def _metrics(cases: Sequence[Case]) -> list[dict[str, Json]]:
    """By metric a letter a case where both values are 0 or 1, the others by position as [group, base, candidate]."""
    names = dict.fromkeys(metric for case in cases for metric, _, _ in case.scores)
    codes = {name: bytearray(b"-" * len(cases)) for name in names}
    others: dict[str, dict[int, Json]] = {name: {} for name in names}
    rises = dict.fromkeys(names, True)
    for at, case in enumerate(cases):
        for name, base, candidate in case.scores:
            code = _CODES.get((base, candidate))
            if code is None:
                codes[name][at] = _OTHER
                others[name][at] = [GROUPS.index(case.groups[name]), base, candidate]
                continue
            codes[name][at] = code
            if case.groups[name] != _HIGHER[code]:
                rises[name] = False
    return [
        {"name": name, "rises": rises[name], "codes": codes[name].decode(), "others": others[name]} for name in names
    ]


def _tag(name: str, cases: Sequence[Case]) -> dict[str, Json]:
    values = list(dict.fromkeys(case.tags.get(name, "") for case in cases))
    places = {value: at for at, value in enumerate(values)}
    return {"name": name, "values": values, "rows": [places[case.tags.get(name, "")] for case in cases]}


def _turns(case: Case, text: Text) -> Json:
    """The text alone of a conversation that is one user turn, else [[role, text], ...]."""
    if len(case.turns) == 1 and case.turns[0][0] == "user":
        return text(case.turns[0][1])
    return [[role, text(content)] for role, content in case.turns]


def _evidence(case: Case) -> list[tuple[str, tuple[str, str]]]:
    """(scorer, what it says of base and candidate as JSON text); where both are right there is nothing to explain."""
    if case.group == "both_right":
        return []
    return [(name, (_json(sides["base"]), _json(sides["candidate"]))) for name, sides in case.evidence.items()]


def _json(value: Json) -> str:
    text = indent_json(value) if value else ""
    return text if len(text) <= _EVIDENCE_MOST else text[:_EVIDENCE_MOST] + " …"


def _texts(case: Case) -> list[str]:
    calls = [arguments for side in (case.base_calls, case.candidate_calls) for _, arguments in side]
    evidence = [side for _, sides in _evidence(case) for side in sides]
    turns = [content for _, content in case.turns]
    repeats = [said for side in case.repeats for said, _ in side]
    return [*turns, case.expected, case.base, case.candidate, *calls, *case.status, *case.thoughts, *repeats, *evidence]
