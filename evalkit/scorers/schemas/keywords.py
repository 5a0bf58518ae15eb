"""Keywords that jsonschema reads in Python's way, read as JSON Schema and ECMA-262 have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.accept import Accepts, acceptor
from evalkit.scorers.schemas.patterns import is_found


def multiple_of(validator: Any, divisor: Json, instance: Json, schema: Json) -> Iterator[Any]:
    """Check multiples in decimal, not binary: 19.99 is a multiple of 0.01."""
    if not isinstance(instance, (int, float)) or isinstance(instance, bool):
        return
    try:
        remainder = Decimal(str(instance)) % Decimal(str(divisor))
    except InvalidOperation:  # a quotient too long for the context: whole, or not told
        remainder = Decimal(0) if float(instance / divisor).is_integer() else Decimal(1)
    if remainder:
        yield _error(f"{instance!r} is not a multiple of {divisor}")


def pattern(validator: Any, expected: str, instance: Json, schema: Json) -> Iterator[Any]:
    """Check a pattern as ECMA-262 reads it, bounded in time."""
    if isinstance(instance, str) and not is_found(expected, instance):
        yield _error(f"{instance!r} does not match {expected!r}")


def pattern_properties(validator: Any, patterns: Mapping[str, Json], instance: Json, schema: Json) -> Iterator[Any]:
    """Check members whose names match, each under its schema."""
    if not isinstance(instance, dict):
        return
    for expected, inner in patterns.items():
        for name, value in instance.items():
            if is_found(expected, name):
                yield from validator.descend(value, inner, path=name, schema_path=expected)


def properties(validator: Any, members: Mapping[str, Json], instance: Json, schema: Json) -> Iterator[Any]:
    """Check the members of an everyday object.

    The library is asked only of those that do not plainly meet their schema.
    """
    if not isinstance(instance, dict):
        return
    for name, inner in members.items():
        if name in instance:
            accepts = _acceptor(inner)
            if accepts is None or not accepts(instance[name]):
                yield from validator.descend(instance[name], inner, path=name, schema_path=name)


def _acceptor(schema: Json) -> Accepts | None:
    recent = _RECENT.get(id(schema))
    if recent is None or recent[0] is not schema:
        if len(_RECENT) >= _MOST_RECENT:
            _RECENT.clear()
        recent = _RECENT[id(schema)] = (schema, acceptor(schema))
    return recent[1]


_RECENT: dict[int, tuple[Json, Accepts | None]] = {}
_MOST_RECENT = 16_384


def additional_properties(validator: Any, inner: Json, instance: Json, schema: Mapping[str, Json]) -> Iterator[Any]:
    """Check members that neither `properties` names nor `patternProperties` matches."""
    if not isinstance(instance, dict):
        return
    named, patterns = schema.get("properties") or {}, schema.get("patternProperties") or {}
    extras = [n for n in instance if n not in named and not (patterns and any(is_found(p, n) for p in patterns))]
    if isinstance(inner, dict):
        for name in extras:
            yield from validator.descend(instance[name], inner, path=name)
    elif inner is False and extras:
        listed = ", ".join(repr(name) for name in sorted(extras))
        yield _error(
            f"Additional properties are not allowed ({listed} {'was' if len(extras) == 1 else 'were'} unexpected)"
        )


def dependencies(validator: Any, members: Mapping[str, Json], instance: Json, schema: Json) -> Iterator[Any]:
    """Check dependencies as drafts up to 7 define them.

    Beside a member others must stand, or the whole has another schema too.
    """
    if not isinstance(instance, dict):
        return
    for name, inner in members.items():
        if name not in instance:
            continue
        if isinstance(inner, list):
            missing = [other for other in inner if other not in instance]
            yield from (_error(f"{other!r} is a dependency of {name!r}") for other in missing)
        else:
            yield from validator.descend(instance, inner, schema_path=name)


def _error(message: str) -> Any:
    from jsonschema.exceptions import ValidationError

    return ValidationError(message)
