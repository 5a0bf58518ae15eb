"""Kimi-K2: ``<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{…}<|tool_call_end|>``."""

from __future__ import annotations

import re

from evalkit.reading.calls.found import Found, Tools, broken_call, join_found

MARK = re.compile(r"<\|tool_calls_section_begin\|>|<\|tool_call_begin\|>")
_BEGIN = re.compile(r"<\|tool_call_begin\|>")
_END = re.compile(r"<\|tool_call_end\|>|<\|tool_calls_section_end\|>")
_HEAD = re.compile(r"\s*(?:functions\.)?([\w./-]+?)(?::\d+)?\s*<\|tool_call_argument_begin\|>")


def read(text: str, tools: Tools) -> Found | None:
    """Read every call of the section."""
    mark = MARK.search(text)
    if mark is None:
        return None
    pieces = _BEGIN.split(text[mark.start() :])[1:]
    return join_found([_call(piece) for piece in pieces]) if pieces else broken_call(text[mark.start() :])


def _call(piece: str) -> Found:
    head, ended = _HEAD.match(piece), _END.search(piece)
    if head is None:
        return broken_call(piece)
    return Found(calls=((head[1], piece[head.end() : ended.start() if ended else len(piece)].strip()),))
