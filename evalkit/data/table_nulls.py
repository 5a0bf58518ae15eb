"""Tools out of tables: a column of Arrow or Parquet holds a null for every member that some other row has."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json


def without_table_nulls(tool: Mapping[str, Json]) -> Mapping[str, Json]:
    """Drop the null members of a tool that no JSON Schema could hold there.

    >>> without_table_nulls({"parameters": {"properties": {"a": {"type": "string", "items": None}, "b": None}}})
    {'parameters': {'properties': {'a': {'type': 'string'}}}}
    >>> without_table_nulls({"parameters": {"properties": {"a": {"type": ["string", "null"], "default": None}}}})
    {'parameters': {'properties': {'a': {'type': ['string', 'null'], 'default': None}}}}
    """
    inner = tool.get("function")
    body = inner if isinstance(inner, Mapping) else tool
    if not _holds_nulls(body.get("parameters")):
        return tool
    stripped: Mapping[str, Json] = _strip(tool)
    return stripped


def _holds_nulls(schema: Json) -> bool:
    if isinstance(schema, Mapping):
        spoken = ((key, inner) for key, inner in schema.items() if key not in ("default", "const", "examples"))
        return any(inner is None or (key != "enum" and _holds_nulls(inner)) for key, inner in spoken)
    return isinstance(schema, list) and any(_holds_nulls(inner) for inner in schema)


def _strip(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _strip(inner) for key, inner in value.items() if inner is not None}
    return [_strip(inner) for inner in value] if isinstance(value, list) else value
