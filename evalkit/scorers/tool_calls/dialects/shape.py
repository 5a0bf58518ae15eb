"""The JSON shapes in which models write a call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.core.nouns import Json
from evalkit.scorers.json_schema.parse import strict

_ARGUMENT_KEYS = ("arguments", "parameters", "args", "input")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a reader found: (name, raw arguments) pairs, and pieces that wanted to be calls."""

    calls: tuple[tuple[str, str], ...] = ()
    broken: tuple[str, ...] = ()


def calls_of(value: Json) -> list[tuple[str, str]] | None:
    """The calls that a JSON value is, or None where it is something else.

    {"name", "arguments"}, {"function": {...}}, {"tool_calls": [...]}, or a list of these; arguments as an object or as
    JSON in a string (then that string is the raw text).
    """
    if isinstance(value, list):
        each = [calls_of(item) for item in value]
        return [call for calls in each for call in calls or ()] if each and all(each) else None
    if not isinstance(value, Mapping):
        return None
    if isinstance(value.get("tool_calls"), list):
        return calls_of(value["tool_calls"])
    if isinstance(value.get("function"), Mapping):
        return calls_of(value["function"])
    name = value.get("name", value.get("function"))
    key = next((key for key in _ARGUMENT_KEYS if key in value), None)
    if not isinstance(name, str) or key is None:
        return None
    arguments = value[key]
    return [(name, arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False))]


def read_piece(piece: str) -> Found:
    """The calls in one piece of JSON, or the piece itself as broken."""
    try:
        calls = calls_of(strict(piece.strip()))
    except ValueError:
        calls = None
    return Found(broken=(piece.strip(),)) if calls is None else Found(calls=tuple(calls))


def joined(pieces: list[Found]) -> Found:
    """Several findings as one, in order."""
    return Found(calls=tuple(c for p in pieces for c in p.calls), broken=tuple(b for p in pieces for b in p.broken))
