"""The tables of the ledger, how a file of them is born, and what SQLite's errors mean to a reader."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from evalkit.core.errors import Problem, StoreError
from evalkit.store.new_database import make_database

APPLICATION_ID = 0x45564B31  # "EVK1"
VERSION = 1
BUSY_S = 60.0

TABLES = """
CREATE TABLE model (
    id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, name TEXT, provider TEXT, model TEXT, details TEXT);
CREATE TABLE sampling (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE);
CREATE TABLE answer (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, model INTEGER, sampling INTEGER, prompt BLOB,
    repeat INTEGER, created REAL, crc INTEGER, body BLOB);
CREATE TABLE owner (id INTEGER PRIMARY KEY, host TEXT, pid INTEGER, started TEXT, beat REAL);
CREATE TABLE lease (key BLOB PRIMARY KEY, owner INTEGER NOT NULL) WITHOUT ROWID;
"""


CACHE_KB = 512
"""Pages held in memory: keys are digests, so that the next page is any of them, however many are held"""


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing file: explicit transactions, each on disk before its commit returns."""
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    # FULL: a commit is synced before it returns, so that an answer which counts survives a power cut, too.
    db.execute("PRAGMA synchronous=FULL")
    db.execute(f"PRAGMA cache_size={-CACHE_KB}")
    return db


def connect_readonly(path: Path) -> sqlite3.Connection:
    """Open a file in a place where nothing can be written."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def create(path: Path) -> None:
    """Make an empty ledger, whole or not at all.

    A file of zero bytes is therefore always a damaged one.
    """
    make_database(path, _write_tables)


def _write_tables(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={VERSION}")
    db.executescript(TABLES)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def check_version(db: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError where the file is not a ledger of this version.

    It is then another program's database or a newer evalkit's.
    """
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise StoreError(Problem(what=f"{path} is a database, but no ledger of evalkit", todo="name another file"))
    if version > VERSION:
        what = f"{path} was written by a newer evalkit (ledger version {version}, this one reads {VERSION})"
        raise StoreError(Problem(what=what, todo="upgrade evalkit, or name another file"))


@contextlib.contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system into a StoreError.

    It names the file and what to do.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(Problem(what=f"cannot use the ledger {path}: {error}", todo=_advice(error))) from error


def _advice(error: Exception) -> str:
    text = str(error).lower()
    if "full" in text or "no space" in text or "disk i/o" in text or "too large" in text:
        return "free space on that disk and run again; every answer kept so far is safe"
    if "locked" in text:
        return "another process holds the file; end it, or wait for it"
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return "run again: the damaged file is set aside and every readable answer is carried over"
    return "check that you may write to that folder, or name another one"
