"""One answer as one row: the columns, the compact body, and the checksum that proves a row whole."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from evalkit.core.exchange import Json, Response
from evalkit.core.rows import dump, parse, response_row, row_response

_PACK_FROM = 400  # below, zlib saves nothing worth its time

INSERT = "INSERT INTO answer (key, model, sampling, prompt, repeat, created, crc, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

_ROWS = 100
"""Rows a statement: eight marks each stay below the 999 that older SQLite allows"""


class AnswerRow(NamedTuple):
    """The columns of `answer` behind its id."""

    key: bytes
    model: int | None
    sampling: int | None
    prompt: bytes | None
    repeat: int
    created: float
    crc: int
    body: bytes


def insert_rows(db: sqlite3.Connection, rows: Sequence[AnswerRow], *, on_conflict: str) -> None:
    """Insert rows, many in one statement.

    `on_conflict`: REPLACE or IGNORE, where a key is kept already.
    """
    one = INSERT.partition("VALUES ")[2]
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        statement = INSERT.replace("INSERT", f"INSERT OR {on_conflict}", 1) + f", {one}" * (len(some) - 1)
        db.execute(statement, list(chain.from_iterable(some)))


def key_bytes(key: str) -> bytes:
    """Turn a SHA-256 in hex into its 32 bytes.

    Any other text becomes its UTF-8.
    """
    if len(key) == 64:
        try:
            return bytes.fromhex(key)
        except ValueError:
            pass
    return key.encode()


def key_text(key: bytes) -> str:
    """Turn bytes back into the key: the inverse of `key_bytes`."""
    return key.hex() if len(key) == 32 else key.decode("utf-8", "replace")


def pack(response: Response) -> bytes:
    """Pack the response as compact JSON, deflated where that pays.

    Empty fields are left out.
    """
    row = {name: value for name, value in response_row(response).items() if value not in (None, [], {})}
    plain = dump(row)
    if len(plain) < _PACK_FROM:
        return plain
    packed = zlib.compress(plain, 6)
    return packed if len(packed) < len(plain) else plain


def unpack(body: bytes) -> Response:
    """Unpack the response of a body.

    ValueError or zlib.error where it is none.
    """
    return row_response(unpack_row(body))


def unpack_row(body: bytes) -> Mapping[str, Json]:
    """Unpack the JSON row of a body."""
    row: Mapping[str, Json] = parse(body if body[:1] == b"{" else zlib.decompress(body))
    return row


def crc(key: bytes, body: bytes) -> int:
    """Return the CRC-32 over key and body."""
    return zlib.crc32(body, zlib.crc32(key))


def is_whole(key: bytes, check: int, body: bytes) -> bool:
    """Tell whether these columns are a row as it was written."""
    return isinstance(body, bytes) and crc(key, body) == check
