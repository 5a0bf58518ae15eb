"""References of a schema: looked up offline, and followed before anything is judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evalkit.core.exchange import Json

_KEYWORDS = ("$ref", "$dynamicRef", "$recursiveRef")


class BadReference(ValueError):
    """A reference that no validator could follow."""


def follow_references(schema: Json, dialect: str | None) -> None:
    """Look up every reference of a schema, offline. `dialect` is the id of its meta-schema.

    Raises BadReference: it leads nowhere, outside the schema, or back to itself.
    """
    if has_references(schema):
        specification, resolver = resolver_of(schema, dialect)
        _walk(specification.create_resource(schema), resolver, specification)


def has_references(schema: Json) -> bool:
    """Whether any reference may stand in a schema: a cheap look that may be wrong in saying yes."""
    return "$ref" in (text := str(schema)) or "Ref'" in text


def resolver_of(schema: Json, dialect: str | None) -> tuple[Any, Any]:
    """The schema's specification, and what looks up references from its root; both of `referencing`, offline."""
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
    from referencing.jsonschema import DRAFT202012, UnknownDialect, specification_with

    try:
        specification = specification_with(dialect or "")
    except UnknownDialect:
        specification = DRAFT202012
    root = specification.create_resource(schema)
    registry = REGISTRY.with_resource(root.id() or "", root).crawl()
    return specification, registry.resolver_with_root(root)


def readable(schema: Json) -> Json:
    """The schema with members of mixed `dependencies` in an order that `referencing` can walk: lists of names first.

    >>> readable({"dependencies": {"a": {"required": ["b"]}, "c": ["d"]}})
    {'dependencies': {'c': ['d'], 'a': {'required': ['b']}}}
    """
    if isinstance(schema, list):
        return [readable(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: readable(inner) for key, inner in schema.items()}
    mixed = out.get("dependencies")
    if isinstance(mixed, dict):
        out["dependencies"] = dict(sorted(mixed.items(), key=lambda member: not isinstance(member[1], list)))
    return out


def _walk(resource: Any, resolver: Any, specification: Any) -> None:
    _follow(resource.contents, resolver)
    for inner in (*resource.subresources(), *_passed_over(resource.contents, specification)):
        _walk(inner, resolver.in_subresource(inner), specification)


def _passed_over(contents: Json, specification: Any) -> Iterator[Any]:
    """The schemas of mixed `dependencies`, which `referencing` does not see behind lists of names."""
    members = contents.get("dependencies") if isinstance(contents, dict) else None
    if isinstance(members, dict) and isinstance(next(iter(members.values()), None), list):
        yield from (specification.create_resource(inner) for inner in members.values() if isinstance(inner, dict))


def _follow(contents: Json, resolver: Any) -> None:
    """The chain that begins here, to its end."""
    from referencing.exceptions import Unresolvable

    seen: list[Json] = []
    while isinstance(contents, dict):
        if any(contents is one for one in seen):
            raise BadReference(f"the reference {contents['$ref']!r} leads back to itself")
        seen.append(contents)
        found = None
        for keyword in _KEYWORDS:
            if isinstance(contents.get(keyword), str):
                try:
                    target = resolver.lookup(contents[keyword])
                except Unresolvable as error:
                    raise BadReference(f"the reference {contents[keyword]!r} leads nowhere: {error}") from None
                found = target if keyword == "$ref" else found
        if found is None:
            return
        contents, resolver = found.contents, found.resolver
