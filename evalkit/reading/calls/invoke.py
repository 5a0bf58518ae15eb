"""MiniMax-M2 and others: ``<invoke name="…"><parameter name="…">value</parameter></invoke>``."""

from __future__ import annotations

import re

from evalkit.reading.calls.found import Found, Tools, broken_call, consume, join_found
from evalkit.reading.calls.function_xml import strip_padding
from evalkit.reading.calls.typed import arguments_json

MARK = re.compile(r"<(?:[\w.-]{1,16}:)?(?:invoke|function|tool)\s+name=")
_OPEN = re.compile(r"""<(?:[\w.-]{1,16}:)?(?:invoke|function|tool)\s{1,8}name=["']?([\w.:-]{1,200})["']?\s*>""")
_CLOSE = re.compile(r"</(?:[\w.-]{1,16}:)?(?:invoke|function|tool)>")
_PARAMETER = re.compile(
    r"""<(?:[\w.-]{1,16}:)?parameter\s{1,8}name=["']?([^"'>\n]{1,200})["']?[^>\n]{0,80}>(.*?)"""
    r"</(?:[\w.-]{1,16}:)?parameter>",
    re.DOTALL,
)


def read(text: str, tools: Tools) -> Found | None:
    """Read every invocation; one without its end was cut."""
    if "name=" not in text:
        return None
    opened = list(_OPEN.finditer(text))
    if not opened:
        return None
    ends = [found.start() for found in opened[1:]] + [len(text)]
    pieces = [_invocation(text, found, end, tools) for found, end in zip(opened, ends, strict=True)]
    return join_found(pieces)


def _invocation(text: str, opened: re.Match[str], end: int, tools: Tools) -> Found:
    name, closed = opened[1], _CLOSE.search(text, opened.end(), end)
    if closed is None:
        return broken_call(text[opened.start() : end])
    body = text[opened.end() : closed.start()]
    found, left = consume(_PARAMETER, body)
    pairs = [(one[1], strip_padding(one[2])) for one in found]
    if left.startswith("{") and not pairs:
        return Found(calls=((name, left),))
    arguments = arguments_json(pairs, tools.get(name, {})) if not left else None
    return broken_call(text[opened.start() : end]) if arguments is None else Found(calls=((name, arguments),))
