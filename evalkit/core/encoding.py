"""What a file that is not UTF-8 looks like, so that one sentence says what to do about all of it."""

from __future__ import annotations

import re

from evalkit.core.errors import Location, Problem

_BOMS = (b"\xff\xfe", b"\xfe\xff")
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]|[一-鿿]{2}")
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_FEWEST = 3
"""Letters that could be Japanese by chance: créée in Latin-1 has one"""
_ELSEWHERE = re.compile(r"[^\x00-\x7fぁ-ゖァ-ヺー一-鿿　-〿！-￮々〇①-⑳]")


def is_utf16(head: bytes) -> bool:
    """Tell whether a file begins with the byte order mark of UTF-16."""
    return head[:2] in _BOMS


def is_shift_jis(raw: bytes) -> bool:
    """Tell whether bytes read as Japanese in cp932, and as nothing else.

    They are bytes that are not UTF-8.

    >>> is_shift_jis("返金できますか".encode("cp932")), is_shift_jis("café noir".encode("latin-1"))
    (True, False)
    """
    try:
        text = raw.decode("cp932")
    except UnicodeDecodeError:
        return False
    return bool(_KANA.search(text)) and not _ELSEWHERE.search(text)


def is_euc_jp(raw: bytes) -> bool:
    """Tell whether bytes read as Japanese in EUC-JP.

    In cp932 the same bytes are half-width katakana alone, or nothing.

    >>> is_euc_jp("返金できますか".encode("euc_jp")), is_euc_jp("返金できますか".encode("cp932"))
    (True, False)
    """
    try:
        text = raw.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    try:
        other = raw.decode("cp932")
    except UnicodeDecodeError:
        return bool(_KANA.search(text))
    return len(_HALF_KANA.findall(other)) > len(_HALF_KANA.findall(text))


def is_windows_japanese(raw: bytes) -> bool:
    """Tell whether most letters are Japanese in cp932, with Windows' own.

    Of those that are not ASCII.

    >>> is_windows_japanese("①㈱髙島屋～".encode("cp932")), is_windows_japanese("créée".encode("latin-1"))
    (True, False)
    """
    try:
        text = raw.decode("cp932")
    except UnicodeDecodeError:
        return False
    other = [mark for mark in text if ord(mark) > 127]
    japanese = [mark for mark in other if "\u3000" <= mark <= "\u9fff" or "\uff00" <= mark <= "\uff60"]
    return len(japanese) >= _FEWEST and len(japanese) > 0.5 * len(other)


def foreign(file: str, raw: bytes, *, key: str = "") -> Problem | None:
    """Name the one problem of a file in another encoding.

    It is known by the file's first bytes or a line of it; None where none is known. `key` is the setting that names an
    encoding, where there is one.
    """
    if is_utf16(raw):
        return _problem(file, "UTF-16", "utf-16", key)
    if b"\0" in raw:  # no other text has it; where it stands says which half comes first
        code = "utf-16-le" if raw[1::2].count(0) >= raw[0::2].count(0) else "utf-16-be"
        return _problem(file, "UTF-16 without its mark", code, key)
    if is_euc_jp(raw):
        return _problem(file, "EUC-JP", "euc-jp", key)
    known = is_shift_jis(raw) or is_windows_japanese(raw)
    return _problem(file, "Shift_JIS (cp932)", "cp932", key) if known else None


def _problem(file: str, name: str, code: str, key: str) -> Problem:
    say = f"say {key} {code} (in the suite's dataset; data check: --encoding {code}), or " if key else ""
    return Problem(
        what=f"not UTF-8: it looks like {name}",
        where=Location(file=file),
        todo=f"{say}save it as UTF-8, e.g. iconv -f {code} -t utf-8 {file}",
    )
