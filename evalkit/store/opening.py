"""Opening a ledger: made where there is none, set aside and salvaged where it is damaged, never silently recreated."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from evalkit.core.errors import StoreError
from evalkit.store import schema
from evalkit.store.answers import INSERT
from evalkit.store.salvage import salvage

_MAGIC = b"SQLite format 3\x00"
_SIDE = ("model", "sampling")


def open_file(path: Path) -> tuple[sqlite3.Connection, tuple[str, ...]]:
    """Open the database; also return what happened on the way.

    It is what the reader must know.
    """
    if path.exists() and not is_writable(path):
        db = schema.connect_readonly(path)
        schema.check_version(db, path)
        return db, (f"{path} cannot be written: what is kept there is read, and nothing is added",)
    path.parent.mkdir(parents=True, exist_ok=True)
    notes: tuple[str, ...] = ()
    with _one_at_a_time(path):
        if not path.exists():
            schema.create(path)
        elif is_damaged(path):
            notes = (_set_aside(path),)
        db = schema.connect(path)
    try:
        schema.check_version(db, path)
    except StoreError:
        db.close()
        raise
    return db, notes


def is_writable(path: Path) -> bool:
    """Tell whether a ledger can be written: its file, and files beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def is_damaged(path: Path) -> bool:
    """Tell whether SQLite can no longer read the whole file."""
    with path.open("rb") as handle:
        if handle.read(16) != _MAGIC:
            return True
    try:
        with contextlib.closing(schema.connect(path)) as db:
            return [row[0] for row in db.execute("PRAGMA quick_check(1)")] != ["ok"]
    except sqlite3.OperationalError:
        raise  # locked, or no right to read: not damage
    except sqlite3.DatabaseError:
        return True


def _set_aside(path: Path) -> str:
    """Move the damaged file away, and carry over what can be read of it; a sentence about both."""
    aside = _free_name(path)
    side = {table: _side_rows(path, table) for table in _SIDE}
    rows = salvage(path)
    for suffix in ("-wal", ""):
        from_ = path.with_name(path.name + suffix)
        if from_.exists():
            from_.rename(aside.with_name(aside.name + suffix))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    schema.create(path)
    with contextlib.closing(schema.connect(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        for table, kept in side.items():
            for row in kept:
                db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        db.executemany(INSERT, rows)
        db.execute("COMMIT")
    return f"the ledger {path} was damaged: it is kept as {aside.name}, and {len(rows)} answers were carried over"


def _side_rows(path: Path, table: str) -> list[tuple[object, ...]]:
    """The rows of a small table, as far as SQLite still reads it."""
    rows: list[tuple[object, ...]] = []
    try:
        with contextlib.closing(schema.connect(path)) as db:
            rows.extend(db.execute(f"SELECT * FROM {table}"))
    except sqlite3.DatabaseError:
        pass  # names and settings of models are shown, not needed: answers are found by their key
    return rows


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return aside


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Let one process look at, make or move the file; where the system has no flock, all may."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with path.with_name(path.name + ".lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
