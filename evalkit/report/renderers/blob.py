"""The cases of a page as compact JSON: every text once, drawn on demand by the page itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from evalkit.core.blocks import Case, Cases
from evalkit.core.nouns import Json
from evalkit.report.sections.cases import GROUPS

_SHARED_FROM = 16
_EVIDENCE_MOST = 1500


def blob(suites: Sequence[tuple[str, Cases]]) -> str:
    """JSON text for a script element: `{"texts": [...], "groups": [...], "suites": [...]}`.

    A text that occurs twice stands in `texts`, and is named by its position there. What could end the script element
    or a line of script is escaped.
    """
    counts: Counter[str] = Counter()
    for _, cases in suites:
        for case in cases.cases:
            counts.update(text for text in _texts(case) if len(text) >= _SHARED_FROM)
    texts = [text for text, many in counts.items() if many > 1]
    places = {text: at for at, text in enumerate(texts)}
    value = {
        "texts": texts,
        "groups": list(GROUPS),
        "suites": [_suite(name, cases, places) for name, cases in suites],
    }
    return script_safe(value)


def script_safe(value: Json) -> str:
    """JSON that no text in it can leave, whatever it holds; lone surrogates stay escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return "".join(f"\\u{ord(mark):04x}" if "\ud800" <= mark <= "\udfff" else mark for mark in text)


def _suite(name: str, cases: Cases, places: dict[str, int]) -> dict[str, Json]:
    metrics = list(dict.fromkeys(metric for case in cases.cases for metric, _, _ in case.scores))
    tags = list(dict.fromkeys(tag for case in cases.cases for tag in case.tags))
    scorers = list(dict.fromkeys(scorer for case in cases.cases for scorer in case.evidence))
    rows = [_row(case, metrics, tags, scorers, places) for case in cases.cases]
    return {"name": name, "metrics": metrics, "tags": tags, "scorers": scorers, "cases": rows}


def _row(
    case: Case, metrics: Sequence[str], tags: Sequence[str], scorers: Sequence[str], places: dict[str, int]
) -> list[Json]:
    """One case: id, group, groups by metric, scores, tags, turns, expected, answers, calls, statuses, evidence."""

    def text(value: str) -> Json:
        return places.get(value, value)

    scores = {metric: f"{base}|{candidate}" for metric, base, candidate in case.scores}
    return [
        case.id,
        GROUPS.index(case.group),
        "".join(str(GROUPS.index(case.groups[metric])) if metric in case.groups else "-" for metric in metrics),
        ";".join(scores.get(metric, "") for metric in metrics),
        [text(case.tags.get(tag, "")) for tag in tags],
        [[role, text(content)] for role, content in case.turns],
        text(case.expected),
        [text(case.base), text(case.candidate)],
        [[[name, text(arguments)] for name, arguments in calls] for calls in (case.base_calls, case.candidate_calls)],
        [text(status) for status in case.status],
        [[scorers.index(name), *(text(side) for side in sides)] for name, sides in _evidence(case)],
    ]


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
    return [*turns, case.expected, case.base, case.candidate, *calls, *case.status, *evidence, *case.tags.values()]
