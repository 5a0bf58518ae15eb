"""Looking after the file of runs: folders taken in, files merged, runs pruned, everything verified and repaired."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from evalkit.core.errors import Problem, StoreError
from evalkit.store.kept_run import Loaded, RunFiles, RunFolder, read_run, read_summary
from evalkit.store.page_runs import page_runs
from evalkit.store.run_rows import make_rows
from evalkit.store.runs import FILE, RUNS
from evalkit.store.runs_file import NewRun, RunsFile, content_digest, insert_run
from evalkit.store.runs_schema import translate_errors

_COPIED = ("suite", "finding", "estimate", "file", "content")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of the runs of another place.

    `conflicts` are ids under which something else is kept here; they were left where they are.
    """

    added: tuple[str, ...]
    known: tuple[str, ...]
    """Ids of runs that are here already, with the same content"""
    conflicts: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    """Runs that cannot be read"""


def import_folders(root: str | Path, places: Sequence[Path] = ()) -> TakenIn:
    """Take run folders into the file of runs.

    `places` are run folders, folders of them, or report pages; none: the folders that older versions kept in this
    project. They stay where they are.
    """
    found = {place: [*_runs_at(place)] for place in places or (Path(root) / RUNS,)}
    folders = [folder for runs in found.values() for folder in runs]
    added: list[str] = []
    known: list[str] = []
    conflicts: list[str] = []
    todo = "name a run folder, one that holds run folders, or a report page (.html)"
    problems = [Problem(what=f"no run is in {place}", todo=todo) for place in places if not found[place]]
    with RunsFile(Path(root) / FILE) as kept:
        here = kept.digests()
        for folder in folders:
            try:
                new = read_new_run(folder)
            except StoreError as error:
                problems += error.problems
                continue
            name = new.summary.id
            if name in here:
                same = here[name] == _digest_of(folder) or (
                    isinstance(folder, Loaded) and _is_same_run(folder, kept.files(name))
                )
                (known if same else conflicts).append(name)
                continue
            with kept.transaction() as db:
                insert_run(db, new)
            here[name] = _digest_of(folder)
            added.append(name)
    return TakenIn(added=tuple(added), known=tuple(known), conflicts=tuple(conflicts), problems=tuple(problems))


def _runs_at(place: Path) -> Sequence[RunFiles]:
    if place.is_file():
        return page_runs(place)
    if (place / "run.json").is_file():
        return [RunFolder(place)]
    return [RunFolder(file.parent) for file in sorted(place.glob("[!.]*/run.json"))]


def read_new_run(files: RunFiles) -> NewRun:
    """Read a run to keep it byte by byte.

    StoreError where it cannot be read.
    """
    summary = read_summary(files)
    if "/" in summary.id or summary.id.startswith("."):
        raise StoreError(Problem(what=f"{files.place}: {summary.id!r} is no id of a run"))
    run = read_run(files)
    head = files.read("run.json")
    rest = {name: BytesIO(files.read(name)) for name in files.names() if name != "run.json"}
    rows = make_rows(run.verdict, run.comparisons)
    return NewRun(summary=summary, verdict=run.verdict, rows=rows, files=rest, head=lambda _: head)


def _is_same_run(one: RunFiles, other: RunFiles) -> bool:
    """Tell whether two runs say the same; what a page holds is written in other bytes."""
    return all(json.loads(one.read(name)) == json.loads(other.read(name)) for name in ("run.json", "verdict.json"))


def _digest_of(files: RunFiles) -> str:
    return content_digest((name, hashlib.sha256(files.read(name)).hexdigest()) for name in files.names())


def merge(root: str | Path, other: Path) -> TakenIn:
    """Take the runs of another file into this project's; ids stay as they are.

    What is here already is not taken again, a run whose id means something else here is left there and told. One
    transaction: all of it or nothing. StoreError where the other file cannot be read.
    """
    if not other.is_file():
        raise StoreError(Problem(what=f"there is no file {other}", todo="name a runs.sqlite, e.g. a copy of another's"))
    with RunsFile(other, for_reading=True) as theirs, RunsFile(Path(root) / FILE) as kept:
        return _copy_all(theirs, kept, theirs.digests())


def _copy_all(theirs: RunsFile, kept: RunsFile, wanted: dict[str, str]) -> TakenIn:
    added: list[str] = []
    known: list[str] = []
    conflicts: list[str] = []
    with kept.transaction() as db:
        here = kept.digests()
        for name, found in wanted.items():
            if name in here:
                same = here[name] == found
                (known if same else conflicts).append(name)
                if same:
                    _bring_answers(theirs.db, db, name)
                continue
            with translate_errors(theirs.path):
                copy_run(theirs.db, db, name)
            added.append(name)
        copy_rows(theirs.db, db, "blessing", "SELECT * FROM blessing", ())
    return TakenIn(added=tuple(added), known=tuple(known), conflicts=tuple(conflicts))


