"""Values written as text, typed by the schema of the tool that was offered.

Formats with tags (`<parameter=days>3</parameter>`) write every value as text. What the schema wants decides: a text
stays as it is, anything else is read as JSON, or as Python writes it; what is neither stays the text it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.core.strict_json import strict
from evalkit.reading.calls.found import Schema
from evalkit.reading.calls.literals import literal

_DEEPEST = 8
"""Steps through $ref, anyOf and allOf on the way to a type"""
_ANY = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})


def arguments_json(pairs: Sequence[tuple[str, str]], schema: Schema) -> str | None:
    """Return the arguments as JSON, each typed by its property.

    None where one stands twice: nobody knows which is meant.
    """
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        return None
    return json.dumps(
        {name: type_text(text, property_of(schema, name), schema) for name, text in pairs}, ensure_ascii=False
    )


def property_of(schema: Schema, name: str) -> Schema:
    """Return the schema of one parameter; {} where nothing is said of it."""
    for part in _parts(schema, schema, 0):
        properties = part.get("properties")
        if isinstance(properties, Mapping) and isinstance(properties.get(name), Mapping):
            found: Schema = properties[name]
            return found
    return {}


def type_text(text: str, schema: Schema, root: Schema) -> Json:
    """Return the value that a text is under a schema.

    >>> type_text("3", {"type": "integer"}, {}), type_text("3", {"type": "string"}, {})
    (3, '3')
    """
    for part in _parts(schema, root, 0):
        listed = part.get("enum", [part["const"]] if "const" in part else [])
        for choice in listed if isinstance(listed, list) else ():
            if text == choice or (not isinstance(choice, str) and text.strip() == json.dumps(choice)):
                return choice
    kinds = types_of(schema, root)
    if kinds == {"string"}:
        return text
    for kind in ("null", "boolean", "integer", "number", "object", "array"):
        if kind in kinds:
            value, fits = _as(text.strip(), kind)
            if fits:
                return value
    return text


def types_of(schema: Schema, root: Schema) -> frozenset[str]:
    """Return the JSON types a schema allows.

    Through $ref, anyOf, oneOf and allOf; all of them where it does not say.
    """
    found: set[str] = set()
    for part in _parts(schema, root, 0):
        kind = part.get("type")
        kinds = [kind] if isinstance(kind, str) else kind if isinstance(kind, list) else []
        found |= {_NAMES.get(k, k) for k in kinds if isinstance(k, str)}
        if "nullable" in part and part["nullable"] is True:
            found.add("null")
    return frozenset(found & _ANY) or _ANY


_NAMES = {
    "dict": "object",
    "float": "number",
    "tuple": "array",
    "list": "array",
    "bool": "boolean",
    "int": "integer",
    "str": "string",
}


def _parts(schema: Schema, root: Schema, depth: int) -> Iterator[Schema]:
    """A schema and those that it is put together from."""
    yield schema
    if depth > _DEEPEST:
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        target = _at(root, reference)
        if target is not None:
            yield from _parts(target, root, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        listed = schema.get(key)
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, Mapping):
                yield from _parts(item, root, depth + 1)


def _at(root: Schema, reference: str) -> Schema | None:
    value: Json = root
    for step in reference[1:].split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            return None
    return value if isinstance(value, Mapping) else None


def _as(text: str, kind: str) -> tuple[Json, bool]:
    """The text as a value of one kind, and whether it is one. Python's words (True, None) are read, too."""
    if kind == "null":
        return None, text in ("null", "None")
    if kind == "boolean":
        return text in ("true", "True"), text in ("true", "True", "false", "False")
    try:
        value = strict(text)
    except ValueError:
        if kind not in ("object", "array"):
            return None, False
        value, read = literal(text)
        if not read:
            return None, False
    return value, _is(value, kind)


def _is(value: Json, kind: str) -> bool:
    if kind == "object":
        return isinstance(value, dict)
    if kind == "array":
        return isinstance(value, list)
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and (kind == "number" or value.is_integer()))
