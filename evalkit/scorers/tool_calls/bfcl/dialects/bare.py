"""Calls as JSON without a mark: the whole text, fences in it, or an offered tool's call between words."""

from __future__ import annotations

import re
from collections.abc import Collection

from evalkit.scorers.tool_calls.bfcl.dialects.shape import (
    DialectCalls,
    calls_of,
    join_found,
    knows_offered,
    values_from,
)

_FENCE = re.compile(r"```[ \t]*(?:json|tool_calls?|tool_code)?[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL)
_LOOKS_LIKE_CALL = re.compile(
    r'["\'](?:name|function|tool_calls)["\']\s*:.*["\'](?:arguments|parameters|args)["\']\s*:', re.DOTALL
)
_LOOKED_AT = 5_000
_BEGINS = re.compile(r'(?:\[\s*)?\{\s*"(?:name|type|id|function|tool_calls)"\s*:')


def read(text: str, names: Collection[str]) -> DialectCalls | None:
    """Read JSON that has the shape of calls.

    JSON of another shape is an answer, not a call.
    """
    found = [piece for body in _FENCE.findall(text) or [text] if (piece := _read(body.strip(), names)) is not None]
    return join_found(found) if found else _between_words(text, names)


def _read(piece: str, names: Collection[str]) -> DialectCalls | None:
    if not piece.startswith(("{", "[")):
        return None
    try:
        values, end = values_from(piece)
    except ValueError:
        return DialectCalls(broken=(piece,)) if _is_meant_as_call(piece, names) else None
    calls = [calls_of(value, knows_offered(names)) for value in values]
    if not all(calls):
        return None
    rest = piece[end:].strip(" \t\r\n;,")
    return DialectCalls(
        calls=tuple(call for one in calls for call in one or ()), broken=(rest,) if rest.startswith(("{", "[")) else ()
    )


def _between_words(text: str, names: Collection[str]) -> DialectCalls | None:
    """Words around a call of an offered tool do not make it a mere example: whoever runs it would run it."""
    begins = _BEGINS.search(text)
    if begins is None:
        return None
    found = _read(text[begins.start() :], names)
    return found if found is not None and found.calls and all(name in names for name, _ in found.calls) else None


def _is_meant_as_call(piece: str, names: Collection[str]) -> bool:
    """Broken JSON with the keys of a call, or that names an offered tool in quotes."""
    return bool(_LOOKS_LIKE_CALL.search(piece[:_LOOKED_AT])) or any(
        f'"{name}"' in piece or f"'{name}'" in piece for name in names
    )
