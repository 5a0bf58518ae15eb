"""Packed files, told by their first bytes: gzip, bzip2 and xz by the standard library, Zstandard by a small package."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from evalkit.core.errors import MissingExtra

SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""What reading a packed file may end in where it is cut short or damaged"""
_BLOCK = 1 << 16


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


def open_unpacked(path: Path) -> BinaryIO:
    """Open a file for reading its bytes, unpacked as they are read.

    What is not packed is read as it is. Raises OSError where it cannot be opened, MissingExtra where Zstandard's
    package is not installed; reading raises one of `DAMAGE` for a damaged file.
    """
    with path.open("rb") as file:
        first = file.read(6)
    if first[:2] == b"\x1f\x8b":
        return cast(BinaryIO, gzip.open(path))
    if first[:3] == b"BZh":
        return cast(BinaryIO, bz2.open(path))
    if first == b"\xfd7zXZ\x00":
        return cast(BinaryIO, lzma.open(path))
    if first[:4] != b"\x28\xb5\x2f\xfd":
        return path.open("rb")
    return io.BufferedReader(_Zstandard(path))


class _Zstandard(io.RawIOBase):
    """The bytes of Zstandard frames; a frame that is cut short is an EOFError, where the package's reader just ends."""

    def __init__(self, path: Path) -> None:
        try:
            import zstandard
        except ImportError:
            raise MissingExtra("zstandard", "zstd", f"reading {path}") from None
        self._start = zstandard.ZstdDecompressor().decompressobj
        self._error = zstandard.ZstdError
        self._file = path.open("rb")
        self._frame = self._start()
        self._ready = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            packed = self._frame.unused_data if self._frame.eof else b""
            packed = packed or self._file.read(_BLOCK)
            if not packed:
                if not self._frame.eof:
                    raise EOFError("the last frame is cut short")
                return 0
            if self._frame.eof:
                self._frame = self._start()
            try:
                self._ready = self._frame.decompress(packed)
            except self._error as error:
                raise EOFError(str(error)) from None
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size
