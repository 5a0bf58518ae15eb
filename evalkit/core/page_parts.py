"""What a page holds packed: JSON, deflated, in base64, each part in a script element that nothing runs."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from evalkit.core.exchange import Json

_PART = re.compile(r'<script type="text/plain" id="([a-z0-9-]+)">([^<]*)</script>')
_SURROGATE = re.compile("[\ud800-\udfff]")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """A part of a page: its id, and what it packs."""

    id: str
    body: str


class Attachments(Protocol):
    """What a page holds beside its cases; it is made while the page is."""

    def begin(self, shared: Iterable[str]) -> None:
        """Learn the texts that stand in the page before any case."""

    def attach(self, suite: str, ids: Sequence[str], texts: Json) -> Iterator[PagePart]:
        """Give what is to stand behind the texts of these cases of a suite."""

    def end(self) -> Iterator[PagePart]:
        """Give what is to stand behind all cases."""


def pack(value: Json) -> str:
    """Return a value as JSON, deflated (zlib), in base64."""
    return deflate([_ENCODER.encode(value)])


def deflate(pieces: Iterable[str]) -> str:
    """Return a text that comes in pieces, deflated (zlib), in base64.

    A lone surrogate is escaped.
    """
    packer, out = zlib.compressobj(6), bytearray()
    for piece in pieces:
        try:
            raw = piece.encode()
        except UnicodeEncodeError:
            raw = _SURROGATE.sub(escape, piece).encode()
        out += packer.compress(raw)
    out += packer.flush()
    return base64.b64encode(out).decode()


def unpack(text: str) -> Json:
    """Return the value that `pack` packed."""
    value: Json = json.loads(zlib.decompress(base64.b64decode(text)))
    return value


def packed_parts(page: str) -> dict[str, str]:
    """Return the parts of a page as they stand in it, by their ids."""
    return dict(_PART.findall(page))


def escape(mark: re.Match[str]) -> str:
    """Write one character as JSON's `\\uXXXX`."""
    return f"\\u{ord(mark[0]):04x}"
