"""Texts as they are compared: their letters and digits, NFKC, without case; many at a time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

PART = "\n"
"""Between the texts of one row (its turns, its fields)"""
ROW = "\r"
"""Between rows"""
CJK = 0x2E80
"""From this code point on a character is worth more: three make a run, of the others four"""

_BREAKS = re.compile(r"[\n\r]")
_MARKS = re.compile(r"[\W_]+")
_BASIC = 0x10000

Codes = NDArray[np.uint32]


def plain(text: str) -> str:
    """A text as it is compared: only its letters and digits, NFKC, without case.

    >>> plain("Where is my order?") == plain("where is  MY ORDER!!")
    True
    """
    return _MARKS.sub("", _folded(text))


def many(rows: Sequence[Sequence[str]]) -> tuple[str, Codes]:
    """The plain texts of many rows as one, and its code points: parts (none is empty) end in PART, rows in ROW.

    >>> many([["Hello, you!", "１２"], ["Bye."]])[0]
    'helloyou\\n12\\n\\rbye\\n\\r'
    """
    joined = "".join(_BREAKS.sub(" ", part) + PART if part else ROW for row in rows for part in (*row, ""))
    codes = np.frombuffer(_folded(joined).encode("utf-32-le", "replace"), dtype=np.uint32)
    codes = codes[_kept(codes)]
    return codes.tobytes().decode("utf-32-le"), codes


def letters(text: str) -> int:
    """How many letters a plain text has; digits are none."""
    return sum(map(str.isalpha, text))


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _kept(codes: Codes) -> NDArray[np.bool_]:
    kept: NDArray[np.bool_] = _is_letter()[np.minimum(codes, _BASIC - 1)]
    high = np.flatnonzero(codes >= _BASIC)
    if high.size:
        kept[high] = [chr(code).isalnum() for code in codes[high]]
    return kept


@lru_cache(maxsize=1)
def _is_letter() -> Any:
    table = np.fromiter((chr(code).isalnum() for code in range(_BASIC)), dtype=np.bool_, count=_BASIC)
    table[[ord(PART), ord(ROW)]] = True
    return table
