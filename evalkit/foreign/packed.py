"""Packed files, told by their first bytes: gzip, bzip2 and xz by the standard library, Zstandard by a small package."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from pathlib import Path

from evalkit.core.errors import MissingExtra

SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""What reading a packed file may end in where it is cut short or damaged"""


def strip_packing(name: str) -> str:
    """Return a file's name in small letters, without what says how it is packed.

    >>> strip_packing("Before.CSV.zst")
    'before.csv'
    """
    name = name.lower()
    return next((name.removesuffix(end) for end in SUFFIXES if name.endswith(end)), name)


def is_streamed(name: str) -> bool:
    """Tell whether a file is read line by line: plain, or gzip."""
    return not name.lower().endswith(SUFFIXES[1:])


def unpack(raw: bytes, path: Path) -> bytes:
    """Unpack the bytes of a file.

    What is not packed is returned as it is. Raises MissingExtra where Zstandard's package is not installed, one of
    `DAMAGE` for a damaged file.
    """
    if raw[:2] == b"\x1f\x8b":
        return gzip.decompress(raw)
    if raw[:3] == b"BZh":
        try:
            return bz2.decompress(raw)
        except ValueError as error:
            raise EOFError(str(error)) from None
    if raw[:6] == b"\xfd7zXZ\x00":
        return lzma.decompress(raw)
    if raw[:4] != b"\x28\xb5\x2f\xfd":
        return raw
    try:
        import zstandard
    except ImportError:
        raise MissingExtra("zstandard", "zstd", f"reading {path}") from None
    try:
        with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as frames:
            return bytes(frames.read())
    except zstandard.ZstdError as error:
        raise EOFError(str(error)) from None
