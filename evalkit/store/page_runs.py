"""A run inside its own page, so that whoever got the page alone can decide, export and compare again.

The page has the texts already; what else makes the run stands folded in parts of its own: `run-N` a candidate, and
behind the texts of each chunk of cases `run-N-CHUNK`, so that neither who writes nor who reads a page holds it twice.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.errors import Places, Problem, StoreError, count_of
from evalkit.core.exchange import Json
from evalkit.core.page_parts import PagePart, deflate, pack, packed_parts, unpack
from evalkit.core.rows import dump
from evalkit.core.verdict import Verdict
from evalkit.store.codec import case_json, head_parts
from evalkit.store.folding import Folder, Unfolder
from evalkit.store.kept_run import Loaded, RunSummary, read_summary, run_json
from evalkit.store.shapes import to_json

VERSION = 2
MOST = 20_000
"""Cases up to which a page holds its run"""
_LEAST = 16
_PAGES = (".html", ".htm")
_PART, _TEXTS = "run-", "texts-"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRun:
    """What a page is to hold of one candidate's run."""

    summary: RunSummary
    verdict: Verdict
    comparisons: Sequence[Comparison]
    suites: Mapping[str, str]
    places: Places


class HeldRuns:
    """Writes the runs of a page while the page is written.

    What is about a case stands behind the texts of the case. A page of more than `MOST` cases, all suites
    together, says that it holds none.
    """

    def __init__(self, runs: Sequence[HeldRun]) -> None:
        self._cases = max((sum(len(one.examples) for one in run.comparisons) for run in runs), default=0)
        self._runs = runs
        self._shared: dict[str, int] = {}
        self._chunks = 0
        self._rows = [
            {one.suite: {case.id: at for at, case in enumerate(one.examples)} for one in run.comparisons}
            for run in self._held
        ]

    @property
    def _held(self) -> Sequence[HeldRun]:
        return self._runs if self._cases <= MOST else ()

    def begin(self, shared: Iterable[str]) -> None:
        """Learn the texts that stand in the page before any case."""
        if self._held:
            self._shared = _number(_walk([*shared]), {})

    def attach(self, suite: str, ids: Sequence[str], texts: Json) -> Iterator[PagePart]:
        """Give what each run says of these cases, without the page's texts."""
        places = _number(_walk(texts), self._shared) if self._held else {}
        for number, run in enumerate(self._held):
            comparison = next((one for one in run.comparisons if one.suite == suite), None)
            if comparison is None:
                continue
            known = self._rows[number][suite]
            at = [known[one] for one in ids if one in known]
            said = case_json(comparison, [comparison.examples[row] for row in at])
            told = {"suite": suite, "at": at, **said}
            body = pack(Folder({**self._shared, **places}).fold(told))
            yield PagePart(id=f"{_PART}{number}-{self._chunks}", body=body)
        self._chunks += 1

    def end(self) -> Iterator[PagePart]:
        """Give what each run says beside its cases."""
        if self._runs and not self._held:
            none = {"version": VERSION, "cases": self._cases, "run": self._runs[0].summary.id}
            yield PagePart(id=f"{_PART}0", body=pack(none))
        for number, run in enumerate(self._held):
            yield PagePart(id=f"{_PART}{number}", body=deflate(self._pieces(run)))

    def _pieces(self, run: HeldRun) -> Iterator[str]:
        """The JSON of a run's head, a member at a time."""
        folder = Folder(self._shared)
        head = {"version": VERSION, "run": json.loads(run_json(run.summary, run.places)), "suites": dict(run.suites)}
        yield dump(head).decode()[:-1]
        yield f',"verdict":{dump(folder.fold(to_json(run.verdict))).decode()},"comparisons":['
        for number, comparison in enumerate(run.comparisons):
            for place, (name, value) in enumerate(self._members(comparison)):
                mark = "," if place else ",{" if number else "{"
                yield f"{mark}{dump(name).decode()}:{dump(folder.fold(value)).decode()}"
            yield "}"
        yield "]}"

    def _members(self, comparison: Comparison) -> Iterator[tuple[str, Json]]:
        """What is not about a case, and what is said under ids that are none of the cases'."""
        yield from head_parts(comparison)
        cases = {one.id for one in comparison.examples}
        tables: list[Iterable[str]] = [comparison.base_responses, comparison.candidate_responses]
        tables += [*comparison.base_scores.values(), *comparison.candidate_scores.values()]
        others = dict.fromkeys(one for rows in tables for one in rows if one not in cases)
        yield from case_json(comparison, (), others).items()


