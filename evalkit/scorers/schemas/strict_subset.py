"""Whether OpenAI's strict mode takes a schema: its subset of JSON Schema and its limits, from a dated table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from evalkit.core.exchange import Json

_HOLDERS = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLES = ("items", "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties")
_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})


@lru_cache(maxsize=1)
def editions() -> tuple[Mapping[str, Any], ...]:
    """Load the limits by the month in which the guide stated them.

    The oldest stands first.
    """
    text = files("evalkit.scorers.schemas").joinpath("strict_limits.json").read_text(encoding="utf-8")
    return tuple(json.loads(text)["editions"])


def strict_faults(schema: Mapping[str, Json], *, fine_tuned: bool = False, as_of: str | None = None) -> tuple[str, ...]:
    """Find every reason why strict mode refuses a schema.

    Each is "pointer: sentence". For fine-tuned models it ignores the part instead.

    `as_of` ("2024-08") chooses the edition in force in that month; the newest by default.

    >>> strict_faults({"type": "object", "properties": {"a": {"type": "string"}}})
    ('/: additionalProperties must be false', '/: required must list every property; missing: a')
    """
    limits = _in_force(as_of)
    found = list(_root_faults(schema))
    nodes = list(_nodes(schema, "", 0))
    for pointer, node, _ in nodes:
        found += [f"{pointer or '/'}: {fault}" for fault in _node_faults(node, limits, fine_tuned=fine_tuned)]
    return (*found, *_size_faults(nodes, limits))


def _in_force(as_of: str | None) -> Mapping[str, Any]:
    rows = [row for row in editions() if as_of is None or row["as_of"] <= as_of]
    return rows[-1] if rows else editions()[0]


def _root_faults(schema: Mapping[str, Json]) -> Iterator[str]:
    if schema.get("type") != "object":
        yield "/: the root must be an object"
    if "anyOf" in schema:
        yield "/: the root must not be an anyOf"


def _nodes(schema: Json, pointer: str, depth: int) -> Iterator[tuple[str, Mapping[str, Json], int]]:
    """Every schema inside a schema with its pointer and how many objects it stands in, itself included."""
    if not isinstance(schema, Mapping):
        return
    depth += "properties" in schema
    yield pointer, schema, depth
    for key in _HOLDERS:
        members = schema.get(key)
        for name, member in members.items() if isinstance(members, Mapping) else ():
            yield from _nodes(member, f"{pointer}/{key}/{name}", depth if key == "properties" else 0)
    for key in _LISTS:
        branches = schema.get(key)
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            yield from _nodes(branch, f"{pointer}/{key}/{index}", depth)
    for key in _SINGLES:
        yield from _nodes(schema.get(key), f"{pointer}/{key}", depth)


def _node_faults(node: Mapping[str, Json], limits: Mapping[str, Any], *, fine_tuned: bool) -> Iterator[str]:
    for key in node:
        if key not in limits["supported"]:
            yield f"{key} is not supported"
        elif fine_tuned and key in limits["fine_tuned_unsupported"]:
            yield f"{key} is not supported for fine-tuned models"
    if "$ref" in node:
        if len(node.keys() - {"$defs", "definitions"}) > 1:
            yield "$ref must stand alone"
        if not str(node["$ref"]).startswith("#"):
            yield "$ref must point inside the schema"
        return
    if "format" in node and "format" in limits["supported"] and node["format"] not in limits["formats"]:
        yield f"format {node['format']} is not supported"
    kinds = node.get("type", ())
    for kind in kinds if isinstance(kinds, list) else [kinds] if kinds else []:
        if kind not in _TYPES:
            yield f"type {kind} does not exist"
    if "object" in kinds or "properties" in node:
        yield from _object_faults(node)
    if not node.keys() & {"type", "enum", "const", "anyOf", "$ref"}:
        yield "type is missing"


def _object_faults(node: Mapping[str, Json]) -> Iterator[str]:
    if node.get("additionalProperties") is not False:
        yield "additionalProperties must be false"
    optional = [name for name in node.get("properties", ()) if name not in node.get("required", ())]
    if optional:
        yield f"required must list every property; missing: {', '.join(optional)}"


def _size_faults(nodes: list[tuple[str, Mapping[str, Json], int]], limits: Mapping[str, Any]) -> Iterator[str]:
    names = [name for _, node, _ in nodes for key in _HOLDERS for name in node.get(key) or ()]
    properties = sum(len(node.get("properties") or ()) for _, node, _ in nodes)
    enums = [(pointer, node["enum"]) for pointer, node, _ in nodes if isinstance(node.get("enum"), list)]
    texts = [str(value) for _, values in enums for value in values]
    texts += [str(node["const"]) for _, node, _ in nodes if "const" in node]
    counted = (
        ("properties", properties, limits["max_properties"]),
        ("levels of objects", max((depth for *_, depth in nodes), default=0), limits["max_depth"]),
        ("characters of names and values", sum(map(len, names + texts)), limits["max_characters"]),
        ("enum values", sum(len(values) for _, values in enums), limits["max_enum_values"]),
    )
    for what, count, most in counted:
        if count > most:
            yield f"/: {count:,} {what}, at most {most:,}"
    for pointer, values in enums:
        long = sum(len(value) for value in values if isinstance(value, str))
        if len(values) > limits["large_enum"] and long > limits["max_large_enum_characters"]:
            yield f"{pointer}: an enum of {len(values)} texts with {long:,} characters"


def is_tool_name(name: str) -> bool:
    """Return whether OpenAI takes a tool's name."""
    return bool(re.fullmatch(editions()[-1]["name"], name))
