"""Equality of JSON values as JSON means it: 1 equals 1.0, true is not 1, order of keys does not matter."""

from __future__ import annotations

from evalkit.core.exchange import Json


def is_same_json(left: Json, right: Json) -> bool:
    """Return whether two JSON values are equal.

    >>> is_same_json(1, 1.0), is_same_json(True, 1), is_same_json({"a": [1]}, {"a": [1.0]}), is_same_json(None, 0)
    (True, False, True, False)
    """
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict):
        if not isinstance(right, dict) or left.keys() != right.keys():
            return False
        return all(is_same_json(value, right[key]) for key, value in left.items())
    if isinstance(left, (list, tuple)):
        if not isinstance(right, (list, tuple)) or len(left) != len(right):
            return False
        return all(is_same_json(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, (int, float)):
        return isinstance(right, (int, float)) and left == right
    return bool(left == right)


def kind_of(value: Json) -> str:
    """Return the JSON type of a value.

    null, boolean, integer, number, string, array or object.

    >>> [kind_of(v) for v in (None, True, 5.0, 1.5, "a", [], {})]
    ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "integer" if isinstance(value, int) or value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"
