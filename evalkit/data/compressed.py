"""Compressed files: gzip, bzip2 and xz by the standard library, Zstandard by a small package."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Any, cast

from evalkit.core.errors import MissingExtra

_CHUNK = 1 << 17
SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


def is_unpackable(name: str) -> bool:
    """Return whether a file of this name can be unpacked here.

    Zstandard needs its package.
    """
    from importlib.util import find_spec

    return not name.lower().endswith(".zst") or find_spec("zstandard") is not None


def is_damage(error: Exception) -> bool:
    """Return whether reading failed because the compressed bytes are damaged or cut short."""
    return isinstance(error, _DAMAGE)


def unpack_bytes(raw: IO[bytes], head: bytes, path: str) -> IO[bytes]:
    """Return the unpacked bytes of an open file, told by its first bytes.

    A file that is not compressed is returned itself.
    """
    if head[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    if head[:3] == b"BZh":
        return _buffer(_Frames(raw, bz2.BZ2Decompressor, OSError))
    if head[:6] == b"\xfd7zXZ\x00":
        return cast("IO[bytes]", lzma.LZMAFile(raw))
    if head[:4] == b"\x28\xb5\x2f\xfd":
        try:
            import zstandard
        except ImportError:
            raise MissingExtra("zstandard", "zstd", f"reading {path}") from None
        return _buffer(_Frames(raw, zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError))
    return raw


def _buffer(frames: io.RawIOBase) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(frames))


class _Frames(io.RawIOBase):
    """The unpacked bytes of one frame behind the other; EOFError where one is damaged or the last is cut short."""

    def __init__(self, raw: IO[bytes], begin: Callable[[], Any], broken: type[Exception]) -> None:
        self._raw, self._begin, self._broken = raw, begin, broken
        self._frame = begin()
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
                self._frame = self._begin()
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
