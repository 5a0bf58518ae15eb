"""How near a given JSON value is to the expected one, through objects and arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.scorers.values.defaults import default_kind
from evalkit.scorers.values.expected import Expected, read_expected
from evalkit.scorers.values.pairing import best_pairs
from evalkit.scorers.values.scalars import NEAR, SCALARS

Schema = Mapping[str, Json]


def similarity(expected: Expected, got: Json, schema: Schema) -> float:
    """In [0, 1]; 1.0 is a match and nothing else is.

    `schema` is the schema of this value ({} where none is known); it chooses the matcher of bare values and knows
    the defaults of members that may be left out. Matchers may stand anywhere inside a bare object or array.
    """
    if expected.kind == "any":
        return 1.0
    if expected.kind == "any_of":
        return max(similarity(choice, got, schema) for choice in expected.choices)
    if expected.kind == "set":
        return _as_set(expected.value, got, schema)
    if expected.kind != "equals":
        return SCALARS[expected.kind](expected.value, got, expected.options)
    return _bare(expected.value, got, schema)


def matches(want: Json, got: Json, schema: Schema) -> bool:
    """Whether a bare value (or a matcher in the notation of data sets) is met."""
    return similarity(read_expected(want), got, schema) == 1.0


def _bare(want: Json, got: Json, schema: Schema) -> float:
    if isinstance(want, dict):
        return _as_object(want, got, schema) if isinstance(got, dict) else 0.0
    if isinstance(want, (list, tuple)):
        return _as_array(want, got, schema) if isinstance(got, list) else 0.0
    if not isinstance(want, (str, type(None))) and type(want) is type(got) and want == got:
        return 1.0
    return SCALARS[default_kind(want, schema)](want, got, {})


def _as_object(want: Mapping[str, Json], got: Mapping[str, Json], schema: Schema) -> float:
    """The mean over all keys of both; a key beyond the expected ones costs, unless it holds the schema's default."""
    members = member_schemas(schema)
    scores: list[float] = []
    for key, raw in want.items():
        expected = read_expected(raw)
        member = members.get(key, {})
        if key in got:
            scores.append(similarity(expected, got[key], member))
        else:
            scores.append(1.0 if expected.optional or is_default(expected, member) else 0.0)
    for key in got.keys() - want.keys():
        member = members.get(key, {})
        scores.append(1.0 if "default" in member and _bare(member["default"], got[key], member) == 1.0 else 0.0)
    return _mean(scores)


def _as_array(want: Sequence[Json], got: Sequence[Json], schema: Schema) -> float:
    """Element by element, in order."""
    scores = [
        similarity(read_expected(w), g, item_schema(schema, index))
        for index, (w, g) in enumerate(zip(want, got, strict=False))
    ]
    return _mean(scores + [0.0] * abs(len(want) - len(got)))


def _as_set(want: Sequence[Json], got: Json, schema: Schema) -> float:
    """The best pairing of elements, order free; missing and surplus elements cost."""
    if not isinstance(got, list):
        return 0.0
    item = item_schema(schema, 0)
    expected = [read_expected(w) for w in want]
    grid = [[similarity(e, g, item) for g in got] for e in expected]
    scores = [grid[i][j] for i, j in best_pairs(grid)]
    return _mean(scores + [0.0] * (max(len(want), len(got)) - len(scores)))


def is_default(expected: Expected, schema: Schema) -> bool:
    """Whether leaving the value out says the same: it is the schema's default."""
    return "default" in schema and similarity(expected, schema["default"], schema) == 1.0


def member_schemas(schema: Schema) -> Mapping[str, Schema]:
    """The `properties` of an object schema, those that are objects themselves."""
    found = schema.get("properties")
    return {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}


def item_schema(schema: Schema, index: int) -> Schema:
    """The schema of an array's element; `prefixItems` first."""
    prefix = schema.get("prefixItems")
    if isinstance(prefix, list) and index < len(prefix):
        return prefix[index] if isinstance(prefix[index], dict) else {}
    items = schema.get("items")
    return items if isinstance(items, dict) else {}


def _mean(scores: Sequence[float]) -> float:
    if all(score == 1.0 for score in scores):
        return 1.0
    return min(NEAR, sum(scores) / len(scores))
