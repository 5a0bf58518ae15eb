"""The text of files as people have them: any encoding, packed or not, read as a whole or as it comes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from evalkit.core.encoding import is_euc_jp, is_shift_jis, is_windows_japanese
from evalkit.core.errors import DataError, Location, Problem
from evalkit.foreign.packed import DAMAGE, open_unpacked, strip_packing

_SAMPLE = 1 << 20
"""Bytes of lines that are not ASCII, by which an encoding is told"""
_WHOLE = 1 << 22
"""Bytes of a file that are looked at as a whole"""
_MARKS = (b"\xff\xfe", b"\xfe\xff")


def bare(path: Path) -> str:
    """Return the name in small letters, without `.gz`, `.bz2`, `.xz` or `.zst`."""
    return strip_packing(path.name)


def raw_bytes(path: Path) -> bytes:
    """Return the bytes of a file, unpacked; DataError where it cannot be read."""
    return head_bytes(path, -1)


def head_bytes(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, unpacked.

    All of them where `size` is -1. DataError where it cannot be read.
    """
    with _tell_damage(path), open_unpacked(path) as file:
        return file.read(size)


def first_line(path: Path, size: int) -> bytes:
    """Return the first line of a file as bytes, as far as `size` reaches."""
    return head_bytes(path, size).partition(b"\n")[0]


def decode(raw: bytes, path: Path) -> tuple[str, str]:
    """Return the text of a table and the name of its encoding.

    UTF-8 is tried first; DataError where none fits.

    >>> decode("①髙".encode("cp932") + "はい".encode("cp932"), Path("a.csv"))
    ('①髙はい', 'cp932 (Shift_JIS)')
    """
    code, name = _encoding(raw, path)
    try:
        return raw.decode(code).removeprefix("\ufeff"), name
    except UnicodeDecodeError as error:
        raise _not_whole(error, name, path) from None


@contextmanager
def open_text(path: Path) -> Iterator[tuple[TextIO, str]]:
    """Open a file as text, with the name of its encoding.

    Every line is looked at before the first is given. Lines keep their ends. DataError where no encoding fits, or the
    file cannot be read.
    """
    with _tell_damage(path):
        with open_unpacked(path) as file:
            code, name = _find_encoding(file, path)
        with io.TextIOWrapper(open_unpacked(path), encoding=code, newline="") as text:
            try:
                yield text, name
            except UnicodeDecodeError as error:
                raise _not_whole(error, name, path) from None


@contextmanager
def _tell_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(Problem(what=f"cannot read {path}: {reason}")) from None


def _find_encoding(file: BinaryIO, path: Path) -> tuple[str, str]:
    """As `_encoding` finds it; of a large file, whose every line is looked at, a sample of those not ASCII tells."""
    head = file.read(_WHOLE)
    if len(head) < _WHOLE or head[:2] in _MARKS or b"\0" in head:
        return _encoding(head, path)
    sample, utf8 = bytearray(), True
    for line in chain((head + file.readline()).splitlines(keepends=True), file):
        utf8 = _look(line, sample) and utf8
    return ("utf-8-sig", "UTF-8") if utf8 else _encoding(bytes(sample), path, whole=False)


def _look(line: bytes, sample: bytearray) -> bool:
    """Tell whether a line is UTF-8; one that is not ASCII is added to the sample, one that is not UTF-8 before all."""
    if line.isascii() and b"\0" not in line:
        return True
    try:
        line.decode("utf-8")
        whole = b"\0" not in line
    except UnicodeDecodeError:
        whole = False
    if len(sample) < _SAMPLE or not whole:
        sample += line[:_SAMPLE] if len(sample) < 2 * _SAMPLE else b""
    return whole


def _encoding(raw: bytes, path: Path, *, whole: bool = True) -> tuple[str, str]:
    """The codec of a text and what people call it; DataError where none fits."""
    if raw[:2] in _MARKS:
        return "utf-16", "UTF-16"
    if b"\0" in raw:  # no other text has it; where it stands says which half comes first
        return ("utf-16-le" if raw[1::2].count(0) >= raw[0::2].count(0) else "utf-16-be"), "UTF-16"
    try:
        raw.decode("utf-8")
        return "utf-8-sig", "UTF-8"
    except UnicodeDecodeError as error:
        first = error
    if is_euc_jp(raw):
        return "euc_jp", "EUC-JP"
    if is_shift_jis(raw) or is_windows_japanese(raw):
        return "cp932", "cp932 (Shift_JIS)"
    try:
        raw.decode("cp1252")
        return "cp1252", "Windows-1252"
    except UnicodeDecodeError:
        line = raw[: first.start].count(b"\n") + 1 if whole else None
        what = f"no encoding fits: byte {raw[first.start]:#04x} is not UTF-8, Shift_JIS, EUC-JP, UTF-16 or Windows-1252"
        where = Location(file=str(path), line=line)
        raise DataError(Problem(what=what, where=where, todo="save the file as UTF-8")) from None


def _not_whole(error: UnicodeDecodeError, name: str, path: Path) -> DataError:
    return DataError(Problem(what=f"not whole {name}: {error.reason}", where=Location(file=str(path))))
