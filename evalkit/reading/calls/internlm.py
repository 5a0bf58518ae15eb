"""InternLM: ``<|action_start|><|plugin|>{…}<|action_end|>``."""

from __future__ import annotations

import re

from evalkit.reading.calls.found import Found, Tools, join_found
from evalkit.reading.calls.shape import read_piece

MARK = re.compile(r"<\|action_start\|>\s{0,8}(?:<\|(?:plugin|interpreter)\|>)?")
_END = re.compile(r"<\|action_end\|>")


def read(text: str, tools: Tools) -> Found | None:
    """Every action."""
    pieces = MARK.split(text)[1:]
    return join_found([read_piece(_END.split(piece, maxsplit=1)[0]) for piece in pieces]) if pieces else None
