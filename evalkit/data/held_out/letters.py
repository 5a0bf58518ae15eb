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
_ROWS = 20
_CORE = 40

Codes = NDArray[np.uint32]


def plain(text: str) -> str:
    """Return a text as it is compared.

    That is only its letters and digits, NFKC, without case.

    >>> plain("Where is my order?") == plain("where is  MY ORDER!!")
    True
    """
    return _MARKS.sub("", _fold(text))


def many(rows: Sequence[Sequence[str]]) -> tuple[str, Codes]:
    """Join the plain texts of many rows; return them and their code points.

    Parts (none is empty) end in PART, rows in ROW.

    >>> many([["Hello, you!", "１２"], ["Bye."]])[0]
    'helloyou\\n12\\n\\rbye\\n\\r'
    """
    joined = "".join(_BREAKS.sub(" ", part) + PART if part else ROW for row in rows for part in (*row, ""))
    codes = np.frombuffer(_fold(joined).encode("utf-32-le", "replace"), dtype=np.uint32)
    codes = codes[_mask_letters(codes)]
    return codes.tobytes().decode("utf-32-le"), codes


def letters(text: str) -> int:
    """Count the letters of a plain text; digits are none."""
    return sum(map(str.isalpha, text))


def without_template(texts: Sequence[str]) -> list[str]:
    """Cut off the beginning and end that all plain texts share.

    It does so where enough is left of a text.

    Few texts share a beginning by chance; then, and where less than _CORE letters are left, a text stays whole.
    """
    distinct = sorted(set(texts))
    if len(distinct) < _ROWS:
        return list(texts)
    head = _count_shared(distinct[0], distinct[-1])
    turned = sorted(text[head:][::-1] for text in distinct)
    tail = _count_shared(turned[0], turned[-1])
    cores = [text[head : len(text) - tail] for text in texts]
    return [core if letters(core) >= _CORE else text for core, text in zip(cores, texts, strict=True)]


def _count_shared(one: str, other: str) -> int:
    """How many characters two texts have in common from the left."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _fold(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _mask_letters(codes: Codes) -> NDArray[np.bool_]:
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
