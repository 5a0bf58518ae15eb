"""What can still be read of a damaged ledger: every whole answer, found page by page.

SQLite refuses a file as soon as one page on the way to a row is damaged. Rows themselves lie in leaf pages of the
table's b-tree, each carrying its own CRC here, so they are read straight from there, without any index or schema.
Source: "Database File Format", sqlite.org/fileformat2.html, sections 1.3 (header), 1.6 (b-tree pages),
2.1 (records) and 4 (the write-ahead log).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from evalkit.store.answers import AnswerRow, is_whole

_LEAF = 0x0D
_WIDTHS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_SIZES = {1 << power for power in range(9, 17)}

Pages = dict[int, bytes]


def salvage(path: Path) -> list[AnswerRow]:
    """Return every whole row of the file and of its write-ahead log.

    The newest version of a key comes once.
    """
    found: dict[bytes, AnswerRow] = {}
    main, overlaid = _images(path)
    for pages in (main, overlaid):
        for row in _rows(pages):
            kept = found.get(row.key)
            if kept is None or row.created >= kept.created:
                found[row.key] = row
    return list(found.values())


def _images(path: Path) -> tuple[Pages, Pages]:
    """The pages (from 1) of the file, and the same with the frames of the log laid over them in order."""
    data = path.read_bytes()
    size = _page_size(data)
    main = {number + 1: data[at : at + size] for number, at in enumerate(range(0, len(data), size))}
    log = path.with_name(path.name + "-wal")
    overlaid = dict(main)
    frames = log.read_bytes() if log.is_file() else b""
    for at in range(32, len(frames) - 24, 24 + size):
        (number,) = struct.unpack_from(">I", frames, at)
        overlaid[number] = frames[at + 24 : at + 24 + size]
    return main, overlaid if frames else {}


def _page_size(data: bytes) -> int:
    """The header's page size, or SQLite's default where the header is gone."""
    if len(data) >= 18:
        (size,) = struct.unpack_from(">H", data, 16)
        size = 65536 if size == 1 else size
        if size in _SIZES:
            return int(size)
    return 4096


def _rows(pages: Pages) -> Iterator[AnswerRow]:
    for number, page in pages.items():
        start = 100 if number == 1 else 0
        if len(page) < start + 8 or page[start] != _LEAF:
            continue
        (cells,) = struct.unpack_from(">H", page, start + 3)
        for index in range(cells):
            try:
                (at,) = struct.unpack_from(">H", page, start + 8 + 2 * index)
                row = _row(_record(_payload(page, at, pages)))
            except (struct.error, IndexError, ValueError, UnicodeDecodeError):
                continue  # this cell is damaged; its neighbours may not be
            if row is not None:
                yield row


def _payload(page: bytes, at: int, pages: Pages) -> bytes:
    """The payload of a table leaf cell: what lies in the page, then the chain of overflow pages."""
    size, at = _varint(page, at)
    _rowid, at = _varint(page, at)
    usable = len(page)
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    if size <= most:
        return page[at : at + size]
    inside = least + (size - least) % (usable - 4)
    inside = inside if inside <= most else least
    out = page[at : at + inside]
    (follow,) = struct.unpack_from(">I", page, at + inside)
    while follow and len(out) < size:
        overflow = pages.get(follow, b"")
        if len(overflow) <= 4:
            raise ValueError("the chain of overflow pages is broken")
        out += overflow[4 : 4 + size - len(out)]
        (follow,) = struct.unpack_from(">I", overflow)
    return out


def _record(payload: bytes) -> list[object]:
    """The values of a record."""
    header, at = _varint(payload, 0)
    kinds = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[object] = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[object, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind == 7:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    if kind >= 12:
        width = (kind - 12) // 2
        raw = payload[at : at + width]
        return (raw if kind % 2 == 0 else raw.decode()), at + width
    width = _WIDTHS[kind] if kind in _WIDTHS else len(payload) + 1
    return int.from_bytes(payload[at : at + width], "big", signed=True), at + width


def _row(values: Sequence[object]) -> AnswerRow | None:
    """The row of nine columns whose checksum holds; None for any other record (other tables, other programs)."""
    if len(values) != 9:
        return None
    _, key, model, sampling, prompt, repeat, created, check, body = values
    if not (
        isinstance(key, bytes) and isinstance(body, bytes) and isinstance(check, int) and is_whole(key, check, body)
    ):
        return None
    return AnswerRow(
        key=key,
        model=model if isinstance(model, int) else None,
        sampling=sampling if isinstance(sampling, int) else None,
        prompt=prompt if isinstance(prompt, bytes) else None,
        repeat=repeat if isinstance(repeat, int) else 0,
        created=float(created) if isinstance(created, (int, float)) else 0.0,
        crc=check,
        body=body,
    )


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = data[at + index]
        if index == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    raise ValueError("unreachable")
