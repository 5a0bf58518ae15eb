"""A file of runs verified, and what is whole of a damaged one carried over into a new one."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from evalkit.core.errors import Problem, StoreError
from evalkit.store.runs import FILE
from evalkit.store.runs_file import RunsFile, insert_run
from evalkit.store.runs_schema import check_version, is_damage, translate_errors
from evalkit.store.runs_upkeep import copy_rows, copy_run, read_new_run

_PAGE = 4096


def verify(root: str | Path) -> tuple[Problem, ...]:
    """List everything wrong with the file of runs.

    SQLite's own check comes first, then every file of every run by its checksum.
    """
    path = Path(root) / FILE
    problems: list[Problem] = []
    todo = "evalkit runs verify --repair"
    try:
        with RunsFile(path, for_reading=True) as kept:
            with translate_errors(path):
                lines = [line for (line,) in kept.db.execute("PRAGMA integrity_check") if line != "ok"]
                lines += [f"row {row[1]} of {row[0]} has no run" for row in kept.db.execute("PRAGMA foreign_key_check")]
            problems += [Problem(what=f"{path}: {line}", todo=todo) for line in lines]
            for run in kept.digests():
                problems += [Problem(what=f"{path}: run {run}: {why}", todo=todo) for why in _why_spoilt(kept, run)]
    except StoreError as error:
        problems += error.problems
    return tuple(problems)


def _why_spoilt(kept: RunsFile, run: str) -> Iterator[str]:
    files = kept.files(run)
    for name in files.names():
        try:
            files.read(name)
        except (OSError, StoreError) as error:
            yield f"{name}: {error}"


def repair(root: str | Path, *, tell: Callable[[Problem], None]) -> tuple[Path, int]:
    """Set the damaged file aside and carry over what is whole.

    Every whole run goes into a new one. Returns where the old one lies and how many runs came over; `tell` hears of
    every run that could not. StoreError where the file is somebody else's, or of another version: it is not damaged.
    """
    path = Path(root) / FILE
    _refuse_others(path)
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    with translate_errors(path):
        path.rename(aside)
        journal = path.with_name(path.name + "-journal")
        if journal.exists():
            journal.rename(aside.with_name(aside.name + "-journal"))
    carried = 0
    with RunsFile(path) as kept, contextlib.suppress(StoreError), _open_damaged(aside) as old:
        for run in _runs_that_are_read(old):
            try:
                _carry_over(old, kept, run)
            except (StoreError, OSError) as error:
                tell(Problem(what=f"run {run} could not be carried over: {error}"))
                continue
            carried += 1
        with contextlib.suppress(StoreError), kept.transaction() as db:
            copy_rows(old.db, db, "blessing", "SELECT * FROM blessing", ())
    return aside, carried


def _refuse_others(path: Path) -> None:
    """A whole database that is none of ours, or of another evalkit, stays; a damaged one may be anything."""
    with contextlib.suppress(sqlite3.DatabaseError, OSError):
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            if [row[0] for row in db.execute("PRAGMA integrity_check")] == ["ok"]:
                check_version(db, path)
        finally:
            db.close()


def _carry_over(old: RunsFile, kept: RunsFile, run: str) -> None:
    """A run whose every file is whole; its tables are made anew where they are not."""
    files = old.files(run)
    names = files.names()
    if "run.json" not in names or "verdict.json" not in names:
        raise StoreError(f"{old.path} no longer holds its files")
    for name in names:
        files.read(name)
    try:
        with kept.transaction() as db:
            copy_run(old.db, db, run)
    except StoreError:
        new = read_new_run(files)
        with kept.transaction() as db:
            insert_run(db, new)


@contextlib.contextmanager
def _open_damaged(path: Path) -> Iterator[RunsFile]:
    """Open a damaged file; one whose first page is gone gets that of an empty file, which names the same tables."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            opened = RunsFile(path, for_reading=True)
        except StoreError as error:
            if not is_damage(error.__cause__):
                raise
            opened = RunsFile(_mend_first_page(path, Path(folder)), for_reading=True)
        with opened:
            yield opened


def _mend_first_page(path: Path, folder: Path) -> Path:
    """A copy with the first page of an empty file (sqlite.org/fileformat2.html, 1.3): all tables have fixed roots."""
    empty, copy = folder / "empty.sqlite", folder / "copy.sqlite"
    RunsFile(empty).db.close()
    shutil.copyfile(path, copy)
    first = bytearray(empty.read_bytes()[:_PAGE])
    struct.pack_into(">III", first, 28, copy.stat().st_size // _PAGE, 0, 0)
    with copy.open("r+b") as handle:
        handle.write(first)
    return copy


def _runs_that_are_read(old: RunsFile) -> list[str]:
    """Ids, found in whichever table still tells them."""
    found: dict[str, None] = {}
    for query in (
        "SELECT id FROM run",
        "SELECT DISTINCT run FROM content",
        "SELECT run FROM content NOT INDEXED",
        "SELECT run FROM file NOT INDEXED WHERE name = 'run.json'",
    ):
        try:
            for (run,) in old.db.execute(query):
                found[str(run)] = None
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
    return list(found)
