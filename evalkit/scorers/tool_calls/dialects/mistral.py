"""Mistral: ``[TOOL_CALLS] [{"name": ..., "arguments": {...}}]`` and ``[TOOL_CALLS]name[ARGS]{...}``."""

from __future__ import annotations

import re
from collections.abc import Collection

from evalkit.scorers.tool_calls.dialects.shape import Found, joined, read_piece

_MARK = "[TOOL_CALLS]"
_NAMED = re.compile(r"\s*([\w.-]+)\s*(?:\[CALL_ID\][\w-]+)?\[ARGS\](.*)\Z", re.DOTALL)


def read(text: str, names: Collection[str]) -> Found | None:
    """Every piece behind a mark."""
    if _MARK not in text:
        return None
    return joined([_piece(piece) for piece in text.split(_MARK)[1:]])


def _piece(piece: str) -> Found:
    piece = piece.replace("</s>", "").strip()
    named = _NAMED.match(piece)
    return Found(calls=((named[1], named[2].strip()),)) if named else read_piece(piece)
