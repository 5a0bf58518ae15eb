"""Hermes and Qwen: ``<tool_call>{"name": ..., "arguments": {...}}</tool_call>``, and the tags that others write so."""

from __future__ import annotations

import re
from collections.abc import Collection

from evalkit.scorers.tool_calls.bfcl.dialects import pythonic
from evalkit.scorers.tool_calls.bfcl.dialects.shape import (
    DialectCalls,
    accept_any_name,
    calls_of,
    join_found,
    read_piece,
    strip_fence,
    values_from,
)

_TAG = r"(?:tool_?calls?|function_?calls?)"
OPEN = re.compile(rf"<\|?{_TAG}\|?>", re.IGNORECASE)
_CLOSE = re.compile(rf"<\|?/{_TAG}\|?>|<\|{_TAG}_end\|>", re.IGNORECASE)


def read(text: str, names: Collection[str]) -> DialectCalls | None:
    """Read every tagged piece.

    A last tag that is never closed is read to the end of the text.
    """
    pieces: list[DialectCalls] = []
    at = 0
    while tag := OPEN.search(text, at):
        found, at = _read_tag(text, tag.end())
        pieces.append(found)
    return join_found(pieces) if pieces else None


def only_closed(text: str) -> DialectCalls | None:
    """Read a closing tag that nothing opened as a failed attempt.

    Where no other dialect reads the text.
    """
    return DialectCalls(broken=(text.strip(),)) if _CLOSE.search(text) else None


def _read_tag(text: str, start: int) -> tuple[DialectCalls, int]:
    """What one tag opens, and where to look on. A closing tag inside a JSON string closes nothing."""
    try:
        values, end = values_from(text, start)
        calls = [calls_of(value, accept_any_name) for value in values]
    except ValueError:
        calls, end = [], start
    close, following = _CLOSE.search(text, end), OPEN.search(text, end)
    limit = min([m.start() for m in (close, following) if m], default=len(text))
    if calls and all(calls) and not text[end:limit].strip().startswith(("{", "[")):
        return DialectCalls(calls=tuple(call for one in calls for call in one or ())), limit
    piece = text[start:limit].strip()
    return pythonic.parse(strip_fence(piece)) or read_piece(piece), max(limit, start)
