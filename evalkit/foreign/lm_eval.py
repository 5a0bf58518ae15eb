"""lm-eval-harness: folders that `--log_samples` writes, one data set a task, one score a metric."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Json
from evalkit.core.json_lines import json_lines
from evalkit.core.on_disk import ManyRows, RowStore, group_in_order, row_store
from evalkit.foreign.nouns import Better, ForeignArm, ForeignResults, ForeignRow, Wishes
from evalkit.foreign.sheets import read_json

_SAMPLES = re.compile(r"samples_(?P<task>.+?)_(?P<date>\d{4}-\d\d-\d\dT[\d\-.:]+)\.jsonl(\.gz)?")
_RESULTS = re.compile(r"results_(?P<date>.+)\.json")

_MOST = 1_000
"""Problems after which a file is not read further"""


class LmEval:
    """A folder with samples_TASK_DATE.jsonl (or one such file); results_DATE.json names the model."""

    def fits(self, path: Path) -> bool:
        """Tell whether the path holds files of samples, at any depth."""
        if path.is_file():
            return _SAMPLES.fullmatch(path.name) is not None
        return any(_SAMPLES.fullmatch(file.name) for file in path.rglob("samples_*"))

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read one data set per task; an arm is a folder of samples.

        Of several runs in one folder the newest of a task counts.
        """
        founds: dict[str, ForeignResults] = {}
        folders = [path.parent] if path.is_file() else _folders(path)
        several = len(folders) > 1
        for folder in folders:
            files = [path] if path.is_file() else sorted(folder.iterdir())
            name, directions, notes = _run_of(folder)
            label = str(folder.relative_to(path)) if several else name
            for task, (file, older) in _newest(files).items():
                found = founds.setdefault(task, ForeignResults(tool="lm_eval", source=task, arms=[]))
                rows, left_out = _rows(file, on_disk=wishes.on_disk)
                found.arms.append(ForeignArm(name=label, rows=rows))
                found.directions |= directions.get(task, {})
                found.carried += [note for note in notes if note not in found.carried]
                found.left_out += left_out
                if older:
                    found.left_out.append(f"{older} older runs of {task} in {folder.name}: the newest is read")
        return list(founds.values())


def _folders(path: Path) -> list[Path]:
    return sorted({file.parent for file in path.rglob("samples_*") if _SAMPLES.fullmatch(file.name)})


def _newest(files: Sequence[Path]) -> dict[str, tuple[Path, int]]:
    """Task -> its newest file of samples, and how many older ones there are."""
    dated: dict[str, list[tuple[str, Path]]] = {}
    for file in files:
        match = _SAMPLES.fullmatch(file.name)
        if match is not None:
            dated.setdefault(match["task"], []).append((match["date"], file))
    return {task: (max(several)[1], len(several) - 1) for task, several in sorted(dated.items())}


def _run_of(folder: Path) -> tuple[str, dict[str, dict[str, Better]], list[str]]:
    """The model's name, which end of each metric is good, by task, and what is worth telling."""
    dated = [(match["date"], file) for file in folder.iterdir() if (match := _RESULTS.fullmatch(file.name))]
    if not dated:
        return folder.name, {}, [f"{folder.name}: no results_*.json: the model has the folder's name"]
    value = read_json(max(dated)[1])
    value = value if isinstance(value, dict) else {}
    better = value.get("higher_is_better")
    directions: dict[str, dict[str, Better]] = {
        task: {metric: "higher" if up else "lower" for metric, up in metrics.items() if isinstance(up, bool)}
        for task, metrics in (better.items() if isinstance(better, dict) else ())
        if isinstance(metrics, dict)
    }
    name = value.get("model_name") or folder.name
    notes = [f"lm-eval {value['lm_eval_version']}"] if value.get("lm_eval_version") else []
    return str(name), directions, notes


