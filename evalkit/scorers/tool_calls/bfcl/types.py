"""BFCL's types: exactly this Python type, one level deep, or the type of the first accepted answer ("a variable")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.exchange import Json


@dataclass(frozen=True, slots=True)
class Kind:
    """A described type.

    `python` is None where the answers must tell; `inner` is that of elements, where checked.
    """

    name: str
    python: type | None
    inner: type | None = None
    inner_name: str | None = None


@dataclass(frozen=True, slots=True)
class Types:
    """The type names of one language. `nested` are those whose elements are checked too."""

    table: Mapping[str, type]
    nested: frozenset[str]
    _kinds: dict[tuple[str, str | None], Kind] = field(default_factory=dict)

    def read(self, described: Mapping[str, Json]) -> Kind:
        """Read the kind of a described parameter.

        Unknown names and unions take the type of the answers.
        """
        name = described.get("type")
        if not isinstance(name, str):
            return _ANYTHING
        items = described.get("items") if name in self.nested else None
        inner = items.get("type") if isinstance(items, Mapping) else None
        key = (name, inner if isinstance(inner, str) else None)
        found = self._kinds.get(key)
        if found is None:
            found = Kind(name, self.table.get(name), self.table.get(key[1]) if key[1] else None, key[1])
            self._kinds[key] = found
        return found


_ANYTHING = Kind("", None)

# "object", "number" and "list" are not BFCL's (it crashes on them); they are what ordinary JSON Schema says.
PYTHON = Types(
    {
        "string": str, "integer": int, "float": float, "boolean": bool, "array": list, "tuple": list, "dict": dict,
        "any": str, "object": dict, "number": float, "list": list, "bool": bool,
    },
    frozenset({"array", "tuple", "list"}),
)  # fmt: skip
JAVA = Types(
    {
        "byte": int, "short": int, "integer": int, "float": float, "double": float, "long": int, "boolean": bool,
        "char": str, "Array": list, "ArrayList": list, "Set": set, "HashMap": dict, "Hashtable": dict, "Queue": list,
        "Stack": list, "String": str, "any": str,
    },
    frozenset({"Array", "ArrayList", "array"}),
)  # fmt: skip
JAVASCRIPT = Types(
    {
        "String": str, "integer": int, "float": float, "Bigint": int, "Boolean": bool, "dict": dict, "array": list,
        "any": str,
    },
    frozenset({"Array", "ArrayList", "array"}),
)  # fmt: skip


def settle_kind(kind: Kind, accepted: Sequence[Json]) -> Kind:
    """Return the kind itself, or that of the first answer.

    The latter where the schema names no single type (BFCL crashes there).
    """
    return Kind(kind.name, first_type(accepted) or str) if kind.python is None else kind


def type_fault(value: Json, kind: Kind, accepted: Sequence[Json]) -> tuple[str | None, bool]:
    """Return (fault, variable) for the type of a value.

    A variable is a value of the type of the first answer where that is not the described type.
    """
    first = first_type(accepted)
    if type(value) is kind.python:
        variable = first is not None and first is not kind.python
        if kind.inner is None or any(_elements_fit(value, answer, kind.inner) for answer in accepted):
            return None, variable
        return ("type_error:nested" if type(value) is first else "type_error:simple"), False
    if first is not None and type(value) is first:
        return None, True
    return "type_error:simple", False


def first_type(accepted: Sequence[Json]) -> type | None:
    """Return the Python type of the first answer that is not "".

    "" means: may be left out.
    """
    return next((type(answer) for answer in accepted if answer != ""), None)


def _elements_fit(value: Json, answer: Json, inner: type) -> bool:
    """An answer that is no list constrains nothing; else elements have the inner type, or that of its first element."""
    if type(answer) is not list:
        return True
    other = first_type(answer)
    return all(type(item) is inner or (other is not None and type(item) is other) for item in value)
