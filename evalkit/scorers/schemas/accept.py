"""Everyday schemas as plain functions that say yes at once; whatever they do not say yes to is for the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.formats import FORMATS
from evalkit.scorers.schemas.patterns import is_found
from evalkit.scorers.schemas.plain import OTHERS, is_plainly_good

Accepts = Callable[[Json], bool]


class _Unknown(ValueError):
    """A keyword that is left to the library."""


def acceptor(schema: Json) -> Accepts | None:
    """Build a function that accepts only values that certainly meet a schema.

    None where the schema is not plain.

    >>> accepts = acceptor({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]})
    >>> accepts({"a": 5}), accepts({"a": "5"})
    (True, False)
    """
    if not is_plainly_good(schema):
        return None
    try:
        return _build(schema)
    except _Unknown:
        return None


def _build(schema: Json) -> Accepts:
    if schema is True:
        return _accept_all
    if schema is False:
        return _accept_none
    of_objects = _OF_OBJECTS & schema.keys()
    checks: list[Accepts] = [_members(schema)] if of_objects else []
    for keyword, value in schema.items():
        build = _BUILDERS.get(keyword)
        if build is not None and not (of_objects and keyword == "type" and value == "object"):
            checks.append(build(value))
        elif build is None and (keyword in _NOT_HERE or keyword in OTHERS):
            raise _Unknown
    if len(checks) < 2:
        return checks[0] if checks else _accept_all
    first, rest = checks[0], checks[1:]
    return lambda value: first(value) and all(check(value) for check in rest)


def _accept_all(value: Json) -> bool:
    return True


def _accept_none(value: Json) -> bool:
    return False


def _type(kinds: Json) -> Accepts:
    tests = [_TYPES[kind] for kind in (kinds if isinstance(kinds, list) else [kinds])]
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _is_integer(value: Json) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


_TYPES: Mapping[str, Accepts] = {
    "null": lambda value: value is None,
    "boolean": lambda value: type(value) is bool,
    "integer": _is_integer,
    "number": lambda value: type(value) is int or type(value) is float,
    "string": lambda value: type(value) is str,
    "array": lambda value: type(value) is list,
    "object": lambda value: type(value) is dict,
}


def _members(schema: Json) -> Accepts:
    named = {name: _build(inner) for name, inner in schema.get("properties", {}).items()}
    required: tuple[str, ...] = tuple(schema.get("required", ()))
    extra = _build(schema.get("additionalProperties", True))

    def accepts(value: Json) -> bool:
        if type(value) is not dict:
            return False
        for name in required:
            if name not in value:
                return False
        for name, inner in value.items():
            check = named.get(name, extra)
            if check is not _accept_all and not check(inner):
                return False
        return True

    return accepts


_OF_OBJECTS = frozenset({"properties", "required", "additionalProperties"})


def _items(inner: Json) -> Accepts:
    check = _build(inner)
    return lambda value: type(value) is list and all(check(item) for item in value)


def _any_of(branches: Json) -> Accepts:
    checks = [_build(branch) for branch in branches]
    return lambda value: any(check(value) for check in checks)


def _all_of(branches: Json) -> Accepts:
    checks = [_build(branch) for branch in branches]
    return lambda value: all(check(value) for check in checks)


def _enum(values: Json) -> Accepts:
    texts = frozenset(values)  # texts alone, or the schema would not be plain
    return lambda value: type(value) is str and value in texts


def _bound_size(test: Callable[[Json, Json], bool], *kinds: type) -> Callable[[Any], Accepts]:
    """A bound on values of these types; others are for the library."""
    return lambda bound: lambda value: type(value) in kinds and test(value, bound)


def _pattern(pattern: str) -> Accepts:
    return lambda value: type(value) is str and is_found(pattern, value)


def _format(name: str) -> Accepts:
    holds = FORMATS.get(name)
    return _accept_all if holds is None else lambda value: type(value) is str and holds(value)


_BUILDERS: Mapping[str, Callable[[Any], Accepts]] = {
    "type": _type,
    "items": _items,
    "anyOf": _any_of,
    "allOf": _all_of,
    "enum": _enum,
    "pattern": _pattern,
    "format": _format,
    "minimum": _bound_size(lambda value, bound: bool(value >= bound), int, float),
    "maximum": _bound_size(lambda value, bound: bool(value <= bound), int, float),
    "exclusiveMinimum": _bound_size(lambda value, bound: bool(value > bound), int, float),
    "exclusiveMaximum": _bound_size(lambda value, bound: bool(value < bound), int, float),
    "minLength": _bound_size(lambda value, bound: len(value) >= bound, str),
    "maxLength": _bound_size(lambda value, bound: len(value) <= bound, str),
    "minItems": _bound_size(lambda value, bound: len(value) >= bound, list),
    "maxItems": _bound_size(lambda value, bound: len(value) <= bound, list),
}
_NOT_HERE = frozenset({"oneOf", "not", "const", "contains", "propertyNames", "minProperties", "maxProperties"})
