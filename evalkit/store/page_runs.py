"""A run inside its own page, so that whoever got the page alone can decide, export and compare again.

The page has the texts already; what else makes the run stands in one more part a candidate, folded.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.core.columns import Comparison
from evalkit.core.errors import Places, Problem, StoreError, count_of
from evalkit.core.exchange import Json
from evalkit.core.page_parts import pack, packed_parts, unpack
from evalkit.core.rows import dump
from evalkit.core.verdict import Verdict
from evalkit.store.codec import comparison_json
from evalkit.store.folding import Folder, Unfolder
from evalkit.store.kept_run import Loaded, RunSummary, read_summary, run_json
from evalkit.store.shapes import to_json

VERSION = 1
MOST = 20_000
"""Cases up to which a page holds its run"""
_LEAST = 16
_PAGES = (".html", ".htm")
_PART = "run-"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRun:
    """What a page is to hold of one candidate's run."""

    summary: RunSummary
    verdict: Verdict
    comparisons: Sequence[Comparison]
    suites: Mapping[str, str]
    places: Places


def hold_runs(pieces: Iterable[str], runs: Sequence[HeldRun]) -> Iterator[str]:
    """Yield the pieces of a page with its runs in it.

    A page of more than `MOST` cases, all suites together, says that it holds none, and is not held itself.
    """
    cases = max((sum(len(one.examples) for one in run.comparisons) for run in runs), default=0)
    if not runs:
        yield from pieces
        return
    if cases > MOST:
        parts = [pack({"version": VERSION, "cases": cases, "run": runs[0].summary.id})]
    else:
        page = "".join(pieces)
        pieces = [page]
        places = {text: at for at, text in enumerate(_texts(packed_parts(page)))}
        parts = [pack(_fold_run(run, places), level=9) for run in runs]
    told = "".join(f'<script type="text/plain" id="{_PART}{at}">{part}</script>\n' for at, part in enumerate(parts))
    for piece in pieces:
        head, mark, tail = piece.rpartition("</body>")
        yield f"{head}{told}{mark}{tail}" if mark else piece


def _fold_run(run: HeldRun, places: Mapping[str, int]) -> Json:
    folder = Folder(places)
    return {
        "version": VERSION,
        "run": json.loads(run_json(run.summary, run.places)),
        "suites": dict(run.suites),
        "verdict": folder.fold(_plain(to_json(run.verdict))),
        "comparisons": [folder.fold(_plain(comparison_json(one))) for one in run.comparisons],
    }


def _plain(value: Any) -> Json:
    """The value as JSON reads it back: tuples are lists, keys are texts."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _texts(parts: Mapping[str, str]) -> list[str]:
    """The longer texts of a page, each once, in the order of its parts."""
    found: dict[str, None] = {}
    for name, part in parts.items():
        if not name.startswith(_PART):
            found.update(dict.fromkeys(_walk(unpack(part))))
    return list(found)


def _walk(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= _LEAST:
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _walk(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReference:
    """A page as it was named.

    `page.html#NAME` is the candidate, arm or run NAME of it.
    """

    word: str
    path: Path
    name: str


def page_reference(word: str) -> PageReference | None:
    """Read a word as a reference to a page.

    None where it names no page that is there.
    """
    for path, name in ((word, ""), (word.rpartition("#")[0], word.rpartition("#")[2])):
        if path.lower().endswith(_PAGES) and Path(path).is_file():
            return PageReference(word=word, path=Path(path), name=name)
    return None


def missing_page(word: str) -> str:
    """Return the page that a word names though it is not there.

    An empty text where it names none, or one that is there.
    """
    path = word.partition("#")[0]
    return path if path.lower().endswith(_PAGES) and not Path(path).exists() and not Path(word).exists() else ""


def read_page(reference: PageReference) -> Loaded:
    """Read the files of the run that a page holds.

    StoreError where it holds none, or several and none of them was named.
    """
    runs = page_runs(reference.path)
    summaries = {number: read_summary(one) for number, one in enumerate(runs)}
    wanted = [at for at, one in summaries.items() if not reference.name or reference.name in _names(one)]
    if len(wanted) == 1 or (wanted and reference.name == summaries[wanted[0]].base):
        return runs[wanted[0]]
    names = list(dict.fromkeys(name for one in summaries.values() for name in (one.base, one.candidate)))
    what = f"it holds {count_of(len(runs), 'run')}" if wanted else f"no {reference.name!r} is in it"
    todo = f"name one with #, e.g. '{reference.path}#{names[-1]}'"
    raise StoreError(Problem(what=f"{reference.path}: {what}", allowed=", ".join(names), todo=todo))


def _names(summary: RunSummary) -> tuple[str, ...]:
    return (summary.candidate, summary.id, summary.base)


def page_runs(path: Path) -> list[Loaded]:
    """Read every run of a page; StoreError where it holds none or is damaged."""
    try:
        parts = packed_parts(path.read_text(encoding="utf-8"))
        held = [unpack(part) for name, part in parts.items() if name.startswith(_PART)]
        if held and held[0]["version"] != VERSION:
            raise ValueError(f"it holds a run of version {held[0]['version']!r}, this evalkit reads {VERSION}")
        if held and "comparisons" in held[0]:
            texts = _texts(parts)
            return [_unfold_run(one, texts, path) for one in held]
    except (OSError, ValueError, KeyError, IndexError, TypeError, StopIteration, RuntimeError, zlib.error) as error:
        todo = "get the page once more: it was cut short or changed"
        raise StoreError(Problem(what=f"cannot read a run out of {path}: {error}", todo=todo)) from error
    if held:
        what = f"{path} shows {held[0]['cases']:,} cases, and a page holds its run up to {MOST:,}"
        todo = f"ask for the run {held[0]['run']}: evalkit runs export {held[0]['run']} -o DIR"
        raise StoreError(Problem(what=what, todo=todo))
    what = f"{path} holds no run: no page of evalkit, or one of an older version"
    raise StoreError(Problem(what=what, todo="draw it again where the run is kept: evalkit report RUN"))


def _unfold_run(held: Mapping[str, Json], texts: Sequence[str], path: Path) -> Loaded:
    unfolder = Unfolder(texts)
    bodies = {"run.json": dump(held["run"]) + b"\n", "verdict.json": dump(unfolder.unfold(held["verdict"])) + b"\n"}
    for number, one in enumerate(held["comparisons"], start=1):
        bodies[f"comparisons/{number}.json.gz"] = gzip.compress(dump(unfolder.unfold(one)), 1, mtime=0)
    for number, text in enumerate(held["suites"].values(), start=1):
        bodies[f"suites/{number}.yaml"] = text.encode()
    return Loaded(place=path, bodies=bodies)
