"""Functionary: ``>>>name`` and JSON below it; ``>>>all`` is a message to the user."""

from __future__ import annotations

import re
from contextlib import suppress

from evalkit.core.strict_json import strict_at
from evalkit.reading.calls.found import Found, Tools, join_found

MARK = re.compile(r"^>>>(?=[A-Za-z_])|<\|recipient\|>", re.MULTILINE)
_V2 = re.compile(r"<\|recipient\|>\s{0,8}([\w.:-]{1,200})\s{0,8}\n?<\|content\|>")
_V3 = re.compile(r">>>([A-Za-z_][\w.:-]{0,199})[ \t]{0,8}\r?\n")
_STOP = re.compile(r"<\|(?:stop|from|eot_id)\|>")


def read(text: str, tools: Tools) -> Found | None:
    """Every piece that names another recipient than all."""
    heads = list((_V2 if "<|recipient|>" in text else _V3).finditer(text))
    if not heads:
        return None
    ends = [head.start() for head in heads[1:]] + [len(text)]
    pieces = [_call(head[1], text[head.end() : end]) for head, end in zip(heads, ends, strict=True) if head[1] != "all"]
    return join_found(pieces) if pieces else None


def _call(name: str, piece: str) -> Found:
    raw = _STOP.split(piece, maxsplit=1)[0].strip()
    with suppress(ValueError):
        raw = raw[: strict_at(raw, 0)[1]]
    return Found(calls=((name, raw),))
