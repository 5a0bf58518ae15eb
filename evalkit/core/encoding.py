"""What a file that is not UTF-8 looks like, so that one sentence says what to do about all of it."""

from __future__ import annotations

import re

from evalkit.core.errors import Location, Problem

_BOMS = (b"\xff\xfe", b"\xfe\xff")
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]|[一-鿿]{2}")
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


def foreign(file: str, raw: bytes) -> Problem | None:
    """Name the one problem of a file in another encoding.

    It is known by the file's first bytes or a line of it; None where none is known.
    """
    if is_utf16(raw):
        return _problem(file, "UTF-16", "utf-16")
    return _problem(file, "Shift_JIS (cp932)", "cp932") if is_shift_jis(raw) else None


def _problem(file: str, name: str, code: str) -> Problem:
    return Problem(
        what=f"not UTF-8: it looks like {name}",
        where=Location(file=file),
        todo=f"save it as UTF-8, e.g. iconv -f {code} -t utf-8 {file}",
    )
