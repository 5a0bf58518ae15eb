"""Hermes and Qwen: ``<tool_call>{"name": ..., "arguments": {...}}</tool_call>``; also ``<function_call>``."""

from __future__ import annotations

import re
from collections.abc import Collection

from evalkit.scorers.tool_calls.dialects.shape import Found, joined, read_piece

_OPEN = re.compile(r"<(tool_call|function_call|functioncall)>", re.IGNORECASE)
_CLOSE = re.compile(r"</(?:tool_call|function_call|functioncall)>", re.IGNORECASE)


def read(text: str, names: Collection[str]) -> Found | None:
    """Every tagged piece; a last tag that is never closed is read to the end of the text."""
    tags = list(_OPEN.finditer(text))
    if not tags:
        return Found(broken=(text.strip(),)) if _CLOSE.search(text) else None
    pieces: list[Found] = []
    for index, tag in enumerate(tags):
        limit = tags[index + 1].start() if index + 1 < len(tags) else len(text)
        close = _CLOSE.search(text, tag.end(), limit)
        pieces.append(read_piece(text[tag.end() : close.start() if close else limit]))
    return joined(pieces)
