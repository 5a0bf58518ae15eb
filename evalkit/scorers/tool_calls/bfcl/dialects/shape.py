"""The JSON shapes in which models write a call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from evalkit.core.exchange import Json
from evalkit.core.strict_json import strict_at

_ARGUMENT_KEYS = ("arguments", "parameters", "args", "input")
_BETWEEN = re.compile(r"[\s;,]*")
_FENCE = re.compile(r"\A```[ \t]*\w*[ \t]*\r?\n(.*?)\s*(?:```\s*)?\Z", re.DOTALL)

Known = Callable[[str], bool]
"""Whether a name without arguments is that of a tool"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectCalls:
    """What a reader found: calls, and pieces that wanted to be calls.

    Calls are (name, raw arguments) pairs.
    """

    calls: tuple[tuple[str, str], ...] = ()
    broken: tuple[str, ...] = ()


def knows_offered(names: Collection[str]) -> Known:
    """Return the test for a name whose tool is offered."""
    return lambda name: name in names


def accept_any_name(name: str) -> bool:
    """Accept every name.

    Behind a tag that says "call", every name is one.
    """
    return True


def calls_of(value: Json, known: Known) -> list[tuple[str, str]] | None:
    """Return the calls that a JSON value is.

    None where it is something else.

    {"name", "arguments"}, {"function": {...}}, {"tool_calls": [...]}, or a list of these; arguments as an object or as
    JSON in a string (then that string is the raw text). {"name"} alone is a call without arguments of a known tool.
    """
    if isinstance(value, list):
        each = [calls_of(item, known) for item in value]
        return [call for calls in each for call in calls or ()] if each and all(each) else None
    if not isinstance(value, Mapping):
        return None
    if isinstance(value.get("tool_calls"), list):
        return calls_of(value["tool_calls"], known)
    if isinstance(value.get("function"), Mapping):
        return calls_of(value["function"], known)
    name = value.get("name", value.get("function"))
    if not isinstance(name, str):
        return None
    key = next((key for key in _ARGUMENT_KEYS if key in value), None)
    if key is None:
        return [(name, "")] if value.keys() <= {"name", "function", "type", "id"} and known(name) else None
    arguments = value[key]
    return [(name, arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False))]


def values_from(text: str, start: int = 0) -> tuple[list[Json], int]:
    """Read the JSON objects and lists that stand one after the other.

    `;`, `,` or space stand between them. Returns them, and where they end.

    Raises ValueError where the first is none.
    """
    value, end = strict_at(text, _BETWEEN.match(text, start).end())  # type: ignore[union-attr]
    values = [value]
    while True:
        at = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]
        if text[at : at + 1] not in ("{", "["):
            return values, end
        try:
            value, end = strict_at(text, at)
        except ValueError:
            return values, end
        values.append(value)


def read_piece(piece: str, known: Known = accept_any_name) -> DialectCalls:
    """Read the calls in one piece of JSON, fenced or not.

    Or the piece itself as broken; what is behind must be words.
    """
    piece = strip_fence(piece.strip())
    try:
        values, end = values_from(piece)
    except ValueError:
        return DialectCalls(broken=(piece,))
    calls = [calls_of(value, known) for value in values]
    rest = piece[end:].strip(" \t\r\n;,`")
    if not all(calls) or rest.startswith(("{", "[")):
        return DialectCalls(broken=(piece,))
    return DialectCalls(calls=tuple(call for one in calls for call in one or ()))


def strip_fence(piece: str) -> str:
    """Return the inside of a fence that is all there is."""
    fenced = _FENCE.match(piece)
    return fenced[1] if fenced else piece


def join_found(pieces: Sequence[DialectCalls]) -> DialectCalls:
    """Join several findings to one, in order."""
    return DialectCalls(
        calls=tuple(c for p in pieces for c in p.calls), broken=tuple(b for p in pieces for b in p.broken)
    )
