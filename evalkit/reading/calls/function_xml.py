"""Qwen3-Coder and Seed-OSS: ``<function=name><parameter=key>value</parameter></function>``; Llama: JSON inside."""

from __future__ import annotations

import re

from evalkit.core.strict_json import strict_at
from evalkit.reading.calls.found import Found, Tools, broken_call, join_found
from evalkit.reading.calls.typed import arguments_json
from evalkit.reading.marks import ProseMask

MARK = re.compile(r"<function[=(]")
_OPEN = re.compile(r"<function(?:=([A-Za-z_][\w.:-]*)|\(([A-Za-z_][\w.:-]*)\)?)(>|(?=\s*\{))|<function[=(]")
_CLOSE = re.compile(r"</function>|<function/?>|<function_end>")
_OUTER = re.compile(r"</[\w:]*(?:tool_?call|function_?call)s?>", re.IGNORECASE)
_PARAMETER = re.compile(r"<parameter=([^>\n]{1,200})>")
_CLOSED = "</parameter>"


def read(text: str, tools: Tools) -> Found | None:
    """Read every function of the text.

    One whose values or end are missing was cut: a broken call.
    """
    if "<function" not in text:
        return None
    opened = list(_OPEN.finditer(text))
    if not opened:
        return None
    ends = [found.start() for found in opened[1:]] + [len(text)]
    prose = ProseMask(text)
    pieces = [
        _function(text, found, end, tools)
        for found, end in zip(opened, ends, strict=True)
        if not (
            _is_in_words(text, found) if not (name := found[1] or found[2]) else _is_shown(name, found, tools, prose)
        )
    ]
    return join_found(pieces) if pieces else None


def _is_shown(name: str, found: re.Match[str], tools: Tools, prose: ProseMask) -> bool:
    """Whether a function stands in code to show how one calls: one that was not offered."""
    return bool(tools) and name not in tools and prose.in_code(found.start())


def _is_in_words(text: str, found: re.Match[str]) -> bool:
    """`<function=…>` with nothing to be called: a mark that is spoken of, where words stand before it on its line."""
    return bool(text[max(0, found.start() - 40) : found.start()].rpartition("\n")[2].strip())


def _function(text: str, opened: re.Match[str], end: int, tools: Tools) -> Found:
    name, body = opened[1] or opened[2], text[opened.end() : end]
    if not name:
        return broken_call(text[opened.start() : end])
    inside = body.lstrip()
    if inside.startswith("{"):
        return Found(calls=((name, _json(inside)),))
    pairs, rest = _pairs(body)
    closed = _CLOSE.search(rest) or _OUTER.search(rest)
    if pairs is None or closed is None or rest[: closed.start()].strip():
        if not pairs and closed is not None:
            return Found(calls=((name, rest[: closed.start()].strip()),))
        return broken_call(text[opened.start() : end])
    arguments = arguments_json(pairs, tools.get(name, {}))
    return broken_call(text[opened.start() : end]) if arguments is None else Found(calls=((name, arguments),))


def _json(inside: str) -> str:
    """The object at the beginning; where it is none all of the function's inside, so that its fault is told."""
    try:
        return inside[: strict_at(inside, 0)[1]]
    except ValueError:
        closed = _CLOSE.search(inside)
        return inside[: closed.start()].strip() if closed else inside.strip()


def _pairs(body: str) -> tuple[list[tuple[str, str]] | None, str]:
    """(name, text) of each parameter and what follows them; None where one is never closed."""
    pairs: list[tuple[str, str]] = []
    at, last = 0, body.rfind(_CLOSED)
    while found := _PARAMETER.search(body, at):
        if body[at : found.start()].strip():
            break
        end = body.find(_CLOSED, found.end()) if found.end() <= last else -1
        following = _PARAMETER.search(body, found.end())
        after = end + len(_CLOSED)
        if end < 0 or (following and following.start() < end and body[following.start() - 1] == "\n"):
            # Qwen3-Coder leaves the closing tag out at times: the next parameter, or the function's end, closes
            closed = None if following else _CLOSE.search(body, found.end())
            end = following.start() if following else closed.start() if closed else -1
            after = end
        if end < 0:
            return None, ""
        pairs.append((found[1].strip(), strip_padding(body[found.end() : end])))
        at = after
    return pairs, body[at:]


def strip_padding(value: str) -> str:
    """Remove the one line break that templates write on either side.

    >>> strip_padding("\\nTokyo\\n"), strip_padding(" a ")
    ('Tokyo', ' a ')
    """
    return value.removeprefix("\r").removeprefix("\n").removesuffix("\n").removesuffix("\r")
