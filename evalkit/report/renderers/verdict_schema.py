"""The JSON Schema of a verdict as data: what stands in every row, what may be null, what may be absent."""

from __future__ import annotations

from typing import get_args

from evalkit.core.exchange import Json
from evalkit.core.verdict import Outcome, State

_NUMBER: Json = {"type": ["number", "null"]}
_COUNT: Json = {"type": ["integer", "null"], "minimum": 0}
_TEXT: Json = {"type": "string"}
_CODES: Json = {"type": "object", "additionalProperties": _TEXT}
_SLICE: Json = {
    "type": ["object", "null"],
    "required": ["by", "value"],
    "properties": {"by": _TEXT, "value": _TEXT},
}
_FIGURES: dict[str, Json] = {
    "metric": _TEXT,
    "slice": _SLICE,
    "n": {"type": "integer", "minimum": 0},
    "n_clusters": {"type": "integer", "minimum": 0},
    **dict.fromkeys(("base", "candidate", "delta", "low", "high", "p", "p_adjusted", "mde"), _NUMBER),
    "confidence": {"type": "number"},
    **dict.fromkeys(("fixed", "broken", "n_needed"), _COUNT),
    "method": _TEXT,
    "because": _TEXT,
}
_FINDING: dict[str, Json] = {
    "gate": _TEXT,
    **_FIGURES,
    "state": {"enum": list(get_args(State))},
    "margin": _NUMBER,
    "flags": {"type": "array", "items": _TEXT},
    "alarm": {"type": "boolean"},
    "gate_index": {"type": "integer"},
    "examples": {"type": "array", "items": _TEXT},
    "details": {"type": "object"},
    "missing": {**_CODES, "description": "the reason of every number that is null, a sentence"},
}
_ESTIMATE: dict[str, Json] = {
    **_FIGURES,
    "because": {**_TEXT, "description": "a code of `reasons`"},
    "missing": {**_CODES, "description": "of every number that is null the code of its reason, in `reasons`"},
}
_OF_METRIC: dict[str, Json] = {
    "higher_is_better": {"type": "boolean"},
    "binary": {"type": "boolean"},
    **dict.fromkeys(("base_low", "base_high", "candidate_low", "candidate_high"), _NUMBER),
}
"""Absent of an estimate in a slice: what holds of a metric stands once, in its estimate over all cases"""


def verdict_schema() -> dict[str, Json]:
    """Return the JSON Schema (2020-12) of what `--json` writes of one verdict."""
    suite = {
        "name": _TEXT,
        "outcome": {"enum": list(get_args(Outcome))},
        "description": _TEXT,
        "examples": {"type": "integer", "minimum": 0},
        "findings": {"type": "array", "items": _row(_FINDING)},
        "metrics": {"type": "array", "items": _estimate()},
        "notes": {"type": "array", "items": _TEXT},
        "ended": {"type": "object"},
        "groups": {"type": "array", "items": {"type": "object"}},
    }
    verdict = {
        "evalkit": _TEXT,
        "outcome": {"enum": list(get_args(Outcome))},
        "exit_code": {"enum": [0, 1, 3, 4]},
        "base": _TEXT,
        "candidate": _TEXT,
        "because": _TEXT,
        "suites": {"type": "array", "items": _row(suite)},
        "reasons": {**_CODES, "description": "code -> sentence"},
        "models": {"type": "object"},
        "notes": {"type": "array", "items": _TEXT},
        "holds": {"const": "verdict"},
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "evalkit verdict"}
    return {**head, **_row(verdict)}


def _row(properties: dict[str, Json]) -> dict[str, Json]:
    """An object that has every one of these; more may come."""
    return {"type": "object", "required": list(properties), "properties": properties}


def _estimate() -> dict[str, Json]:
    whole, cut = {"properties": {"slice": {"type": "null"}}}, {"properties": dict.fromkeys(_OF_METRIC, False)}
    return {**_row(_ESTIMATE), "if": whole, "then": _row(_OF_METRIC), "else": cut}
