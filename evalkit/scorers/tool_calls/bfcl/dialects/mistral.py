"""Mistral: ``[TOOL_CALLS] [{"name": ..., "arguments": {...}}]`` and ``[TOOL_CALLS]name[ARGS]{...}``."""

from __future__ import annotations

import re
from collections.abc import Collection

from evalkit.core.strict_json import strict_at
from evalkit.scorers.tool_calls.bfcl.dialects.shape import DialectCalls, join_found, read_piece

MARK = re.compile(r"\[TOOL_CALLS\]")
_NAMED = re.compile(r"\s*([\w.-]+)\s*(?:\[CALL_ID\][\w-]+)?(?:\[ARGS\]|(?=\{))(.*)\Z", re.DOTALL)


def read(text: str, names: Collection[str]) -> DialectCalls | None:
    """Read every piece behind a mark."""
    pieces = MARK.split(text)[1:]
    return join_found([_piece(piece) for piece in pieces]) if pieces else None


def _piece(piece: str) -> DialectCalls:
    piece = piece.replace("</s>", "").strip()
    named = _NAMED.match(piece)
    return DialectCalls(calls=((named[1], _arguments(named[2].strip())),)) if named else read_piece(piece)


def _arguments(raw: str) -> str:
    """The object at the beginning, words behind it left out; the whole where it is none, so that its fault is told."""
    try:
        _, end = strict_at(raw, 0)
    except ValueError:
        return raw
    return raw[:end]
