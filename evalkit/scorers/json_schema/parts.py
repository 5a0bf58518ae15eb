"""The numbers, the reason and the evidence of one structured answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from evalkit.core.exchange import Json
from evalkit.core.verdict import Metric
from evalkit.scorers.json_schema.leaves import LeafTally
from evalkit.scorers.json_schema.parse import Parsed
from evalkit.scorers.schemas.validate import Violation

_MOST_SHOWN = 20

NOTHING_EARNED = "agrees that there is nothing, which earns nothing (empty_counts: false)"

METRICS = (
    Metric(about="valid under the schema, and equal to the target where there is one"),
    Metric(part="read", about="the answer could be read: JSON, as far as the suite forgives"),
    Metric(part="parsed", about="the whole answer is JSON, strictly"),
    Metric(part="extracted", about="strict JSON, alone or in a fence or between prose"),
    Metric(part="repaired", about="JSON after repairs that have a name"),
    Metric(part="valid", about="parsed (as far as the suite forgives) and valid under the schema, over all asked"),
    Metric(part="exact", about="every leaf as in the target, nothing more"),
    Metric(part="precision", binary=False, low=0.0, high=1.0, about="right leaves among those given"),
    Metric(part="recall", binary=False, low=0.0, high=1.0, about="right leaves among those expected"),
    Metric(part="f1", binary=False, low=0.0, high=1.0, about="harmonic mean of precision and recall over leaves"),
    Metric(part="key_order", about="keys in the order of the target (of the schema, without a target)"),
)


_LONGEST_SPELLED = 2_000


def spell_json(value: Json) -> str:
    """Write a value as canonical JSON: keys sorted, 5.0 as 5.

    A long one by its beginning and its digest.

    >>> spell_json({"b": 5.0, "a": [1, "あ"]})
    '{"a":[1,"あ"],"b":5}'
    """
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text) <= _LONGEST_SPELLED:
        return text
    return f"{text[:_LONGEST_SPELLED]}… sha256 {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def grade_parts(found: LeafTally | None, *, aimed: bool, agreed: bool) -> dict[str, float | None]:
    """Grade the parts that need a target (`aimed`).

    None without a target, and where both `agreed` that there is nothing.

    0 where the answer could not be read, and where it holds something though nothing was expected.
    """
    if not aimed or agreed:
        return dict.fromkeys(("exact", "precision", "recall", "f1"))
    if found is None:  # asked, and not answered in JSON: nothing is right
        return dict.fromkeys(("exact", "precision", "recall", "f1"), 0.0)
    if not found.wanted and not found.given:  # every value is one that the suite ignores
        return {"exact": float(found.right), "precision": None, "recall": None, "f1": None}
    return {
        "exact": float(found.right),
        "precision": found.hit / found.given if found.given else 0.0,
        "recall": found.hit / found.wanted if found.wanted else 0.0,
        "f1": 2 * found.hit / (found.given + found.wanted),
    }


def reason(parsed: Parsed, readable: bool, violations: Sequence[Violation], found: LeafTally | None) -> str:
    """Say why the answer does not pass; empty if it does."""
    if not readable:
        return f"no JSON ({parsed.reason})" if parsed.stage == "unparsed" else f"JSON only when {parsed.stage}"
    if violations:
        return f"breaks the schema at {violations[0].pointer or '/'}: {violations[0].message}"
    if found is not None and not found.right:
        return f"{len(found.wrong)} differ from the target, first {found.wrong[0]['path']}"
    return ""


def evidence(parsed: Parsed, violations: Sequence[Violation], found: LeafTally | None) -> dict[str, Json]:
    """Return what the report shows beside the case."""
    shown: dict[str, Json] = {"parse": parsed.stage, "repairs": list(parsed.repairs)}
    shown["errors"] = [
        {"keyword": v.keyword, "pointer": v.pointer, "schema_pointer": v.schema_pointer, "message": v.message}
        for v in violations[:_MOST_SHOWN]
    ]
    shown["wrong"] = found.wrong[:_MOST_SHOWN] if found is not None else []
    return shown
