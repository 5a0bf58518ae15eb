"""Calls as JSON without a mark: the whole text, or a fence in it."""

from __future__ import annotations

import re
from collections.abc import Collection

from evalkit.scorers.json_schema.parse import strict
from evalkit.scorers.tool_calls.dialects.shape import Found, calls_of

_FENCE = re.compile(r"```[ \t]*(?:json|tool_calls?|tool_code)?[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL)
_LOOKS_LIKE_CALL = re.compile(
    r'["\'](?:name|function|tool_calls)["\']\s*:.*["\'](?:arguments|parameters|args)["\']\s*:', re.DOTALL
)


def read(text: str, names: Collection[str]) -> Found | None:
    """JSON that has the shape of calls; JSON of another shape is an answer, not a call."""
    fenced = _FENCE.findall(text)
    for piece in fenced or [text]:
        piece = piece.strip()
        if not piece.startswith(("{", "[")):
            continue
        try:
            calls = calls_of(strict(piece))
        except ValueError:
            return Found(broken=(piece,)) if _wanted_to_call(piece, names) else None
        if calls is not None:
            return Found(calls=tuple(calls))
    return None


def _wanted_to_call(piece: str, names: Collection[str]) -> bool:
    """Broken JSON with the keys of a call, or that names an offered tool in quotes."""
    return bool(_LOOKS_LIKE_CALL.search(piece)) or any(f'"{name}"' in piece or f"'{name}'" in piece for name in names)
