"""Phi-4: ``functools[{"name": …, "arguments": {…}}]``."""

from __future__ import annotations

import re

from evalkit.reading.calls.found import Found, Tools
from evalkit.reading.calls.shape import read_piece

MARK = re.compile(r"functools\s{0,8}(?=\[)")


def read(text: str, tools: Tools) -> Found | None:
    """Read the list behind the word."""
    mark = MARK.search(text)
    return read_piece(text[mark.end() :]) if mark else None
