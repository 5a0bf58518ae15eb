"""Llama: what stands behind ``<|python_tag|>`` or, in Llama 4, between ``<|python_start|>`` and its end."""

from __future__ import annotations

import re

from evalkit.reading.calls import pythonic
from evalkit.reading.calls.found import Found, Tools, broken_call
from evalkit.reading.calls.shape import read_piece

MARK = re.compile(r"<\|python_(?:tag|start)\|>")
_ENDS = re.compile(r"<\|(?:eom_id|eot_id|eom|eot|python_end|end_of_text)\|>")


def read(text: str, tools: Tools) -> Found | None:
    """Read calls in JSON (joined by ``;``) or in Python."""
    mark = MARK.search(text)
    if mark is None:
        return None
    body = _ENDS.split(text[mark.end() :], maxsplit=1)[0].strip()
    if body.startswith(("{", "[{")):
        return read_piece(body)
    return pythonic.parse(body, script=True) or broken_call(body)
