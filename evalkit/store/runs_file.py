"""All runs in one SQLite file: every run whole, and its figures as tables that any program reads.

A run is written in one transaction, so that `kill -9` at any instant leaves it whole or not there; what two processes
write at once comes one after the other.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from evalkit.core.errors import Problem, StoreError
from evalkit.core.verdict import Verdict
from evalkit.store import run_rows, runs_schema
from evalkit.store.kept_run import RunSummary, is_of_a_run
from evalkit.store.run_rows import RunRows
from evalkit.store.runs_schema import is_writable, translate_errors

_PART = 1_000_000
"""Bytes of a file in one row"""
_SUMMARY = "id, created, outcome, base, candidate, suites, arguments, place"


@dataclass(frozen=True, slots=True)
class Stored:
    """The files of a run in the file of runs."""

    place: Path
    run: str
    db: sqlite3.Connection

    def names(self) -> Sequence[str]:
        """List their names, as in a run folder."""
        with translate_errors(self.place):
            found = self.db.execute("SELECT name FROM content WHERE run = ? ORDER BY name", (self.run,)).fetchall()
        return [name for (name,) in found]

    def read(self, name: str) -> bytes:
        """Read one of them.

        OSError where it is not there or not what was written.
        """
        with translate_errors(self.place):
            query = "SELECT body FROM file WHERE run = ? AND name = ? ORDER BY part"
            body = b"".join(part for (part,) in self.db.execute(query, (self.run, name)))
            query = "SELECT sha256 FROM content WHERE run = ? AND name = ?"
            known = self.db.execute(query, (self.run, name)).fetchone()
        if known is None:
            raise OSError("it is not there")
        if hashlib.sha256(body).hexdigest() != known[0]:
            raise OSError("it is damaged: its checksum is wrong (evalkit runs verify)")
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What is to be kept of a run.

    Its figures, and each file as a handle to read it from.
    """

    summary: RunSummary
    verdict: Verdict
    rows: RunRows
    files: Mapping[str, BinaryIO]
    head: Callable[[RunSummary], bytes]
    """run.json, which bears the id"""


