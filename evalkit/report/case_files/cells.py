"""A value as the text of one cell."""

from __future__ import annotations

import json
import re

from evalkit.core.exchange import Json

LONGEST = 32_767
"""Characters that a cell of Excel holds"""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Excel takes what begins so for a formula; the wide signs where its language is Japanese"""


def cell_text(value: Json) -> str:
    """Return a value as the text of a cell.

    Text stays as it is, without halves of characters that no file can hold; None is an empty text, all else JSON.
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)
    return whole_characters(text)


def whole_characters(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate, which UTF-8 cannot write."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def make_inert(text: str) -> str:
    """Return the text as a spreadsheet shows it.

    An apostrophe stands in front of what it might run.

    >>> make_inert("=1+1"), make_inert("-5")
    ("'=1+1", '-5')
    """
    return f"'{text}" if is_formula_like(text) else text


def is_formula_like(text: str) -> bool:
    """Tell whether a spreadsheet may run the text.

    Blanks may stand in front; a plain number is no formula.

    >>> [is_formula_like(text) for text in ("=1+1", " @SUM(A1)", "-5", "-5+cmd|' /C calc'!A0", "a=1")]
    [True, True, False, True, False]
    """
    if not (text.startswith(_BEGINS_FORMULA) or text.lstrip().startswith(_BEGINS_FORMULA)):
        return False
    return _NUMBER.fullmatch(text) is None