def copy_run(source: sqlite3.Connection, target: sqlite3.Connection, run: str) -> None:
    """Copy a run with all its rows, in the transaction that is open."""
    copy_rows(source, target, "run", "SELECT * FROM run WHERE id = ?", (run,))
    for table in _COPIED:
        copy_rows(source, target, table, f"SELECT * FROM {table} WHERE run = ?", (run,))
    numbers: dict[int, int] = {}
    query = "SELECT id, digest, n, keys, clusters, ids FROM cases WHERE id IN (SELECT cases FROM score WHERE run = ?)"
    for number, *row in source.execute(query, (run,)):
        target.execute("INSERT OR IGNORE INTO cases (digest, n, keys, clusters, ids) VALUES (?, ?, ?, ?, ?)", row)
        numbers[number] = target.execute("SELECT id FROM cases WHERE digest = ?", (row[0],)).fetchone()[0]
    query = "SELECT run, suite, metric, cases, instrument, base, candidate FROM score WHERE run = ?"
    rows = ((*row[:3], numbers[row[3]], *row[4:]) for row in source.execute(query, (run,)))
    target.executemany("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def copy_rows(
    source: sqlite3.Connection, target: sqlite3.Connection, table: str, query: str, arguments: tuple[str, ...]
) -> None:
    """Copy the rows of a query; what is there already stays."""
    cursor = source.execute(query, arguments)
    marks = ", ".join("?" * len(cursor.description))
    target.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", cursor)


def _bring_answers(source: sqlite3.Connection, target: sqlite3.Connection, run: str) -> None:
    """Answers that were pruned here come back from a file that still has them."""
    has = "SELECT answers FROM run WHERE id = ?"
    if target.execute(has, (run,)).fetchone()[0] or not source.execute(has, (run,)).fetchone()[0]:
        return
    for table in ("file", "content"):
        copy_rows(source, target, table, f"SELECT * FROM {table} WHERE run = ?", (run,))
    target.execute("UPDATE run SET answers = 1 WHERE id = ?", (run,))


def prune(root: str | Path, runs: Sequence[str], *, answers_only: bool = False, archive: Path | None = None) -> int:
    """Take runs out of the file; returns the bytes that this frees.

    `answers_only`: what was asked and answered goes, figures and every case's scores stay. `archive`: a file that they
    are copied to first, from which `merge` brings them back; nothing is taken out unless all of them are there.
    """
    with RunsFile(Path(root) / FILE) as kept:
        if archive is not None:
            _archive(kept, archive, runs)
        before = kept.path.stat().st_size
        with kept.transaction() as db:
            for run in runs:
                if answers_only:
                    db.execute("DELETE FROM file WHERE run = ? AND name LIKE 'comparisons/%'", (run,))
                    db.execute("DELETE FROM content WHERE run = ? AND name LIKE 'comparisons/%'", (run,))
                    db.execute("UPDATE run SET answers = 0 WHERE id = ?", (run,))
                else:
                    db.execute("DELETE FROM run WHERE id = ?", (run,))
            db.execute("DELETE FROM cases WHERE id NOT IN (SELECT cases FROM score)")
        with translate_errors(kept.path):
            kept.db.execute("PRAGMA incremental_vacuum").fetchall()
        return before - kept.path.stat().st_size


def _archive(kept: RunsFile, archive: Path, runs: Sequence[str]) -> None:
    if archive.exists() and archive.samefile(kept.path):
        raise StoreError(Problem(what=f"{archive} is the file itself", todo="name another file; nothing was taken out"))
    digests = kept.digests()
    with RunsFile(archive) as target:
        taken = _copy_all(kept, target, {run: digests[run] for run in runs})
    if taken.conflicts:
        what = f"{archive} holds other runs under these ids: {', '.join(taken.conflicts)}"
        raise StoreError(Problem(what=what, todo="name another file; nothing was taken out"))


def remember_blessing(root: str | Path, run: str, *, name: str, at: str, recording: str) -> None:
    """Remember that a run's candidate became a baseline."""
    with RunsFile(Path(root) / FILE) as kept, kept.transaction() as db:
        db.execute("INSERT OR REPLACE INTO blessing VALUES (?, ?, ?, ?)", (run, name, at, recording))


def write_folders(runs: Iterable[tuple[str, RunFiles]], target: Path) -> list[Path]:
    """Write runs as folders, each file as it was kept.

    StoreError where a run cannot be read or a folder is there already.
    """
    written = []
    for name, files in runs:
        folder = target / name
        if folder.exists():
            raise StoreError(Problem(what=f"{folder} is there already", todo="name another folder"))
        beside = folder.with_name(f".{name}.part")
        for file in files.names():
            part = beside / file
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(files.read(file))
        beside.rename(folder)
        written.append(folder)
    return written
