"""JSON written packed while it is made: what is written need not be held."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO

from evalkit.core.exchange import Json
from evalkit.core.rows import dump
from evalkit.store.codec import Keyed, Listed

_TOGETHER = 64
"""Pieces of JSON packed at once"""


def write_packed(handle: BinaryIO, value: Keyed) -> None:
    """Write one JSON object, packed, while it is made.

    The same value is the same bytes.
    """
    with gzip.GzipFile(filename="", fileobj=handle, mode="wb", compresslevel=3, mtime=0) as packed:
        for piece in _pieces(value):
            packed.write(piece)


def _pieces(value: Keyed | Listed | Json) -> Iterator[bytes]:
    """JSON in pieces: plain items many at a time, for an encoder costs more to set up than a row to write."""
    if isinstance(value, Listed):
        items = iter(value.items)
        groups = ((dump(some)[1:-1],) for some in iter(lambda: list(islice(items, value.together)), []))
        yield from _between(b"[", groups, b"]")
    elif isinstance(value, Keyed):
        yield from _between(b"{", _members(value), b"}")
    else:
        yield dump(value)


def _members(value: Keyed) -> Iterator[Iterable[bytes]]:
    plain: dict[str, Json] = {}
    for key, item in value.members:
        nested = isinstance(item, (Keyed, Listed))
        if not nested:
            plain[key] = item
        if plain and (nested or len(plain) == _TOGETHER):
            yield (dump(plain)[1:-1],)
            plain = {}
        if nested:
            yield chain((dump(key), b":"), _pieces(item))
    if plain:
        yield (dump(plain)[1:-1],)


def _between(first: bytes, groups: Iterable[Iterable[bytes]], last: bytes) -> Iterator[bytes]:
    mark = first
    for group in groups:
        yield mark
        yield from group
        mark = b","
    if mark is first:
        yield first
    yield last