def _number(texts: Iterable[str], known: Mapping[str, int]) -> dict[str, int]:
    """Each text that is not known yet, once, with the next number."""
    new = (text for text in dict.fromkeys(texts) if text not in known)
    return {text: at for at, text in enumerate(new, start=len(known))}


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
        heads = [name for name in parts if re.fullmatch(rf"{_PART}\d+", name)]
        first = unpack(parts[heads[0]]) if heads else None
        if first and first["version"] != VERSION:
            raise ValueError(f"it holds a run of version {first['version']!r}, this evalkit reads {VERSION}")
        if first and "comparisons" in first:
            return _read_runs(parts, sorted(heads, key=lambda name: int(name.removeprefix(_PART))), path)
    except (OSError, ValueError, KeyError, IndexError, TypeError, StopIteration, RuntimeError, zlib.error) as error:
        todo = "get the page once more: it was cut short or changed"
        raise StoreError(Problem(what=f"cannot read a run out of {path}: {error}", todo=todo)) from error
    if first:
        what = f"{path} shows {first['cases']:,} cases, and a page holds its run up to {MOST:,}"
        todo = f"ask for the run {first['run']}: evalkit runs export {first['run']} -o DIR"
        raise StoreError(Problem(what=what, todo=todo))
    what = f"{path} holds no run: no page of evalkit, or one of an older version"
    raise StoreError(Problem(what=what, todo="draw it again where the run is kept: evalkit report RUN"))


def _read_runs(parts: Mapping[str, str], heads: Sequence[str], path: Path) -> list[Loaded]:
    """The runs of a page; every text of it stands before the parts that name it."""
    shared = _number(_walk(unpack(parts["shared"])), {})
    found: dict[str, list[dict[str, Json]]] = {head: [] for head in heads}
    texts = list(shared)
    for name, part in parts.items():
        if name.startswith(_TEXTS):
            texts = [*shared, *_number(_walk(unpack(part)), shared)]
        head, dash, _ = name.removeprefix(_PART).partition("-")
        if name.startswith(_PART) and dash:
            found[f"{_PART}{head}"].append(Unfolder(texts).unfold(unpack(part)))
    return [_join_run(unpack(parts[head]), cases, list(shared), path) for head, cases in found.items()]


def _join_run(
    held: Mapping[str, Json], chunks: Sequence[Mapping[str, Json]], shared: Sequence[str], path: Path
) -> Loaded:
    unfolder = Unfolder(shared)
    bodies = {"run.json": dump(held["run"]) + b"\n", "verdict.json": dump(unfolder.unfold(held["verdict"])) + b"\n"}
    for number, one in enumerate(held["comparisons"], start=1):
        made = {name: unfolder.unfold(value) for name, value in one.items()}
        whole = _join_cases(made, [chunk for chunk in chunks if chunk["suite"] == made["suite"]])
        bodies[f"comparisons/{number}.json.gz"] = gzip.compress(dump(whole), 1, mtime=0)
    for number, text in enumerate(held["suites"].values(), start=1):
        bodies[f"suites/{number}.yaml"] = text.encode()
    return Loaded(place=path, bodies=bodies)


def _join_cases(head: Mapping[str, Json], chunks: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """A comparison's JSON as it was: its cases in the order of the data."""
    placed = sorted((row, number, at) for number, one in enumerate(chunks) for at, row in enumerate(one["at"]))
    examples = [chunks[number]["examples"][at] for _, number, at in placed]
    ids = [one["id"] for one in examples]
    whole = {**head, "examples": examples}
    for arm in ("base", "candidate"):
        name = f"{arm}_responses"
        whole[name] = _join_rows([*(one[name] for one in chunks), head[name]], ids)
        name = f"{arm}_scores"
        whole[name] = {
            scorer: _join_rows([*(one[name][scorer] for one in chunks), rows], ids)
            for scorer, rows in head[name].items()
        }
    return whole


def _join_rows(tables: Sequence[Mapping[str, Json]], ids: Sequence[str]) -> dict[str, Json]:
    found = {key: rows for table in tables for key, rows in table.items()}
    return {key: found[key] for key in dict.fromkeys([*ids, *found]) if key in found}
