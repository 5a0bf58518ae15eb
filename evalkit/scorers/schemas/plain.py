"""Schemas of the everyday kind, told to be well-formed at a glance: the meta-schema takes milliseconds to say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.ecma import BadPattern
from evalkit.scorers.schemas.patterns import compile_pattern

_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_DIALECTS = frozenset(
    {
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    }
)
_DEEPEST = 40


def is_plainly_good(schema: Json) -> bool:
    """Return whether a schema certainly meets its meta-schema.

    False says nothing: then the meta-schema must be asked.

    >>> is_plainly_good({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]})
    True
    >>> is_plainly_good({"type": "strnig"}), is_plainly_good({"$ref": "#/$defs/a"})
    (False, False)
    """
    if not isinstance(schema, dict):
        return False
    dialect = schema.get("$schema")
    if dialect is not None and (not isinstance(dialect, str) or dialect.removesuffix("#") not in _DIALECTS):
        return False
    return _is_good({key: inner for key, inner in schema.items() if key != "$schema"}, 0)


def _is_good(schema: Json, depth: int) -> bool:
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return False
    for key, value in schema.items():
        holds = _SHAPES.get(key)
        if holds is None:
            if key.startswith("$") or key in OTHERS:
                return False
        elif not holds(value, depth + 1):
            return False
    return True


def _is_type(value: Json, depth: int) -> bool:
    if isinstance(value, str):
        return value in _TYPES
    return isinstance(value, list) and 0 < len(value) == len({*map(str, value)}) and all(v in _TYPES for v in value)


def _are_schemas_by_name(value: Json, depth: int) -> bool:
    return isinstance(value, dict) and all(_is_good(inner, depth) for inner in value.values())


def _are_schemas(value: Json, depth: int) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_good(inner, depth) for inner in value)


def _are_names(value: Json, depth: int) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value) and len({*value}) == len(value)


def _are_values(value: Json, depth: int) -> bool:
    return bool(value) and _are_names(value, depth)


def _number(value: Json, depth: int) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value: Json, depth: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_pattern(value: Json, depth: int) -> bool:
    try:
        return isinstance(value, str) and compile_pattern(value) is not None
    except BadPattern:
        return False


def _text(value: Json, depth: int) -> bool:
    return isinstance(value, str)


def _accept_all(value: Json, depth: int) -> bool:
    return True


_SHAPES: Mapping[str, Callable[[Json, int], bool]] = {
    "type": _is_type,
    "properties": _are_schemas_by_name,
    **dict.fromkeys(("items", "additionalProperties", "not", "contains", "propertyNames"), _is_good),
    **dict.fromkeys(("anyOf", "oneOf", "allOf"), _are_schemas),
    "required": _are_names,
    "enum": _are_values,
    **dict.fromkeys(("title", "description", "format"), _text),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _count),
    "pattern": _is_pattern,
    "default": _accept_all,
    "const": _accept_all,
}
"""Keyword -> whether its value, at this depth, is one that every meta-schema from draft-07 on takes"""

OTHERS = frozenset(
    {
        "additionalItems", "contentEncoding", "contentMediaType", "contentSchema", "definitions", "dependencies",
        "dependentRequired", "dependentSchemas", "deprecated", "else", "examples", "if", "maxContains", "minContains",
        "multipleOf", "patternProperties", "prefixItems", "readOnly", "then", "unevaluatedItems",
        "unevaluatedProperties", "uniqueItems", "writeOnly", "id",
    }
)  # fmt: skip
"""What meta-schemas speak of beside that; any other keyword is free to be anything"""
