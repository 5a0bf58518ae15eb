"""Every reference of a schema followed before anything is judged: none may lead nowhere, outside, or in a circle."""

from __future__ import annotations

from typing import Any

from evalkit.core.exchange import Json

_KEYWORDS = ("$ref", "$dynamicRef", "$recursiveRef")


class BadReference(ValueError):
    """A reference that no validator could follow."""


def follow_references(schema: Json, dialect: str | None) -> None:
    """Look up every reference of a schema, offline. `dialect` is the id of its meta-schema.

    Raises BadReference: it leads nowhere, outside the schema, or back to itself.
    """
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
    from referencing.jsonschema import DRAFT202012, UnknownDialect, specification_with

    if "$ref" not in str(schema) and "Ref'" not in str(schema):
        return
    try:
        specification = specification_with(dialect or "")
    except UnknownDialect:
        specification = DRAFT202012
    root = specification.create_resource(schema)
    registry = REGISTRY.with_resource(root.id() or "", root).crawl()
    _walk(root, registry.resolver_with_root(root))


def _walk(resource: Any, resolver: Any) -> None:
    _follow(resource.contents, resolver)
    for inner in resource.subresources():
        _walk(inner, resolver.in_subresource(inner))


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