def _rows(file: Path, *, on_disk: bool) -> tuple[ManyRows[ForeignRow], list[str]]:
    """The documents of a task. With several filters each stands there several times: a score a filter then."""
    problems: list[Problem] = []
    filters: set[str] = set()
    odd: set[tuple[str, str]] = set()
    for _, value in _samples(file, problems):
        told = str(value.get("filter", "none"))
        filters.add(told)
        for metric in _metrics(value):
            one = value.get(metric)
            if one is not None and not isinstance(one, (bool, int, float)):
                odd.add((metric, told))
    if problems:
        raise DataError(problems[:5])
    naming = _Naming(several=len(filters) > 1)
    skipped = {naming.name(metric, told) for metric, told in odd}
    rows: RowStore[ForeignRow] = row_store(on_disk=on_disk)
    read = (_scored_row(number, value, file, naming, skipped) for number, value in _samples(file, problems))
    if not naming.several:
        for row in read:
            rows.append(row)
    else:
        for same in group_in_order(((row.id, row) for row in read), on_disk=on_disk):
            scores = {name: value for row in same for name, value in row.scores.items()}
            rows.append(replace(same[0], scores=scores))
    return rows, [f"{name}: not a number for each document (lm-eval adds it up over all)" for name in sorted(skipped)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Naming:
    """What scores are called: by the metric, and the filter where there are several."""

    several: bool

    def name(self, metric: str, told: str) -> str:
        return f"{metric}_{told}" if self.several else metric


def _scored_row(
    number: int, value: Mapping[str, Json], file: Path, naming: _Naming, skipped: Collection[str]
) -> ForeignRow:
    row = _row(str(value.get("doc_id", number - 1)), value, f"{file.name}:{number}")
    named = {naming.name(metric, str(value.get("filter", "none"))): value.get(metric) for metric in _metrics(value)}
    row.scores = {name: one for name, one in named.items() if name not in skipped}
    return row


def _samples(file: Path, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, Json]]]:
    for number, value in json_lines(file, problems, most=_MOST):
        if isinstance(value, dict):
            yield number, value
        else:
            where = Location(file=str(file), line=number)
            problems.append(Problem(what="a sample must be an object", where=where))


def _metrics(value: Mapping[str, Json]) -> list[str]:
    """The metrics a sample names; of older versions, which do not, what is no other known key."""
    named = value.get("metrics")
    if isinstance(named, list):
        return [str(name) for name in named]
    known = {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "doc_hash", "prompt_hash",
             "target_hash", "schedule"}  # fmt: skip
    return [name for name in value if name not in known]


def _row(ident: str, value: Mapping[str, Json], where: str) -> ForeignRow:
    calls = _calls(value.get("arguments"))
    asked = str(calls[0][0]) if calls and calls[0] else None
    scored = [_log_likelihood(one) for one in value.get("resps") or []]
    target = value.get("target")
    if len(calls) > 1 and len(scored) == len(calls) and None not in scored:
        choices = [str(call[1]).strip() if len(call) > 1 else "" for call in calls]
        best = max(range(len(scored)), key=lambda index: scored[index] or 0.0)
        right = int(str(target)) if str(target).isdecimal() and int(str(target)) < len(choices) else None
        shown = choices[right] if right is not None else target
        return ForeignRow(id=ident, where=where, input=asked, text=choices[best], target=shown)
    return ForeignRow(id=ident, where=where, input=asked, text=_text(value.get("resps")), target=target)


def _calls(arguments: Json) -> list[list[Json]]:
    """What was sent to the model: objects of arg_0, arg_1 (today), or lists (before)."""
    if isinstance(arguments, dict):
        return [list(one.values()) if isinstance(one, dict) else [one] for one in arguments.values()]
    if isinstance(arguments, list):
        return [list(one) if isinstance(one, list) else [one] for one in arguments]
    return []


def _log_likelihood(one: Json) -> float | None:
    """The log-likelihood of a choice: [[value, is_greedy]], as numbers or as texts."""
    while isinstance(one, list) and one and isinstance(one[0], list):
        one = one[0]
    if not isinstance(one, list) or len(one) != 2:
        return None
    try:
        return float(one[0])
    except (TypeError, ValueError):
        return None


def _text(resps: Json) -> str | None:
    while isinstance(resps, list) and resps:
        resps = resps[0]
    return resps if isinstance(resps, str) else None
