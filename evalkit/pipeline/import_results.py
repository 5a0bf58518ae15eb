"""Results of other tools become a project: suites, data, recordings, and a page that says what was carried over."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from evalkit.core.errors import DataError, Problem, UnsoundComparison, UsageError, count_of, raise_together
from evalkit.core.exchange import Example, Json, ModelIdentity, Response
from evalkit.core.fingerprint import digest_of_many, file_digest
from evalkit.core.recording import RecordingOnDisk
from evalkit.core.rows import dump
from evalkit.foreign.carry import Carried, carry_alone
from evalkit.foreign.columns import read_wishes
from evalkit.foreign.join import join
from evalkit.foreign.kinds import find_importer
from evalkit.foreign.nouns import ForeignResults, ForeignSuite, Wishes
from evalkit.pipeline.import_suites import read_configs, responses_of, suite_files
from evalkit.report.sentences import Speaker

PAGE = "IMPORTED.md"
"""Marks a folder that `evalkit import` made"""


Answers = dict[str, dict[str, Iterable[Response]]]
"""By the arm and the suite"""


@dataclass(slots=True, kw_only=True)
class Imported:
    """What is written: files in a folder, and what they hold."""

    folder: Path
    files: list[str] = field(default_factory=list)
    """Their paths in the folder"""
    arms: list[str] = field(default_factory=list)
    suites: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def write(self, name: str, lines: Iterable[bytes]) -> None:
        """Write a file, piece by piece."""
        with self.open(name) as handle:
            handle.writelines(lines)

    def open(self, name: str) -> BinaryIO:
        """Open a new file of the folder for writing."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.files.append(name)
        return path.open("wb")


def import_results(
    paths: Sequence[str],
    *,
    output: str,
    tool: str | None = None,
    columns: Sequence[str] = (),
    overwrite: bool = False,
    say: Speaker = str,
) -> Imported:
    """Read the sources and write the folder, whole or not at all.

    Its page for people is written in the language that `say` speaks.

    Rows lie in temporary files while they are paired and sorted, so that sources may be larger than memory. Raises
    UsageError or DataError (exit 2) where the folder is there, a source cannot be read, or something would have to be
    guessed.
    """
    target = Path(output)
    _may_be_written(target, overwrite=overwrite)
    wishes = replace(read_wishes(columns), on_disk=True)
    configs, left = read_configs(paths, tool)
    groups = _group(left, tool, wishes)
    joined = _join_all([*groups.values()], wishes)
    tools = {found.tool for founds in groups.values() for found in founds} | {suite.tool for suite in configs}
    files = [*map(Path, paths), *(file for suite in configs for file in suite.files)]
    with _written_whole(target) as beside:
        made = Imported(folder=beside)
        _add_all(made, configs, joined)
        made.write(PAGE, [_page(made, list(dict.fromkeys(files)), tools, say).encode()])
    made.folder = target
    return made


def _add_all(made: Imported, configs: Sequence[ForeignSuite], joined: Sequence[_Joined]) -> None:
    """Every suite with its data, then a recording an arm."""
    responses: Answers = {}
    for suite in configs:
        _add_config(made, suite)
        for word, answers in responses_of(suite).items():
            responses.setdefault(word, {})[suite.name] = answers
    for carried, notes in joined:
        if carried.suite:
            made.suites.append(carried.name)
            _add_suite(made, carried)
        for word, rows in carried.responses.items():
            responses.setdefault(word, {})[carried.name] = rows
        made.notes += [note for note in notes if note not in made.notes]
    made.arms += responses
    _add_recordings(made, responses, {name: spec for suite in configs for name, spec in suite.models.items()})


