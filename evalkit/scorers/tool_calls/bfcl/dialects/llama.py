"""Llama: ``<function=name>{...}</function>`` and what stands behind ``<|python_tag|>``."""

from __future__ import annotations

import re
from collections.abc import Collection

from evalkit.scorers.tool_calls.bfcl.dialects import pythonic
from evalkit.scorers.tool_calls.bfcl.dialects.shape import DialectCalls, read_piece

_FUNCTION = re.compile(r"<function=([\w.:-]+)>(.*?)(?:</function>|\Z)", re.DOTALL)
_TAG = "<|python_tag|>"
MARK = re.compile(r"<function=|<\|python_tag\|>")
_ENDS = re.compile(r"<\|(?:eom|eot)_id\|>")


def read(text: str, names: Collection[str]) -> DialectCalls | None:
    """Read every tagged function, else the piece behind the mark.

    The piece is calls in JSON (joined by ``;``) or in Python.
    """
    tagged = _FUNCTION.findall(text)
    if tagged:
        return DialectCalls(calls=tuple((name, raw.strip()) for name, raw in tagged))
    if "<function=" in text:
        return DialectCalls(broken=(text.strip(),))
    if _TAG not in text:
        return None
    body = _ENDS.sub("", text.split(_TAG, 1)[1]).strip()
    if body.startswith(("{", "[{")):
        return read_piece(body)
    return pythonic.parse(body) or DialectCalls(broken=(body,))
