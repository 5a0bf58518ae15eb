"""Writes the escapes of JSON as what they stand for, however deep one text stands in another."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\"\\/bfnrt]))")
_SIGNS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_DEEP = 4


def unescape(text: str) -> str:
    r"""Write escapes as their characters; a text without any stays as it is.

    >>> unescape('{\\"to\\": \\"taro\\u0040example.jp\\", "tel": "\\n03-1234-5678"}').count("@")
    1
    """
    for _ in range(_DEEP):
        if "\\" not in text:
            break
        done = _ESCAPE.sub(_character, text)
        if done == text:
            break
        text = done
    return text


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _SIGNS.get(found[2], found[2])
