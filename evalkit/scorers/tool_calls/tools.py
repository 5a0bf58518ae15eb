"""The tools of an example, in whichever shape they were offered, as names with JSON Schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.nouns import Tool

# Java's and JavaScript's types (None) say nothing here: the arguments of those categories are source text.
_BFCL_TYPES: Mapping[str, str | None] = {
    "dict": "object", "float": "number", "tuple": "array", "list": "array", "bool": "boolean", "String": "string",
    "char": "string", "any": None, "Any": None, "Boolean": None, "byte": None, "short": None, "long": None,
    "double": None, "Bigint": None, "Array": None, "ArrayList": None, "Set": None, "HashMap": None, "Hashtable": None,
    "Queue": None, "Stack": None,
}  # fmt: skip
_SCHEMA_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


def read_tools(definitions: Sequence[Mapping[str, Json]]) -> dict[str, Tool]:
    """Read the offered tools as name -> tool.

    Shapes: chat ({type, function}), Responses (flat), legacy functions, custom tools, BFCL.

    >>> read_tools([{"type": "function", "function": {"name": "now"}}])["now"].schema
    {}
    """
    found: dict[str, Tool] = {}
    for definition in definitions:
        tool = _read_tool(definition)
        if tool is not None:
            found[tool.name] = tool
    return found


def _read_tool(definition: Mapping[str, Json]) -> Tool | None:
    """Kept beside its definition, so that a schema is the same object for every answer and is read once."""
    recent = _RECENT.get(id(definition))
    if recent is not None and recent[0] is definition:
        return recent[1]
    kind = definition.get("type")
    inner = definition.get(kind) if isinstance(kind, str) else None
    body = inner if isinstance(inner, Mapping) else definition
    name, tool = body.get("name"), None
    if isinstance(name, str):
        parameters = body.get("parameters", body.get("input_schema"))
        schema = json_schema(parameters) if isinstance(parameters, Mapping) else {}
        tool = Tool(name=name, schema=schema, custom=kind == "custom")
    if len(_RECENT) >= _MOST_RECENT:
        _RECENT.clear()
    _RECENT[id(definition)] = (definition, tool)
    return tool


_RECENT: dict[int, tuple[Mapping[str, Json], Tool | None]] = {}
_MOST_RECENT = 8192


def tool_names(definitions: Sequence[Mapping[str, Json]]) -> tuple[str, ...]:
    """Return the names alone, without reading schemas."""
    bodies = (definition.get("function", definition) for definition in definitions)
    return tuple(str(body["name"]) for body in bodies if isinstance(body, dict) and "name" in body)


def json_schema(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the schema with JSON Schema's type names.

    BFCL's own (dict, float, tuple, any) are turned into them.
    """
    return _translate(schema) if _is_foreign(schema) else schema


def _is_foreign(schema: Json) -> bool:
    if isinstance(schema, dict):
        kind = schema.get("type")
        if isinstance(kind, str) and kind in _BFCL_TYPES:
            return True
        return any(_is_foreign(value) for value in schema.values() if isinstance(value, (dict, list)))
    return isinstance(schema, list) and any(_is_foreign(value) for value in schema)


def _translate(schema: Mapping[str, Json]) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for key, value in schema.items():
        if key == "type" and isinstance(value, str):
            if _BFCL_TYPES.get(value, value) is not None:
                out[key] = _BFCL_TYPES.get(value, value)
        elif key in ("properties", "$defs", "definitions") and isinstance(value, dict):
            out[key] = {k: _translate(v) if isinstance(v, dict) else v for k, v in value.items()}
        elif key in ("items", "additionalProperties", "not") and isinstance(value, dict):
            out[key] = _translate(value)
        elif key in _SCHEMA_LISTS and isinstance(value, list):
            out[key] = [_translate(v) if isinstance(v, dict) else v for v in value]
        elif not (key in ("optional", "required") and isinstance(value, bool)):
            out[key] = value
    return out
