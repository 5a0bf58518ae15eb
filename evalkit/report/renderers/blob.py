"""The cases of a page as compact JSON: every text once, drawn on demand by the page itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence

from evalkit.core.blocks import Case, Cases
from evalkit.core.exchange import Json
from evalkit.report.sections.cases import GROUPS
from evalkit.text.outgoing import UNSEEN

_SHARED_FROM = 16
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_EVIDENCE_MOST = 1500
_CODES = {("0", "0"): "a", ("0", "1"): "b", ("1", "0"): "c", ("1", "1"): "d"}
_HIGHER = {"a": "both_wrong", "b": "fixed", "c": "broken", "d": "both_right"}

Text = Callable[[str], Json]


def blob(suites: Sequence[tuple[str, Cases]]) -> str:
    """Return the JSON text for a script element.

    `{"unseen": PATTERN, "texts": [...], "groups": [...], "suites": [...]}`.

    A text that occurs twice stands in `texts`, and is named by its position there. A suite is kept by columns: what
    all cases have as lists, what few have by the case's position. What could end the script element is escaped.
    """
    counts: Counter[str] = Counter()
    for _, cases in suites:
        for case in cases.cases:
            counts.update(text for text in _texts(case) if len(text) >= _SHARED_FROM)
    texts = [text for text, many in counts.items() if many > 1]
    places = {text: at for at, text in enumerate(texts)}

    def share(text: str) -> Json:
        return places.get(text, text)

    value = {
        "texts": texts,
        "groups": list(GROUPS),
        "suites": [_suite(name, cases.cases, share) for name, cases in suites],
    }
    return f'{{"unseen":{json.dumps(UNSEEN)},{script_safe(value)[1:]}'


def script_safe(value: Json) -> str:
    """Escape JSON so that no text in it can end the script element.

    Lone surrogates stay escaped.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


def _suite(name: str, cases: Sequence[Case], text: Text) -> dict[str, Json]:
    metrics = list(dict.fromkeys(metric for case in cases for metric, _, _ in case.scores))
    tags = list(dict.fromkeys(tag for case in cases for tag in case.tags))
    scorers = list(dict.fromkeys(scorer for case in cases for scorer in case.evidence))
    calls = {at: [case.base_calls, case.candidate_calls] for at, case in enumerate(cases)}
    return {
        "name": name,
        "ids": [case.id for case in cases],
        "groups": "".join(str(GROUPS.index(case.group)) for case in cases),
        "metrics": [_metric(metric, cases) for metric in metrics],
        "tags": [_tag(tag, cases) for tag in tags],
        "scorers": scorers,
        "turns": [_turns(case, text) for case in cases],
        "expected": [text(case.expected) for case in cases],
        "base": [text(case.base) for case in cases],
        "candidate": [text(case.candidate) for case in cases],
        "calls": {at: [[[n, text(a)] for n, a in side] for side in both] for at, both in calls.items() if any(both)},
        "status": {at: [text(side) for side in case.status] for at, case in enumerate(cases) if any(case.status)},
        "thoughts": {at: [text(side) for side in case.thoughts] for at, case in enumerate(cases) if any(case.thoughts)},
        "evidence": {
            at: [[scorers.index(scorer), *(text(side) for side in sides)] for scorer, sides in found]
            for at, case in enumerate(cases)
            if (found := _evidence(case))
        },
    }


def _metric(name: str, cases: Sequence[Case]) -> dict[str, Json]:
    """One metric: a letter a case where both values are 0 or 1, the others by position as [group, base, candidate]."""
    codes, others, rises = [], {}, True
    for at, case in enumerate(cases):
        pair = next(((base, candidate) for metric, base, candidate in case.scores if metric == name), None)
        code = _CODES.get(pair, "*") if pair is not None else "-"
        if code in _HIGHER and case.groups[name] != _HIGHER[code]:
            rises = False
        if code == "*" and pair is not None:
            others[at] = [GROUPS.index(case.groups[name]), *pair]
        codes.append(code)
    return {"name": name, "rises": rises, "codes": "".join(codes), "others": others}


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
    text = json.dumps(value, ensure_ascii=False, indent=1) if value else ""
    return text if len(text) <= _EVIDENCE_MOST else text[:_EVIDENCE_MOST] + " …"


def _texts(case: Case) -> list[str]:
    calls = [arguments for side in (case.base_calls, case.candidate_calls) for _, arguments in side]
    evidence = [side for _, sides in _evidence(case) for side in sides]
    turns = [content for _, content in case.turns]
    return [*turns, case.expected, case.base, case.candidate, *calls, *case.status, *case.thoughts, *evidence]
