"""Command-R: ``Action:`` and a fence of JSON; Command-A: ``<|START_ACTION|>[…]<|END_ACTION|>``."""

from __future__ import annotations

import re

from evalkit.reading.calls.found import Found, Tools, broken_call
from evalkit.reading.calls.shape import read_piece

MARK = re.compile(r"<\|START_ACTION\|>|^Actions?:[ \t]{0,8}\r?\n?[ \t]{0,8}```", re.MULTILINE)
_END = re.compile(r"<\|END_ACTION\|>")


def read(text: str, tools: Tools) -> Found | None:
    """Read the list behind the mark."""
    mark = MARK.search(text)
    if mark is None:
        return None
    if mark[0].endswith("```"):
        body = text[mark.end() :].partition("```")[0].strip()
        body = re.sub(r"\A(?:json|JSON)\b", "", body).strip()
    else:
        body = _END.split(text[mark.end() :], maxsplit=1)[0].strip()
    return read_piece(body) if body else broken_call(text[mark.start() :])
