"""One expected call beside one call that was made: a verdict an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.nouns import Call, ExpectedCall
from evalkit.scorers.values.compare import is_default, matches, member_schemas, similarity
from evalkit.scorers.values.expected import Expected
from evalkit.scorers.values.scalars import NEAR

Verdict = Literal["right", "default", "omitted", "wrong", "missing", "unexpected", "unknown"]
FINE: frozenset[Verdict] = frozenset({"right", "default", "omitted"})
_NAME_WORTH = 0.2
"""What the right name alone is worth when calls are paired"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One parameter of one call.

    right; default (the schema's default, written out or left out); omitted (optional, and left out); wrong; missing;
    unexpected (the tool has it, nobody asked for it); unknown (the tool has no such parameter).
    """

    name: str
    verdict: Verdict
    near: float = 0.0
    expected: Expected | None = None
    got: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The arguments of an expected call and of the call that met it; `similarity` in [0, 1], 1.0 only if all fine."""

    arguments: tuple[Argument, ...]
    similarity: float

    @property
    def fine(self) -> bool:
        """Whether every argument is."""
        return self.similarity == 1.0


def pair(expected: ExpectedCall, call: Call, schema: Mapping[str, Json]) -> Pair | None:
    """Compare two calls; None where the names differ. Arguments that cannot be read are all missing."""
    if expected.name != call.name:
        return None
    members = member_schemas(schema)
    given = call.arguments if call.arguments is not None else {}
    found = [_expected(name, want, given, members) for name, want in expected.arguments.items()]
    closed = schema.get("additionalProperties") is False or bool(members)
    for name, value in given.items():
        if name not in expected.arguments:
            found.append(_beyond(name, value, members, schema, closed=closed))
    if call.arguments is None:
        return Pair(arguments=tuple(found), similarity=_NAME_WORTH / 2)
    if all(argument.verdict in FINE for argument in found):
        return Pair(arguments=tuple(found), similarity=1.0)
    mean = sum(argument.near for argument in found) / len(found)
    return Pair(arguments=tuple(found), similarity=min(NEAR, _NAME_WORTH + (1 - _NAME_WORTH) * mean))


def _expected(
    name: str, want: Expected, given: Mapping[str, Json], members: Mapping[str, Mapping[str, Json]]
) -> Argument:
    schema = members.get(name, {})
    if name in given:
        near = similarity(want, given[name], schema)
        verdict: Verdict = "right" if near == 1.0 else "wrong"
        return Argument(name=name, verdict=verdict, near=near, expected=want, got=given[name])
    if want.optional:
        return Argument(name=name, verdict="omitted", near=1.0, expected=want)
    if is_default(want, schema):
        return Argument(name=name, verdict="default", near=1.0, expected=want)
    return Argument(name=name, verdict="missing", expected=want)


def _beyond(
    name: str, value: Json, members: Mapping[str, Mapping[str, Json]], schema: Mapping[str, Json], *, closed: bool
) -> Argument:
    """A parameter nobody expected: harmless only where it says what leaving it out says."""
    member = members.get(name)
    if member is None:
        return Argument(name=name, verdict="unknown" if closed else "unexpected", got=value)
    says_nothing = "default" in member and matches(member["default"], value, member)
    if value is None and "default" not in member and name not in schema.get("required", ()):
        says_nothing = _allows_null(member)
    return Argument(name=name, verdict="default" if says_nothing else "unexpected", near=float(says_nothing), got=value)


def _allows_null(schema: Mapping[str, Json]) -> bool:
    kind = schema.get("type")
    if kind == "null" or (isinstance(kind, list) and "null" in kind) or schema.get("nullable") is True:
        return True
    return any(isinstance(s, Mapping) and _allows_null(s) for s in (*schema.get("anyOf", ()), *schema.get("oneOf", ())))
