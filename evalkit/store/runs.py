"""Run folders: what was decided and everything it was decided from, under `.evalkit/runs/<run-id>/`.

run.json                 who was compared, when, with which arguments; the outcome
verdict.json             every finding and estimate
comparisons/1.json.gz    one a suite: examples, responses, scores, columns
suites/1.yaml            the text of the suite as it was
"""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from evalkit.core.columns import Comparison
from evalkit.core.errors import Location, Places, Problem, StoreError, did_you_mean
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.rows import dump
from evalkit.core.verdict import Verdict
from evalkit.store.codec import Keyed, Listed, comparison_parts, read_comparison
from evalkit.store.shapes import from_json, to_json

VERSION = 1
_TOGETHER = 64
"""Pieces of JSON packed at once"""
RUNS = Path(".evalkit") / "runs"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line of `evalkit runs`. `created` is ISO 8601."""

    id: str
    path: Path
    created: str
    outcome: str
    base: str
    candidate: str
    suites: tuple[str, ...]
    arguments: Mapping[str, Json]
    place: int = 0
    """Which of the candidates of one comparison, counted from 0"""

    @property
    def when(self) -> tuple[str, int, str]:
        """The time that runs are put in order by.

        Behind it stands the order in which the candidates were named.
        """
        return (self.created, self.place, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A kept run, enough to decide again and to draw again.

    `suites` maps a suite's name to its YAML text.
    """

    summary: RunSummary
    verdict: Verdict
    comparisons: tuple[Comparison, ...]
    suites: Mapping[str, str]
    places: Places = field(default_factory=dict)


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
) -> Path:
    """Write `<root>/.evalkit/runs/<run_id>/`, whole or not at all; StoreError where that cannot be done."""
    folder = Path(root) / RUNS / run_id
    beside = folder.with_name(f".{run_id}.part")
    about = {
        "version": VERSION,
        "id": run_id,
        "created": created,
        "outcome": verdict.outcome,
        "base": verdict.base,
        "candidate": verdict.candidate,
        "suites": list(suites),
        "arguments": to_json(arguments),
        "place": place,
        "places": _place_rows(places),
    }
    try:
        shutil.rmtree(beside, ignore_errors=True)
        (beside / "comparisons").mkdir(parents=True)
        (beside / "suites").mkdir()
        (beside / "run.json").write_bytes(dump(about) + b"\n")
        (beside / "verdict.json").write_bytes(dump(to_json(verdict)) + b"\n")
        for number, comparison in enumerate(comparisons, start=1):
            _write_packed(beside / "comparisons" / f"{number}.json.gz", comparison_parts(comparison))
        for number, text in enumerate(suites.values(), start=1):
            (beside / "suites" / f"{number}.yaml").write_text(text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        todo = "free space there, or run in a folder that you may write to"
        raise StoreError(
            Problem(what=f"cannot keep the run in {folder}: {error.strerror or error}", todo=todo)
        ) from error
    return folder


def _write_packed(path: Path, value: Keyed) -> None:
    """One JSON object, packed, written while it is made."""
    with (
        path.open("wb") as handle,
        gzip.GzipFile(filename="", fileobj=handle, mode="wb", compresslevel=3, mtime=0) as packed,
    ):
        for piece in _pieces(value):
            packed.write(piece)


def _pieces(value: Keyed | Listed | Json) -> Iterator[bytes]:
    """JSON in pieces: plain items many at a time, for an encoder costs more to set up than a row to write."""
    if isinstance(value, Listed):
        items = iter(value.items)
        groups = ((dump(some)[1:-1],) for some in iter(lambda: list(islice(items, _TOGETHER)), []))
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


def list_runs(root: str | Path) -> tuple[RunSummary, ...]:
    """List the kept runs, newest first.

    Folders that are no run are left out.
    """
    found = []
    for folder in (Path(root) / RUNS).glob("[!.]*/run.json"):
        try:
            found.append(_summary(folder.parent))
        except StoreError:
            continue
    return tuple(sorted(found, key=lambda run: run.when, reverse=True))


def load_run(root: str | Path, reference: str) -> Run:
    """Load the run of an id, an id's beginning, a path, or "latest".

    A path is that of a run folder. StoreError where there is none, several, or one whose files cannot be read.
    """
    folder = _find(Path(root), reference)
    summary = _summary(folder)
    files = sorted((folder / "comparisons").glob("*.json.gz"), key=_number)
    texts = sorted((folder / "suites").glob("*.yaml"), key=_number)
    return Run(
        summary=summary,
        verdict=_read(folder / "verdict.json", lambda data: from_json(Verdict, json.loads(data))),
        comparisons=tuple(
            _read(file, lambda data: read_comparison(json.loads(gzip.decompress(data)))) for file in files
        ),
        suites=dict(zip(summary.suites, (_read(file, bytes.decode) for file in texts), strict=False)),
        places=_read(folder / "run.json", _places),
    )


def _place_rows(places: Places) -> dict[str, Json]:
    return {
        suite: {str(index): [where.file, where.line] for index, where in gates.items()}
        for suite, gates in places.items()
    }


def _places(data: bytes) -> Places:
    """Runs kept before places were have none."""
    return {
        suite: {int(index): Location(file=file, line=line) for index, (file, line) in gates.items()}
        for suite, gates in json.loads(data).get("places", {}).items()
    }


def run_summary(root: str | Path, reference: str) -> RunSummary:
    """Read what `load_run` would read, without the run itself.

    StoreError likewise.
    """
    return _summary(_find(Path(root), reference))


def _find(root: Path, reference: str) -> Path:
    if (Path(reference) / "run.json").is_file():
        return Path(reference)
    runs = list_runs(root)
    if not runs:
        raise StoreError(Problem(what=f"no runs are kept under {root / RUNS}", todo="evalkit compare BASE CANDIDATE"))
    if reference == "latest":
        return runs[0].path
    ids = {run.id: run.path for run in runs}
    if reference in ids:
        return ids[reference]
    near = [name for name in ids if name.startswith(reference)]
    if len(near) == 1:
        return ids[near[0]]
    what = (
        f"{len(near)} runs begin with {reference!r}" if near else f"no run {reference!r}{did_you_mean(reference, ids)}"
    )
    raise StoreError(Problem(what=what, allowed=", ".join(["latest", *(near or list(ids))][:12])))


def _summary(folder: Path) -> RunSummary:
    def read(data: bytes) -> RunSummary:
        value: dict[str, Any] = json.loads(data)
        if value["version"] != VERSION:
            raise ValueError(f"a run of version {value['version']!r}, this evalkit reads version {VERSION}")
        names = ("id", "created", "outcome", "base", "candidate", "arguments")
        return RunSummary(
            path=folder,
            suites=tuple(value["suites"]),
            place=int(value.get("place", 0)),
            **{name: value[name] for name in names},
        )

    return _read(folder / "run.json", read)


def _read(file: Path, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(file.read_bytes())
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        todo = "run the comparison again; kept answers are not asked again"
        raise StoreError(Problem(what=f"cannot read {file}: {error}", todo=todo)) from error


def _number(file: Path) -> int:
    return int(file.name.split(".")[0])
