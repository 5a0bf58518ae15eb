"""Nulls that a table filled in: Arrow gives every object of a column the members that any of them has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evalkit.core.exchange import Json
from evalkit.data.fields import UnreadableRow, tools
from evalkit.data.rows import Row

_TURNS = ("messages", "prompt")
_MAY_BE_NULL = ("default", "const", "examples")
"""Keywords of JSON Schema that may say null"""


def drop_filled_nulls(row: Row) -> Row:
    """Return the row without nulls that stand for nothing.

    It is the row itself where there are none.

    In the tools: members that no schema can have. In the tool calls of earlier turns, where arguments are objects (as
    text they are what somebody wrote): members that the tool's schema neither requires nor allows to be null. Those of
    the answer stay: the scorer of tool calls takes a null that the schema forbids for no argument, on both sides.
    """
    out = dict(row)
    for name in ("tools", "functions"):
        if isinstance(row.get(name), list):
            out[name] = [_schema(tool) for tool in row[name]]
    schemas: dict[str, Mapping[str, Json]] | None = None
    for name in _TURNS:
        turns = row.get(name)
        if isinstance(turns, list) and any(isinstance(turn, dict) and turn.get("tool_calls") for turn in turns):
            schemas = _schemas(out) if schemas is None else schemas
            out[name] = [*(_turn(turn, schemas) for turn in turns[:-1]), turns[-1]]
    return out if out != dict(row) else row


def _schema(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _schema(item) for key, item in value.items() if item is not None or key in _MAY_BE_NULL}
    return [_schema(item) for item in value] if isinstance(value, list) else value


def _schemas(row: Row) -> dict[str, Mapping[str, Json]]:
    """The parameters of each tool by its name."""
    try:
        offered = tools(row)
    except UnreadableRow:
        return {}
    found: dict[str, Mapping[str, Json]] = {}
    for tool in offered:
        function = tool.get("function", tool)
        if isinstance(function, Mapping) and isinstance(function.get("name"), str):
            parameters = function.get("parameters")
            found[function["name"]] = parameters if isinstance(parameters, Mapping) else {}
    return found


def _turn(turn: Json, schemas: Mapping[str, Mapping[str, Json]]) -> Json:
    if not isinstance(turn, dict) or not isinstance(turn.get("tool_calls"), list):
        return turn
    return {**turn, "tool_calls": [_call(call, schemas) for call in turn["tool_calls"]]}


def _call(call: Json, schemas: Mapping[str, Mapping[str, Json]]) -> Json:
    inner: Any = call.get("function") if isinstance(call, dict) and call.get("function") else call
    if not isinstance(inner, dict) or not isinstance(inner.get("arguments"), dict):
        return call
    schema = schemas.get(inner["name"], {}) if isinstance(inner.get("name"), str) else {}
    kept = {**inner, "arguments": _keep_given(inner["arguments"], schema)}
    return kept if inner is call else {**call, "function": kept}


def _keep_given(value: Mapping[str, Json], schema: Mapping[str, Json]) -> dict[str, Json]:
    """The members that were given, those of objects in them as well."""
    properties = schema.get("properties")
    known: Mapping[str, Json] = properties if isinstance(properties, Mapping) else {}
    required = schema.get("required") or ()
    out: dict[str, Json] = {}
    for name, item in value.items():
        own = known.get(name)
        if item is None and not (name in required or allows_null(own)):
            continue
        out[name] = _keep_given(item, own if isinstance(own, Mapping) else {}) if isinstance(item, dict) else item
    return out


def allows_null(schema: Json) -> bool:
    """Return whether a schema lets a value be null, as far as it says.

    A schema that refers elsewhere may.

    >>> allows_null({"type": ["string", "null"]}), allows_null({"type": "string"}), allows_null(None)
    (True, False, False)
    """
    if not isinstance(schema, Mapping):
        return schema is True
    kinds = schema.get("type")
    if kinds == "null" or (isinstance(kinds, list) and "null" in kinds) or schema.get("nullable") is True:
        return True
    if any(None in (values if isinstance(values, list) else [values]) for values in _values(schema)):
        return True
    branches = [branch for name in ("anyOf", "oneOf") for branch in schema.get(name) or ()]
    return "$ref" in schema or any(allows_null(branch) for branch in branches)


def _values(schema: Mapping[str, Json]) -> list[Json]:
    return [schema[name] for name in ("enum", "const") if name in schema]