def _may_be_written(target: Path, *, overwrite: bool) -> None:
    """UsageError where something is there that would be lost: only a folder of an earlier import may be replaced."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not target.is_dir() or not (target / PAGE).is_file():
        what = f"-o {target}: there is something else here already"
        raise UsageError(Problem(what=what, todo="name a folder that is not there yet"))
    if not overwrite:
        what = f"-o {target}: results were imported here already"
        raise UsageError(Problem(what=what, todo="name another folder, or add --overwrite to replace it"))


def _read_each(paths: Sequence[str], tool: str | None, wishes: Wishes) -> list[tuple[str, Sequence[ForeignResults]]]:
    """Every source; what is wrong with any of them is told together."""
    read: list[tuple[str, Sequence[ForeignResults]]] = []
    errors: list[UsageError | DataError] = []
    for word in paths:
        try:
            _, reader = find_importer(Path(word), tool)
            read.append((word, reader.read(Path(word), wishes)))
        except (UsageError, DataError) as error:
            errors.append(error)
    raise_together(errors)
    return read


def _group(paths: Sequence[str], tool: str | None, wishes: Wishes) -> dict[str, list[ForeignResults]]:
    """The sources by the data set they are of: tables together, those of a tool by the name of the task."""
    groups: dict[str, list[ForeignResults]] = {}
    for word, founds in _read_each(paths, tool, wishes):
        for found in founds:
            found.file = Path(word).name.partition(".")[0]
            if found.tool in ("table", "llama_factory", "openai_batch", "openai_evals"):
                first = next((known for known, some in groups.items() if some[0].tool == found.tool), None)
                found.source = first or found.source
            groups.setdefault(found.source, []).append(found)
    unknown = [name for name in wishes.suites if name not in groups]
    if unknown:
        raise UsageError(Problem(what=f"--columns suite={unknown[0]}: no such task", allowed=", ".join(groups)))
    return {name: founds for name, founds in groups.items() if not wishes.suites or name in wishes.suites}


_Joined = tuple[Carried, tuple[str, ...]]


def _join_all(groups: Sequence[Sequence[ForeignResults]], wishes: Wishes) -> list[_Joined]:
    """Every data set; what is wrong with any of them is told together."""
    joined: list[_Joined] = []
    errors: list[UsageError | DataError] = []
    for founds in groups:
        try:
            joined.append(_join(founds, wishes))
        except (UsageError, DataError) as error:
            errors.append(error)
    raise_together(errors)
    return joined


def _join(founds: Sequence[ForeignResults], wishes: Wishes) -> _Joined:
    """A data set with the responses of every arm, and what is to be said about it."""
    alone = [replace(found, arms=[arm]) for found in founds for arm in found.arms]
    names = _unique(alone)
    scored = any(found.scorers or any(row.scores for row in found.arms[0].rows) for found in alone)
    try:
        if scored or alone[0].tool == "table":
            return join(names, alone, wishes)
        arms = [(name, found.arms[0]) for name, found in zip(names, alone, strict=True)]
        carried = carry_alone(alone[0].source, arms, on_disk=wishes.on_disk)
        return carried, tuple(dict.fromkeys(note for found in alone for note in (*found.carried, *found.left_out)))
    except UnsoundComparison as error:
        raise DataError(error.problems) from None


def _unique(founds: Sequence[ForeignResults]) -> list[str]:
    """The names of arms; where several have the same, the names of their files, numbered where those are the same."""
    models = [found.arms[0].name for found in founds]
    out: list[str] = []
    for found, model in zip(founds, models, strict=True):
        name = found.file if models.count(model) > 1 and found.file else model
        number, free = 1, name
        while free in out:
            number += 1
            free = f"{name} ({number})"
        out.append(free)
    return out


def _slug(name: str, taken: Iterable[str]) -> str:
    """A name of a file for an arm or a suite, in the letters of any script."""
    base = re.sub(r"[^\w.-]+", "_", name).strip("_.")[:60] or "arm"
    number, free = 1, base
    while free in set(taken):
        number += 1
        free = f"{base}-{number}"
    return free


def _add_suite(made: Imported, carried: Carried) -> None:
    taken = [Path(name).stem for name in made.files if name.endswith(".yaml")]
    slug = _slug(carried.name, taken)
    text = carried.suite.replace('{path: "data.jsonl"}', f'{{path: "data/{slug}.jsonl"}}', 1)
    made.write(f"suites/{slug}.yaml", [text.encode()])
    made.write(f"suites/data/{slug}.jsonl", (dump(_data_row(one)) + b"\n" for one in carried.examples))


def _add_config(made: Imported, suite: ForeignSuite) -> None:
    taken = [Path(name).stem for name in made.files if name.endswith(".yaml")]
    slug = _slug(suite.name, [*taken, "models"])
    text, rows = suite_files(suite, f"data/{slug}.jsonl")
    made.write(f"suites/{slug}.yaml", [text.encode()])
    made.write(f"suites/data/{slug}.jsonl", [rows])
    made.suites.append(suite.name)
    notes = (*suite.carried, *(f"not carried over: {one}" for one in suite.left_out))
    made.notes += [note for note in notes if note not in made.notes]


def _data_row(example: Example) -> dict[str, Json]:
    row: dict[str, Json] = {"id": example.id, "messages": [message.wire() for message in example.messages]}
    if example.target is not None:
        row["target"] = example.target
    if example.tags:
        row["tags"] = dict(example.tags)
    return row if example.cluster is None else {**row, "cluster": example.cluster}


def _add_recordings(made: Imported, responses: Answers, models: Mapping[str, Mapping[str, Json]]) -> None:
    """One recording an arm, and models.yaml that names them; rows say their suite where there are several.

    A model of a config whose answers came along is its recording.
    """
    several = len({suite for suites in responses.values() for suite in suites}) > 1
    lines = ["models:"]
    taken: list[str] = []
    for name, suites in responses.items():
        slug = _slug(name, taken)
        taken.append(slug)
        rows = (row if several else replace(row, suite=None) for many in suites.values() for row in many)
        recording = RecordingOnDisk()
        found = digest_of_many(_add_each(rows, recording))
        identity = ModelIdentity(name=name, provider="import", model=name, fingerprint=f"import:{found}")
        path = f"recordings/{slug}.jsonl.gz"
        with made.open(f"suites/{path}") as handle:
            recording.write(handle, identity)
        lines.append(f"  {dump(name).decode()}: {{provider: replay, recording: {dump(path).decode()}}}")
    asked = {name: spec for name, spec in models.items() if name not in responses}
    lines += [f"  {dump(name).decode()}: {dump(dict(spec)).decode()}" for name, spec in asked.items()]
    made.arms += [name for name in asked if name not in made.arms]
    if len(lines) == 1:
        lines = ["models: {}"]
    made.write("suites/models.yaml", [("\n".join(lines) + "\n").encode()])


def _add_each(rows: Iterable[Response], recording: RecordingOnDisk) -> Iterator[Response]:
    for row in rows:
        recording.add(row)
        yield row


def _page(made: Imported, paths: Sequence[Path], tools: Collection[str], say: Speaker) -> str:
    out = [f"# {say('Imported')}", "", f"| {say('source')} | {say('tool')} | SHA-256 |", "|---|---|---|"]
    for path in paths:
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        for file in files:
            name = file.name if path.is_file() else f"{path.name}/{file.relative_to(path).as_posix()}"
            out.append(f"| {name} | {', '.join(sorted(tools))} | {file_digest(file)[:16]} |")
    out += ["", f"## {say('Arms')}", "", *(f"- {name}" for name in made.arms)]
    out += ["", f"## {say('Suites')}", ""]
    out += [f"- {name}" for name in made.suites or [say("none: the sources hold answers alone")]]
    out += [
        "",
        f"## {say('What was taken for what, what was carried over, and what was not')}",
        "",
        *(f"- {say(note)}" for note in made.notes),
    ]
    if len(made.arms) > 1 and made.suites:
        pair = " ".join(f'"{name}"' for name in made.arms[:2])
        out += ["", f"## {say('Compare')}", "", say("In this folder:"), "", f"    evalkit compare {pair}"]
    return "\n".join(out) + "\n"


@contextmanager
def _written_whole(target: Path) -> Iterator[Path]:
    """A folder beside the target that is moved there at the end; an earlier import goes only then."""
    beside, old = target.with_name(f".{target.name}.part"), target.with_name(f".{target.name}.old")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        yield beside
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
        beside.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise UsageError(Problem(what=f"-o {target} cannot be written: {error.strerror or error}")) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        if old.exists() and not target.exists():
            old.rename(target)


def summary(made: Imported, output: str) -> str:
    """Write what was made, in two lines."""
    suites = count_of(len(made.suites), "suite")
    line = f"{output}: {suites}, {count_of(len(made.arms), 'recording')}; {PAGE} says what was carried over"
    if len(made.arms) < 2 or not made.suites:
        return line
    pair = " ".join(f'"{name}"' for name in made.arms[:2])
    return f"{line}\nnext: evalkit compare {pair} --suite {output}/suites --models {output}/suites/models.yaml"
