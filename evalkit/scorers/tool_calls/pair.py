"""One expected call beside one call that was made: a verdict an argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.fits import ANYTHING
from evalkit.scorers.schemas.resolve import NOTHING_SAID, SchemaView, view_of
from evalkit.scorers.tool_calls.nouns import Call, ExpectedCall
from evalkit.scorers.values.compare import is_same_scalar, may_be_left_out, says_nothing, similarity
from evalkit.scorers.values.expected import Expected
from evalkit.scorers.values.scalars import NEAR

Verdict = Literal["right", "default", "omitted", "wrong", "missing", "unexpected", "unknown"]
FINE: frozenset[Verdict] = frozenset({"right", "default", "omitted"})
_NAME_WORTH = 0.2
"""What the right name alone is worth when calls are paired"""


class Argument(NamedTuple):
    """One parameter of one call.

    right; default (the schema's default, written out or left out); omitted (optional, and left out); wrong; missing;
    unexpected (the tool has it, nobody asked for it); unknown (the tool has no such parameter).
    """

    name: str
    verdict: Verdict
    near: float = 0.0
    expected: Expected | None = None
    got: Json = None


class Pair(NamedTuple):
    """The arguments of an expected call and of the call that met it.

    `similarity` in [0, 1], 1.0 only if all fine.
    """

    arguments: tuple[Argument, ...]
    similarity: float

    @property
    def fine(self) -> bool:
        """Whether every argument is."""
        return self.similarity == 1.0


def pair(expected: ExpectedCall, call: Call, schema: Mapping[str, Json]) -> Pair | None:
    """Compare two calls; return None where the names differ.

    Arguments that cannot be read are all missing.
    """
    if expected.name != call.name:
        return None
    given = call.arguments if call.arguments is not None else {}
    view = view_of(schema)
    if view.branches:
        view = view.for_value({name: _known_value(want) for name, want in expected.arguments.items()})
    found = [_expected_argument(name, want, given, view) for name, want in expected.arguments.items()]
    for name, value in given.items():
        if name not in expected.arguments:
            found.append(_beyond(name, value, view))
    if call.arguments is None:
        return Pair(tuple(found), _NAME_WORTH / 2)
    if all(argument.verdict in FINE for argument in found):
        return Pair(tuple(found), 1.0)
    mean = sum([argument.near for argument in found]) / len(found)
    return Pair(tuple(found), min(NEAR, _NAME_WORTH + (1 - _NAME_WORTH) * mean))


def _known_value(want: Expected) -> Json:
    """The value where a branch of the schema may be chosen by it."""
    return want.value if want.kind in ("equals", "exact") and not isinstance(want.value, (dict, list)) else ANYTHING


def _expected_argument(name: str, want: Expected, given: Mapping[str, Json], view: SchemaView) -> Argument:
    if name in given and is_same_scalar(want, given[name]):
        return Argument(name, "right", 1.0, want, given[name])
    member, required = view.member(name), name in view.required
    if name in given:
        near = similarity(want, given[name], member or NOTHING_SAID)
        fine = near == 1.0
        if not fine and want.kind == "equals" and want.value is None and not required:
            fine = says_nothing(given[name], member, required=required)  # a null of Arrow is no argument
            near = float(fine)
        return Argument(name, "right" if fine else "wrong", near, want, given[name])
    if not may_be_left_out(want, member, required=required):
        return Argument(name=name, verdict="missing", expected=want)
    says_default = not want.optional and want.value is not None
    return Argument(name=name, verdict="default" if says_default else "omitted", near=1.0, expected=want)


def _beyond(name: str, value: Json, view: SchemaView) -> Argument:
    """A parameter nobody expected: harmless only where it says what leaving it out says."""
    member = view.member(name)
    if member is None:
        closed = view.closed or bool(view.names)
        return Argument(name=name, verdict="unknown" if closed else "unexpected", got=value)
    fine = says_nothing(value, member, required=name in view.required)
    return Argument(name=name, verdict="default" if fine else "unexpected", near=float(fine), got=value)
