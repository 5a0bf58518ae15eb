"""The kept runs of a project: one file, `.evalkit/runs.sqlite`, and the folders of older versions beside it.

Folders under `.evalkit/runs/` are read as they are; `evalkit runs import` takes them into the file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from evalkit.core.columns import Comparison
from evalkit.core.errors import Places, Problem, StoreError, did_you_mean
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.rows import dump
from evalkit.core.verdict import Verdict
from evalkit.store.codec import comparison_parts
from evalkit.store.kept_run import Loaded, Run, RunFiles, RunFolder, RunSummary, read_run, read_summary, run_json
from evalkit.store.packing import write_packed
from evalkit.store.page_runs import page_reference, page_runs, read_page
from evalkit.store.run_rows import make_rows
from evalkit.store.runs_file import NewRun, RunsFile
from evalkit.store.runs_schema import is_damage
from evalkit.store.shapes import to_json

__all__ = [
    "FILE", "RUNS", "Run", "RunFolder", "RunSummary", "folders_of", "list_runs", "load_files", "load_run", "open_runs",
    "read_run", "run_summary", "save_run",
]  # fmt: skip

FILE = Path(".evalkit") / "runs.sqlite"
RUNS = Path(".evalkit") / "runs"
"""Where folders of older versions lie"""


def save_run(
    root: str | Path,
    run_id: str,
    *,
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    suites: Mapping[str, str],
    arguments: Mapping[str, Json],
    created: str,
    place: int = 0,
    places: Places = EMPTY,
) -> str:
    """Keep a run in `<root>/.evalkit/runs.sqlite`, whole or not at all.

    Returns its id, which is numbered where another run has it. Where the file is damaged the run is kept as a folder.
    StoreError where it cannot be kept.
    """
    path = Path(root) / FILE
    summary = RunSummary(
        id=run_id,
        path=path,
        created=created,
        outcome=verdict.outcome,
        base=verdict.base,
        candidate=verdict.candidate,
        suites=tuple(suites),
        arguments=cast(Mapping[str, Json], to_json(arguments)),
        place=place,
    )
    try:
        with ExitStack() as stack:
            new = NewRun(
                summary=summary,
                verdict=verdict,
                rows=make_rows(verdict, comparisons),
                files=_pack(stack, verdict, comparisons, suites),
                head=lambda named: run_json(named, places),
            )
            return _keep(new, path, Path(root) / RUNS)
    except OSError as error:
        todo = "free space there, or run in a folder that you may write to"
        raise StoreError(
            Problem(what=f"cannot keep the run in {path}: {error.strerror or error}", todo=todo)
        ) from error


def _keep(new: NewRun, path: Path, folders: Path) -> str:
    try:
        with RunsFile(path) as kept:
            return kept.add(new, taken=lambda name: (folders / name).exists()).id
    except StoreError as error:
        if not is_damage(error.__cause__):
            raise
        return _write_folder(new, folders)


def _write_folder(new: NewRun, folders: Path) -> str:
    """Keep a run as older versions did, until the file is repaired."""
    number, name = 1, new.summary.id
    while (folders / name).exists():
        number += 1
        name = f"{new.summary.id}-{number}"
    beside = folders / f".{name}.part"
    shutil.rmtree(beside, ignore_errors=True)
    files = {**new.files, "run.json": BytesIO(new.head(replace(new.summary, id=name)))}
    for file, handle in files.items():
        (beside / file).parent.mkdir(parents=True, exist_ok=True)
        handle.seek(0)
        with (beside / file).open("wb") as target:
            shutil.copyfileobj(handle, target)
    beside.rename(folders / name)
    return name


def _pack(
    stack: ExitStack, verdict: Verdict, comparisons: Sequence[Comparison], suites: Mapping[str, str]
) -> dict[str, BinaryIO]:
    """The files of a run, packed beside the database, so that nobody waits for it meanwhile."""

    files: dict[str, BinaryIO] = {"verdict.json": BytesIO(dump(to_json(verdict)) + b"\n")}
    for number, comparison in enumerate(comparisons, start=1):
        handle = stack.enter_context(_open_temporary())
        write_packed(handle, comparison_parts(comparison))
        files[f"comparisons/{number}.json.gz"] = handle
    for number, text in enumerate(suites.values(), start=1):
        files[f"suites/{number}.yaml"] = BytesIO(text.encode())
    return files


@contextmanager
def _open_temporary() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as handle:
        yield handle


def list_runs(root: str | Path, *, unread: Callable[[Problem], None] | None = None) -> tuple[RunSummary, ...]:
    """List the kept runs, newest first.

    `unread` hears of every run that cannot be read; without it such folders are left out, and StoreError is raised
    where the file of all runs cannot be read.
    """
    path = Path(root) / FILE
    found: dict[str, RunSummary] = {}
    for folder in folders_of(root):
        try:
            one = read_summary(RunFolder(folder))
            found[one.id] = one
        except StoreError as error:
            if unread is not None:
                for problem in error.problems:
                    unread(problem)
    if path.exists():
        try:
            with open_runs(root) as kept:
                found |= {one.id: one for one in kept.summaries()}
        except StoreError as error:
            if unread is None:
                raise
            for problem in error.problems:
                unread(problem)
    return tuple(sorted(found.values(), key=lambda run: run.when, reverse=True))


def open_runs(root: str | Path) -> RunsFile:
    """Open the file of a project's runs for reading.

    StoreError where there is none, or it cannot be read.
    """
    path = Path(root) / FILE
    if not path.exists():
        raise StoreError(Problem(what=f"there is no {path}", todo="evalkit compare BASE CANDIDATE"))
    return RunsFile(path, for_reading=True)


def folders_of(root: str | Path) -> list[Path]:
    """List the run folders that older versions kept."""
    return sorted(file.parent for file in (Path(root) / RUNS).glob("[!.]*/run.json"))


def load_files(root: str | Path, reference: str) -> RunFiles:
    """Read the files of a run as they were kept; StoreError as `load_run`."""
    page = page_reference(reference)
    if page is not None:
        return read_page(page)
    found = run_summary(root, reference)
    if found.path.is_dir():
        return RunFolder(found.path)
    with open_runs(root) as kept:
        files = kept.files(found.id)
        return Loaded(place=found.path, bodies={name: files.read(name) for name in files.names()})


def load_run(root: str | Path, reference: str) -> Run:
    """Load the run of an id, an id's beginning, a path, or "latest".

    A path is that of a run folder, or of a page that holds its run (`page.html`, of several `page.html#CANDIDATE`).
    StoreError where there is none, several, or one whose files cannot be read.
    """
    page = page_reference(reference)
    if page is not None:
        return read_run(read_page(page))
    found = run_summary(root, reference)
    if found.path.is_dir():
        return read_run(RunFolder(found.path))
    with open_runs(root) as kept:
        return read_run(kept.files(found.id))


def load_runs(root: str | Path, reference: str) -> list[Run]:
    """Load what `load_run` loads, and all runs of a page.

    One of a page where its candidate is named. StoreError likewise.
    """
    page = page_reference(reference)
    if page is None or page.name:
        return [load_run(root, reference)]
    return [read_run(one) for one in page_runs(page.path)]


def run_summary(root: str | Path, reference: str) -> RunSummary:
    """Read what `load_run` would read, without the run itself.

    StoreError likewise.
    """
    if (Path(reference) / "run.json").is_file():
        return read_summary(RunFolder(Path(reference)))
    page = page_reference(reference)
    if page is not None:
        return read_summary(read_page(page))
    if reference != "latest" and (known := _by_id(Path(root), reference)):
        return known
    runs = list_runs(root)
    if not runs:
        raise StoreError(
            Problem(what=f"no runs are kept under {Path(root) / '.evalkit'}", todo="evalkit compare BASE CANDIDATE")
        )
    if reference == "latest":
        return runs[0]
    ids = {run.id: run for run in runs}
    if reference in ids:
        return ids[reference]
    near = [name for name in ids if name.startswith(reference)]
    if len(near) == 1:
        return ids[near[0]]
    what = (
        f"{len(near)} runs begin with {reference!r}" if near else f"no run {reference!r}{did_you_mean(reference, ids)}"
    )
    raise StoreError(Problem(what=what, allowed=", ".join(["latest", *(near or list(ids))][:12])))


def _by_id(root: Path, reference: str) -> RunSummary | None:
    if not (root / FILE).exists():
        return None
    with open_runs(root) as kept:
        return kept.summary(reference)
