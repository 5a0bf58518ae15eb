"""Text that was read in the wrong encoding (文字化け): found, and read again as it was meant."""

from __future__ import annotations

import re

_CP1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_CONTINUED = f"\x80-\xbf{_CP1252}\ufffd"
_UTF8_AS_LATIN = re.compile(
    f"(?:[\xc2\xc3][{_CONTINUED}]|[\xe0-\xef][{_CONTINUED}]{{2}}|[\xf0-\xf4][{_CONTINUED}]{{3}}|[ãäåæçè][{_CONTINUED}]{{1,2}})+"
)
_UTF8_AS_SJIS = re.compile(r"[縺繧繝][^\x00-\x7f]|[繝縺繧]")
_SJIS_AS_LATIN = re.compile(r"(?:[\x82\x83‚ƒ][^\s]){2,}")
_EUC_AS_LATIN = re.compile(r"(?:[¤¥][\xa1-\xf3]){2,}")
_SUSPECT = re.compile(
    "[\xc2\xc3\xe0-\xf4][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\ufffd]|[縺繧繝]|[\x82\x83‚ƒ]|[¤¥][\xa1-\xf3]"
    "|[РС][\xa0-\xbf\u0402-\u040f\u0452-\u045f\u2010-\u2122]|[гд][\u0402-\u040f\u0452-\u045f]|[„‚][ÅÇÉ]"
)
_UTF8_AS_CYRILLIC = re.compile("(?:[РСгд][^\\x00-\\x7f]|[Ѐ-ӿ][^\\x00-\\x7f]{2}){3,}")
_UTF8_AS_MAC = re.compile("(?:[„‚][ÅÇÉ][^\\x00-\\x7f]|[ÊÁËÈÂÌÍÎ][^\\x00-\\x7f]{2}){3,}")
_CYRILLIC = re.compile("[\u0410-\u044f]")
_KANA_OR_HAN = re.compile("[ぁ-ヿ一-鿿]")
_KANA = re.compile("[ぁ-ヿ]")
_PLAIN = re.compile(
    "[\xa0-\u017f\u0391-\u03ff\u0410-\u044f\u2010-\u2044\u20ac\u2122\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f\U0001f300-\U0001faff\u2600-\u27bf\ufe0f\u200d]+"
)
"""What is likely to have been meant"""
_LOST = 0.34
"""Share of signs that may be lost on the way back"""


def find_mojibake(text: str) -> tuple[str, str] | None:
    """Find the first damaged piece of a text.

    It comes with what it was meant to be. Known are UTF-8 read as Latin-1, Windows-1252 or Shift_JIS, and Shift_JIS or
    EUC-JP read as Latin-1 or Windows-1252. What was lost on the way stays U+FFFD. None where nothing is damaged.

    >>> find_mojibake("縺ゅｊ縺後→縺")
    ('縺ゅｊ縺後→縺', 'ありがと\\ufffd')
    >>> find_mojibake("cafÃ© au lait"), find_mojibake("„Ä“ and 縺れる")
    (('Ã©', 'é'), None)
    """
    if _SUSPECT.search(text) is None:
        return None
    return (
        _as_latin(text, _SJIS_AS_LATIN, "cp932")
        or _as_latin(text, _EUC_AS_LATIN, "euc_jp")
        or _utf8_as_latin(text)
        or _utf8_as_sjis(text)
        or _utf8_as(text, _UTF8_AS_CYRILLIC, "cp1251")
        or _utf8_as(text, _UTF8_AS_MAC, "mac_roman")
    )


def _utf8_as_latin(text: str) -> tuple[str, str] | None:
    for found in _UTF8_AS_LATIN.finditer(text):
        piece = found[0]
        meant = _latin_bytes(piece).decode("utf-8", "replace")
        lost = meant.count("\ufffd")
        kept = meant.replace("\ufffd", "")
        if not kept or lost > _LOST * len(meant) + 1 or not _PLAIN.fullmatch(kept):
            continue
        if _KANA_OR_HAN.search(kept) or not lost:
            return piece, meant
    return None


def _utf8_as(text: str, pattern: re.Pattern[str], encoding: str) -> tuple[str, str] | None:
    """UTF-8 that was read in an encoding which has a sign for nearly every byte."""
    for found in pattern.finditer(text):
        piece = found[0].replace("\xa0", " ") if encoding == "mac_roman" else found[0]
        try:
            meant = piece.encode(encoding).decode("utf-8", "replace")
        except UnicodeEncodeError:
            continue
        letters = len(_KANA_OR_HAN.findall(meant)) + len(_CYRILLIC.findall(meant))
        if letters >= 3 and letters * 2 >= len(meant) and meant.count("\ufffd") <= _LOST * len(meant):
            return found[0], meant
    return None


def _latin_bytes(piece: str) -> bytes:
    """The bytes that a piece was, a sign that no byte gives as one that no text has."""
    out = bytearray()
    for sign in piece:
        try:
            out += sign.encode("cp1252")
        except UnicodeEncodeError:
            out += sign.encode("latin-1") if ord(sign) < 256 else b"\x81" if sign == "\ufffd" else b"\xff"
    return bytes(out)


def _utf8_as_sjis(text: str) -> tuple[str, str] | None:
    if len(_UTF8_AS_SJIS.findall(text)) < 2:
        return None
    for found in re.finditer(r"[^\x00-\x7f]{3,}", text):
        piece = found[0]
        if not any(mark in piece for mark in "縺繧繝"):
            continue
        meant = piece.encode("cp932", "replace").decode("utf-8", "replace")
        kana = len(_KANA.findall(meant))
        if kana >= 2 and meant.count("\ufffd") + meant.count("?") <= _LOST * len(meant):
            return piece, meant
    return None


def _as_latin(text: str, pattern: re.Pattern[str], encoding: str) -> tuple[str, str] | None:
    for found in pattern.finditer(text):
        try:
            meant = _latin_bytes(found[0]).decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(_KANA.findall(meant)) * 2 >= len(meant):
            return found[0], meant
    return None
