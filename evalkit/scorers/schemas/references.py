"""References of a schema: looked up offline, and followed before anything is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from evalkit.core.exchange import Json

_KEYWORDS = ("$ref", "$dynamicRef", "$recursiveRef")


class BadReference(ValueError):
    """A reference that no validator could follow; `within` is the schema that refers."""

    def __init__(self, message: str, within: Json) -> None:
        super().__init__(message)
        self.within = within


def follow_references(schema: Json, dialect: str | None) -> None:
    """Look up every reference of a schema, offline.

    `dialect` is the id of its meta-schema.

    Raises BadReference: it leads nowhere, outside the schema, or back to itself.
    """
    if not has_references(schema):
        return
    specification, resolver = resolver_of(schema, dialect)
    try:
        _walk(specification.create_resource(schema), resolver, specification)
    except BadReference as error:
        where = next((p for p, inner in _all_schemas(schema) if inner is error.within), "")
        raise BadReference(f"{where or '/'}: {error}", error.within) from None


def has_references(schema: Json) -> bool:
    """Return whether any reference may stand in a schema.

    A cheap look that may be wrong in saying yes.
    """
    return "$ref" in (text := str(schema)) or "Ref'" in text


def resolver_of(schema: Json, dialect: str | None) -> tuple[Any, Any]:
    """Return the schema's specification, and what looks up references from its root.

    Both of `referencing`, offline.
    """
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
    """Return the schema with dependencies in an order that `referencing` can walk.

    Members of mixed `dependencies` are put in order: lists of names first.

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
    for inner in (*resource.subresources(), *_skipped_schemas(resource.contents, specification)):
        _walk(inner, resolver.in_subresource(inner), specification)


def _skipped_schemas(contents: Json, specification: Any) -> Iterator[Any]:
    """The schemas of `dependencies`, which `referencing` does not see behind lists of names and in newer drafts."""
    members = contents.get("dependencies") if isinstance(contents, dict) else None
    for inner in members.values() if isinstance(members, dict) else ():
        if isinstance(inner, dict):
            yield specification.create_resource(inner)


def place_of_fault(schema: Json, attempt: Callable[[Json], object]) -> str:
    """Find the innermost schema on which `attempt` raises an unexpected error.

    Returns its JSON pointer, "" for the root; `attempt` alone raises there what it should not.
    """
    for path, inner in _schemas_inside(schema):
        try:
            attempt(inner)
        except ValueError:  # told as a fault of its own, in its words
            continue
        except Exception:
            return path + place_of_fault(inner, attempt)
    return ""


def _all_schemas(schema: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    yield pointer, schema
    for step, inner in _schemas_inside(schema):
        yield from _all_schemas(inner, pointer + step)


def _schemas_inside(schema: Json) -> Iterator[tuple[str, Json]]:
    """Members that are schemas, or lists or objects of them, each with its pointer."""
    for key, inner in schema.items() if isinstance(schema, dict) else ():
        if key in ("enum", "const", "default", "examples"):
            continue
        step = "/" + key.replace("~", "~0").replace("/", "~1")
        if isinstance(inner, list):
            yield from ((f"{step}/{at}", one) for at, one in enumerate(inner) if isinstance(one, dict))
        elif isinstance(inner, dict) and key in _HOLDERS:
            names = ((name.replace("~", "~0").replace("/", "~1"), one) for name, one in inner.items())
            yield from ((f"{step}/{name}", one) for name, one in names if isinstance(one, dict))
        elif isinstance(inner, dict):
            yield step, inner


_HOLDERS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")


def _follow(contents: Json, resolver: Any) -> None:
    """The chain that begins here, to its end."""
    from referencing.exceptions import Unresolvable

    seen: list[Json] = []
    while isinstance(contents, dict):
        if any(contents is one for one in seen):
            raise BadReference(f"the reference {contents['$ref']!r} leads back to itself", seen[0])
        seen.append(contents)
        found = None
        for keyword in _KEYWORDS:
            if isinstance(contents.get(keyword), str):
                try:
                    target = resolver.lookup(contents[keyword])
                except Unresolvable as error:
                    raise BadReference(f"the reference {contents[keyword]!r} leads nowhere: {error}", seen[0]) from None
                found = target if keyword == "$ref" else found
        if found is None:
            return
        contents, resolver = found.contents, found.resolver
