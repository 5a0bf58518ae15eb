"""Mistral: ``[TOOL_CALLS] [{"name": ..., "arguments": {...}}]`` and ``[TOOL_CALLS]name[ARGS]{...}``."""

from __future__ import annotations

import re
from itertools import islice

from evalkit.core.strict_json import strict_at
from evalkit.reading.calls.found import Found, Tools, broken_call, join_found
from evalkit.reading.calls.shape import read_json

MARK = re.compile(r"\[TOOL_CALLS\]")
_MOST = 200
"""Marks that are looked behind: where more stand, the last of these holds the rest, and time stays linear"""
_SPACE = re.compile(r"\s{0,40}(?=[\[{])")
_NAMED = re.compile(r"\s{0,8}([\w.-]{1,200})\s{0,8}(?:\[CALL_ID\][\w-]{1,80}\s{0,8})?(?:\[ARGS\]|(?=\{))")


def read(text: str, tools: Tools) -> Found | None:
    """Read every piece behind a mark; a mark that a sentence names is none."""
    marks = list(islice(MARK.finditer(text), _MOST))
    if not marks:
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    pieces: list[Found] = []
    at = 0
    for mark, end in zip(marks, ends, strict=True):
        if mark.start() < at:  # inside a string of the call before
            continue
        at = max(end, _value_end(text, mark.end()))
        if (found := _piece(text, mark, at)) is not None:
            pieces.append(found)
    return join_found(pieces) if pieces else None


def _value_end(text: str, start: int) -> int:
    """Where the JSON behind a mark ends; the start where there is none."""
    named = _NAMED.match(text, start)
    value = _SPACE.match(text, named.end() if named else start)
    try:
        return strict_at(text, value.end())[1] if value else start
    except ValueError:
        return start


def _piece(text: str, mark: re.Match[str], end: int) -> Found | None:
    piece = text[mark.end() : end].replace("</s>", "").strip()
    if piece == "[]":
        return Found()
    named = _NAMED.match(piece)
    if named:
        return Found(calls=((named[1], _arguments(piece[named.end() :].strip())),))
    found = read_json(piece) if piece.startswith(("{", "[")) else None
    if found is not None:
        return found
    before = text[max(0, mark.start() - 40) : mark.start()].rpartition("\n")[2]
    return None if before.strip() and not piece.startswith(("{", "[")) else broken_call(piece)


def _arguments(raw: str) -> str:
    """The object at the beginning, words behind it left out; the whole where it is none, so that its fault is told."""
    try:
        _, end = strict_at(raw, 0)
    except ValueError:
        return raw
    return raw[:end]