class RunsFile:
    """The runs of one file; a context manager."""

    def __init__(self, path: str | Path, *, for_reading: bool = False) -> None:
        """`for_reading`: nothing will be written, and the place need not be writable."""
        self.path = Path(path)
        readonly = for_reading and not is_writable(self.path)
        self.db = runs_schema.connect_readonly(self.path) if readonly else runs_schema.connect(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write, all or nothing; on disk when it ends."""
        with translate_errors(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    def summaries(self) -> tuple[RunSummary, ...]:
        """List the runs, newest first."""
        with translate_errors(self.path):
            rows = self.db.execute(f"SELECT {_SUMMARY} FROM run ORDER BY created DESC, place DESC, id DESC").fetchall()
        return tuple(self._summary(row) for row in rows)

    def summary(self, run: str) -> RunSummary | None:
        """Return the line of a run; None where it is not there."""
        with translate_errors(self.path):
            row = self.db.execute(f"SELECT {_SUMMARY} FROM run WHERE id = ?", (run,)).fetchone()
        return None if row is None else self._summary(row)

    def files(self, run: str) -> Stored:
        """Return the files of a run."""
        return Stored(self.path, run, self.db)

    def digests(self) -> dict[str, str]:
        """Return the digest of every run's content, by its id."""
        with translate_errors(self.path):
            return dict(self.db.execute("SELECT id, digest FROM run"))

    def add(self, new: NewRun, *, taken: Callable[[str], bool] = lambda _: False) -> RunSummary:
        """Keep a run under its id, or numbered where that is taken.

        Returns it as it is kept.         `taken` tells ids that are in use elsewhere.
        """
        with self.transaction() as db:
            summary = replace(new.summary, id=self._free(new.summary.id, taken), path=self.path)
            insert_run(db, replace(new, summary=summary))
        return summary

    def _free(self, name: str, taken: Callable[[str], bool]) -> str:
        number, free = 1, name
        while taken(free) or self.db.execute("SELECT 1 FROM run WHERE id = ?", (free,)).fetchone():
            number += 1
            free = f"{name}-{number}"
        return free

    def _summary(self, row: Sequence[object]) -> RunSummary:
        run, created, outcome, base, candidate, suites, arguments, place = row
        try:
            return RunSummary(
                id=str(run),
                path=self.path,
                created=str(created),
                outcome=str(outcome),
                base=str(base),
                candidate=str(candidate),
                suites=tuple(json.loads(str(suites))),
                arguments=json.loads(str(arguments)),
                place=int(str(place)),
            )
        except ValueError as error:
            what = f"the row of run {run} in {self.path} is damaged: {error}"
            raise StoreError(Problem(what=what, todo="evalkit runs verify --repair")) from error


def insert_run(db: sqlite3.Connection, new: NewRun) -> None:
    """Write the rows and files of a run, in the transaction that is open.

    The run has its final id; sqlite3.IntegrityError where that is taken.
    """
    run = new.summary.id
    head = new.head(new.summary)
    contents = [("run.json", len(head), hashlib.sha256(head).hexdigest())]
    contents += [(name, *_measure(handle)) for name, handle in new.files.items()]
    row = run_rows.run_row(
        new.summary,
        new.verdict,
        content=content_digest((name, sha) for name, _, sha in contents),
        size=sum(count for _, count, _ in contents),
        answers=any(name.startswith("comparisons/") for name in new.files),
    )
    _insert(db, "run", run_rows.RUN, [row])
    _insert(db, "content", ("run", "name", "bytes", "sha256"), [(run, *one) for one in contents])
    db.execute("INSERT INTO file VALUES (?, 'run.json', 0, ?)", (run, head))
    for name, handle in new.files.items():
        db.executemany("INSERT INTO file VALUES (?, ?, ?, ?)", _parts(run, name, handle))
    insert_rows(db, run, new.rows)


def insert_rows(db: sqlite3.Connection, run: str, rows: RunRows) -> None:
    """Write the rows of a run's tables, in the transaction that is open."""
    _insert(db, "suite", ("run", *run_rows.SUITE), [(run, *row) for row in rows.suites])
    _insert(db, "finding", ("run", *run_rows.FINDING), [(run, *row) for row in rows.findings])
    _insert(db, "estimate", ("run", *run_rows.ESTIMATE), [(run, *row) for row in rows.estimates])
    numbers: dict[str, int] = {}
    for one in rows.cases:
        row = (one.digest, one.n, one.keys, one.clusters, one.ids)
        db.execute("INSERT OR IGNORE INTO cases (digest, n, keys, clusters, ids) VALUES (?, ?, ?, ?, ?)", row)
        numbers[one.digest] = db.execute("SELECT id FROM cases WHERE digest = ?", (one.digest,)).fetchone()[0]
    scores = [(run, *row[:2], numbers[row[2]], *row[3:]) for row in rows.scores]
    _insert(db, "score", ("run", *run_rows.SCORE), scores)


def content_digest(contents: Iterable[tuple[str, str]]) -> str:
    """Return the digest of a run's files, from the name and SHA-256 of each."""
    told = "".join(f"{name}\0{sha}\n" for name, sha in sorted(contents) if is_of_a_run(name))
    return hashlib.sha256(told.encode()).hexdigest()


def _insert(db: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    marks = ", ".join("?" * len(columns))
    db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def _parts(run: str, name: str, handle: BinaryIO) -> Iterator[tuple[str, str, int, bytes]]:
    handle.seek(0)
    for at, body in enumerate(iter(lambda: handle.read(_PART), b"")):
        yield run, name, at, body


def _measure(handle: BinaryIO) -> tuple[int, str]:
    """How many bytes a file has, and their SHA-256."""
    handle.seek(0)
    found, size = hashlib.sha256(), 0
    for block in iter(lambda: handle.read(_PART), b""):
        found.update(block)
        size += len(block)
    return size, found.hexdigest()
