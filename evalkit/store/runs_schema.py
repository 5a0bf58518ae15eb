"""The tables of the file of runs, how it is born and opened, and what SQLite's errors mean to a reader."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from evalkit.core.errors import Problem, StoreError
from evalkit.store.new_database import make_database

APPLICATION_ID = 0x45565231  # "EVR1"
VERSION = 1
BUSY_S = 60.0
_MAGIC = b"SQLite format 3\x00"

_FIGURES = """
    n INTEGER, n_clusters INTEGER, base REAL, candidate REAL, delta REAL, low REAL, high REAL, confidence REAL,
    fixed INTEGER, broken INTEGER, p REAL, p_adjusted REAL, method TEXT, mde REAL, because TEXT,
    base_low REAL, base_high REAL, candidate_low REAL, candidate_high REAL, higher_is_better INTEGER, binary INTEGER"""

TABLES = f"""
CREATE TABLE run (
    id TEXT PRIMARY KEY, created TEXT NOT NULL, place INTEGER NOT NULL, outcome TEXT NOT NULL, exit_code INTEGER,
    because TEXT, base TEXT NOT NULL, candidate TEXT NOT NULL, evalkit TEXT, commit_id TEXT, arguments TEXT NOT NULL,
    suites TEXT NOT NULL, digest TEXT NOT NULL, bytes INTEGER NOT NULL, answers INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX run_by_time ON run (created, place, id);
CREATE INDEX run_by_digest ON run (digest);
CREATE TABLE suite (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT NOT NULL,
    outcome TEXT, examples INTEGER, base_model TEXT, base_fingerprint TEXT, candidate_model TEXT,
    candidate_fingerprint TEXT,
    suite_sha256 TEXT, data_sha256 TEXT, prompts_sha256 TEXT, unsound INTEGER NOT NULL, PRIMARY KEY (run, position));
CREATE TABLE finding (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, suite TEXT NOT NULL, position INTEGER NOT NULL,
    gate TEXT, metric TEXT, slice_by TEXT, slice_value TEXT, state TEXT, shown TEXT, margin REAL, n_needed INTEGER,
    told TEXT, {_FIGURES}, PRIMARY KEY (run, suite, position));
CREATE TABLE estimate (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, suite TEXT NOT NULL, position INTEGER NOT NULL,
    metric TEXT NOT NULL, slice_by TEXT, slice_value TEXT, gated INTEGER NOT NULL, {_FIGURES},
    PRIMARY KEY (run, suite, position));
CREATE TABLE cases (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, n INTEGER NOT NULL, keys BLOB NOT NULL,
    clusters BLOB NOT NULL, ids BLOB NOT NULL);
CREATE TABLE score (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, suite TEXT NOT NULL, metric TEXT NOT NULL,
    cases INTEGER NOT NULL REFERENCES cases (id), instrument TEXT NOT NULL, base BLOB NOT NULL, candidate BLOB NOT NULL,
    PRIMARY KEY (run, suite, metric));
CREATE TABLE file (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, name TEXT NOT NULL, part INTEGER NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (run, name, part));
CREATE TABLE content (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, name TEXT NOT NULL, bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL, PRIMARY KEY (run, name));
CREATE TABLE blessing (
    run TEXT NOT NULL, name TEXT NOT NULL, blessed TEXT NOT NULL, recording TEXT NOT NULL, PRIMARY KEY (run, name));
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open a file of runs for writing; it is made where there is none.

    StoreError where it is another program's, a newer evalkit's or cannot be written.
    """
    with translate_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_S, isolation_level=None)
        return _prepare(db, path)


def connect_readonly(path: Path) -> sqlite3.Connection:
    """Open a file of runs for reading, wherever it lies."""
    with translate_errors(path):
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S, isolation_level=None)
        return _prepare(db, path)


def is_writable(path: Path) -> bool:
    """Tell whether a file of runs can be written, and a journal beside it.

    What a killed process began is rolled back by whoever opens the file next, which is writing.
    """
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _prepare(db: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    try:
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        check_version(db, path)
    except BaseException:
        db.close()
        raise
    return db


def check_version(db: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError for a database of somebody else, or of another version."""
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise StoreError(Problem(what=f"{path} is a database, but no file of runs", todo="name another file"))
    if version != VERSION:
        older = version < VERSION
        writer = "an older" if older else "a newer"
        what = f"{path} was written by {writer} evalkit (runs of version {version}, this one reads {VERSION})"
        todo = "with the evalkit that wrote it: evalkit runs export -o DIR; then here: evalkit runs import DIR"
        raise StoreError(Problem(what=what, todo=todo if older else "upgrade evalkit, or name another file"))


def _create(path: Path) -> None:
    """Make an empty file of runs, whole or not at all."""
    make_database(path, _write_tables)


def _write_tables(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={VERSION}")
    db.execute("PRAGMA page_size=4096")
    db.execute("PRAGMA auto_vacuum=INCREMENTAL")
    db.executescript(TABLES)


@contextlib.contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system into a StoreError.

    It names the file and what to do.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(Problem(what=f"cannot use the runs in {path}: {error}", todo=_advice(error, path))) from error


def _advice(error: Exception, path: Path) -> str:
    text = str(error).lower()
    if "full" in text or "no space" in text or "disk i/o" in text or "too large" in text:
        return "free space on that disk and run again; every run kept so far is safe"
    if "locked" in text:
        return "another process holds the file; end it, or wait for it"
    if is_damage(error) and path.name == "runs.sqlite":
        return "evalkit runs verify --repair sets the file aside and carries every whole run over"
    return "check that you may write to that folder, or name another one"


def is_damage(error: BaseException | None) -> bool:
    """Tell whether an error of SQLite means that the file is damaged."""
    text = str(error).lower()
    return isinstance(error, sqlite3.DatabaseError) and any(
        word in text for word in ("malformed", "not a database", "corrupt")
    )
