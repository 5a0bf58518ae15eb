"""Whether a value fits one schema by itself: the keywords that tell the branches of a schema apart."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.ecma import BadPattern
from evalkit.scorers.schemas.equal import is_same_json, kind_of
from evalkit.scorers.schemas.formats import FORMATS
from evalkit.scorers.schemas.patterns import TookTooLong, is_found

ANYTHING = object()
"""Stands in a value where it is not known: every schema takes it"""


def fits(contents: Mapping[str, Json], value: Json) -> bool:
    """Test a value by the keywords that tell branches of a schema apart.

    What one schema says of the value itself.
    """
    kinds = contents.get("type")
    if kinds is not None and not _is_of_type(kinds, value, nullable=contents.get("nullable") is True):
        return False
    if "const" in contents and not is_same_json(contents["const"], value):
        return False
    enum = contents.get("enum")
    if isinstance(enum, list) and not any(is_same_json(one, value) for one in enum):
        return False
    if isinstance(value, str):
        holds = FORMATS.get(str(contents.get("format", "")))
        return (holds is None or holds(value)) and matches(contents.get("pattern"), value)
    if isinstance(value, Mapping):
        return _object_fits(contents, value)
    return True


def _object_fits(contents: Mapping[str, Json], value: Mapping[str, Json]) -> bool:
    required = contents.get("required")
    if isinstance(required, list) and not all(name in value for name in required):
        return False
    if contents.get("additionalProperties") is False:
        known, patterns = as_object(contents.get("properties")), as_object(contents.get("patternProperties"))
        return all(name in known or any(matches(p, str(name)) for p in patterns) for name in value)
    return True


def _is_of_type(kinds: Json, value: Json, *, nullable: bool) -> bool:
    """Whether a value has one of the types; names that JSON Schema does not have say nothing."""
    if value is ANYTHING or (nullable and value is None):
        return True
    named = kinds if isinstance(kinds, list) else [kinds]
    kind = kind_of(value)
    return kind in named or (kind == "integer" and "number" in named) or not _TYPES.issuperset(map(str, named))


_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


def matches(pattern: Json, text: str) -> bool:
    """Return whether a text matches, or cannot be told not to."""
    try:
        return not isinstance(pattern, str) or is_found(pattern, text)
    except (BadPattern, TookTooLong):
        return True


def as_object(value: Json) -> Mapping[str, Json]:
    """Return the value where it is an object, else an empty one."""
    return value if type(value) is dict or isinstance(value, Mapping) else {}
