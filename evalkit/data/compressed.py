"""Compressed files: gzip, bzip2 and xz by the standard library, Zstandard by a small package."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import IO, Any, cast

from evalkit.core.errors import MissingExtra

_CHUNK = 1 << 17
SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


def is_damage(error: Exception) -> bool:
    """Whether reading failed because the compressed bytes are damaged or cut short; bzip2 raises a bare OSError."""
    return isinstance(error, _DAMAGE) or (isinstance(error, OSError) and error.errno is None)


def unpacked(raw: IO[bytes], head: bytes, path: str) -> IO[bytes]:
    """The unpacked bytes of an open file, told by its first bytes; the file itself where it is not compressed."""
    if head[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    if head[:3] == b"BZh":
        return cast("IO[bytes]", bz2.BZ2File(raw))
    if head[:6] == b"\xfd7zXZ\x00":
        return cast("IO[bytes]", lzma.LZMAFile(raw))
    if head[:4] == b"\x28\xb5\x2f\xfd":
        return cast("IO[bytes]", io.BufferedReader(_Zstandard(raw, path)))
    return raw


class _Zstandard(io.RawIOBase):
    """The unpacked bytes of Zstandard frames; EOFError where the last one is cut short or damaged."""

    def __init__(self, raw: IO[bytes], path: str) -> None:
        try:
            import zstandard
        except ImportError:
            raise MissingExtra("zstandard", "zstd", f"reading {path}") from None
        self._open = zstandard.ZstdDecompressor().decompressobj
        self._broken = zstandard.ZstdError
        self._frame = self._open()
        self._raw = raw
        self._ready = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as a chunk goes; 0 at the end."""
        while not self._ready:
            packed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                packed = packed or self._raw.read(_CHUNK)
                if not packed:
                    return 0
                self._frame = self._open()
            else:
                packed = self._raw.read(_CHUNK)
                if not packed:
                    raise EOFError("the last frame is cut short")
            try:
                self._ready = self._frame.decompress(packed)
            except self._broken as error:
                raise EOFError(str(error)) from None
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size
