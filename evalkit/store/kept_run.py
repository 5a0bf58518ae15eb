"""A kept run, and the files it is read from, wherever they lie: a folder, or the file of all runs.

run.json                 who was compared, when, with which arguments; the outcome
verdict.json             every finding and estimate
comparisons/1.json.gz    one a suite: examples, responses, scores, columns
suites/1.yaml            the text of the suite as it was
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from evalkit.core.columns import Comparison
from evalkit.core.errors import Location, Places, Problem, StoreError
from evalkit.core.exchange import Json
from evalkit.core.rows import dump
from evalkit.core.verdict import Verdict
from evalkit.store.codec import read_comparison
from evalkit.store.shapes import from_json, to_json

VERSION = 1
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line of `evalkit runs`. `created` is ISO 8601."""

    id: str
    path: Path
    """The folder of the run, or the file that it lies in"""
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


class RunFiles(Protocol):
    """The files of one run."""

    @property
    def place(self) -> Path:
        """Where they lie."""

    def names(self) -> Sequence[str]:
        """List their names, as in a run folder."""

    def read(self, name: str) -> bytes:
        """Read one of them; OSError where it is not there."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run in a folder of its own."""

    place: Path

    def names(self) -> Sequence[str]:
        """List the files below the folder."""
        found = (file.relative_to(self.place).as_posix() for file in self.place.rglob("*") if file.is_file())
        return sorted(name for name in found if is_of_a_run(name))

    def read(self, name: str) -> bytes:
        """Read one of them."""
        return (self.place / name).read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The files of a run in memory."""

    place: Path
    bodies: Mapping[str, bytes]

    def names(self) -> Sequence[str]:
        """List their names."""
        return sorted(self.bodies)

    def read(self, name: str) -> bytes:
        """Read one of them."""
        if name not in self.bodies:
            raise FileNotFoundError("it is not there")
        return self.bodies[name]


def is_of_a_run(name: str) -> bool:
    """Tell whether a file of this name belongs to a run."""
    return name in ("run.json", "verdict.json") or (
        name.startswith(("comparisons/", "suites/")) and name.endswith((".json.gz", ".yaml"))
    )


def run_json(summary: RunSummary, places: Places) -> bytes:
    """Write run.json."""
    about = {
        "version": VERSION,
        "id": summary.id,
        "created": summary.created,
        "outcome": summary.outcome,
        "base": summary.base,
        "candidate": summary.candidate,
        "suites": list(summary.suites),
        "arguments": to_json(summary.arguments),
        "place": summary.place,
        "places": _place_rows(places),
    }
    return dump(about) + b"\n"


def read_summary(files: RunFiles) -> RunSummary:
    """Read what `evalkit runs` lists of a run.

    StoreError where it cannot be read.
    """

    def parse(data: bytes) -> RunSummary:
        value: dict[str, Any] = json.loads(data)
        if value["version"] != VERSION:
            raise ValueError(f"a run of version {value['version']!r}, this evalkit reads version {VERSION}")
        names = ("id", "created", "outcome", "base", "candidate", "arguments")
        return RunSummary(
            path=files.place,
            suites=tuple(value["suites"]),
            place=int(value.get("place", 0)),
            **{name: value[name] for name in names},
        )

    return _read(files, "run.json", parse)


def read_run(files: RunFiles) -> Run:
    """Read a run whole; StoreError where a file of it cannot be read."""
    summary = read_summary(files)
    names = files.names()
    comparisons = sorted((name for name in names if name.startswith("comparisons/")), key=_number)
    texts = sorted((name for name in names if name.startswith("suites/")), key=_number)
    verdict = _read(files, "verdict.json", lambda data: from_json(Verdict, json.loads(data)))
    if not comparisons and summary.suites:
        raise StoreError(
            Problem(
                what=f"the answers of run {summary.id} were pruned: its figures are there, its cases are not",
                todo="run the comparison again, or merge the file that they were moved to: evalkit runs merge FILE",
            )
        )
    return Run(
        summary=summary,
        verdict=verdict,
        comparisons=tuple(
            _read(files, name, lambda data: read_comparison(json.loads(gzip.decompress(data)))) for name in comparisons
        ),
        suites=dict(zip(summary.suites, (_read(files, name, bytes.decode) for name in texts), strict=False)),
        places=_read(files, "run.json", _places),
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


def _read(files: RunFiles, name: str, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(files.read(name))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        todo = "run the comparison again; kept answers are not asked again"
        raise StoreError(Problem(what=f"cannot read {files.place / name}: {error}", todo=todo)) from error


def _number(name: str) -> int:
    return int(name.rpartition("/")[2].split(".")[0])
