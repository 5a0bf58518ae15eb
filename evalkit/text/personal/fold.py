"""Writes full-width digits, letters and dashes as their plain ones, sign for sign: places stay as they are."""

from __future__ import annotations

import re

_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PLAIN |= {0x3000: ord(" "), 0x00A0: ord(" ")}
_PLAIN |= dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹣"), ord("-"))
_WIDE = re.compile(f"[{''.join(map(re.escape, map(chr, _PLAIN)))}]")
_LONG = re.compile(r"(?<=\d)[ーｰ](?=\d)")


def fold(text: str) -> str:
    """Write a text in plain signs; it has as many characters as before.

    >>> fold("０３－１２３４ー５６７８"), fold("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ")
    ('03-1234-5678', 'taro@example.jp')
    """
    if text.isascii():
        return text
    return _LONG.sub("-", _WIDE.sub(lambda sign: chr(_PLAIN[ord(sign[0])]), text))
