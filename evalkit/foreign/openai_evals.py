"""OpenAI's hosted Evals: the output items of runs, each run an arm, each grader a score."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Failure, Json, Message, Usage
from evalkit.core.json_lines import json_lines
from evalkit.core.on_disk import RowStore, row_store
from evalkit.foreign.columns import FIELDS
from evalkit.foreign.known_scores import name_key
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, Wishes, as_list, as_object
from evalkit.foreign.sheets import read_json
from evalkit.foreign.texts import bare, head_bytes

_UUID = re.compile(r"[-_ ][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_ITEM = b'"eval.run.output_item"'
_MOST = 1_000
"""Problems after which a file is not read further"""


class OpenAIEvals:
    """Output items as the API lists them.

    An object with `data`, an array, or one a line.
    """

    def fits(self, path: Path) -> bool:
        """Tell whether the file is JSON or JSON lines with output items."""
        if not (path.is_file() and bare(path).endswith((".json", ".jsonl"))):
            return False
        head = head_bytes(path, 200_000)
        return _ITEM in head.replace(b'" :', b'":') or (b'"datasource_item"' in head and b'"results"' in head)

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read a data set per eval, an arm per run, named by model."""
        items: RowStore[dict[str, Json]] = row_store(on_disk=wishes.on_disk)
        for one in iterate_items(path):
            if isinstance(one, dict):
                items.append(one)
        if not len(items):
            raise DataError(Problem(what="no output items in this file", where=Location(file=str(path))))
        runs = _runs(items)
        found = ForeignResults(tool="openai_evals", source=path.name.partition(".")[0], arms=[])
        rows: dict[str, RowStore[ForeignRow]] = {}
        names: dict[str, None] = {}
        graded = _is_graded(items)
        for number, one in enumerate(items, start=1):
            row, arm = _row(one, number, graded), runs[str(one.get("run_id"))]
            if arm not in rows:
                rows[arm] = row_store(on_disk=wishes.on_disk)
            rows[arm].append(row)
            names.update(dict.fromkeys(row.scores))
        found.arms = [ForeignArm(name=name, rows=some) for name, some in rows.items()]
        found.directions = dict.fromkeys(names, "higher")
        found.carried.append(f"{path.name}: verdicts of the graders {', '.join(names)}, as given scores")
        found.left_out.append("the graders themselves: their verdicts are read, they are not run again")
        return [found]


def read_items(path: Path) -> list[Json]:
    """Read the objects of a JSON or JSON lines file."""
    return [*iterate_items(path)]


def iterate_items(path: Path) -> Iterator[Json]:
    """Give the objects of a JSON or JSON lines file, one by one."""
    if not bare(path).endswith(".jsonl"):
        yield from _to_list(read_json(path))
        return
    problems: list[Problem] = []
    for _, value in json_lines(path, problems, most=_MOST):
        yield from _to_list(value)
    if problems:
        raise DataError(problems[:5])


def _to_list(value: Json) -> list[Json]:
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        return list(value["data"])
    return list(value) if isinstance(value, list) else [value]


def _runs(items: Iterable[Mapping[str, Json]]) -> dict[str, str]:
    """Run -> the name of its arm: the model, with the run where two runs asked one model."""
    models: dict[str, str] = {}
    for one in items:
        sample = one.get("sample")
        named = sample.get("model") if isinstance(sample, dict) else None
        run = str(one.get("run_id"))
        models[run] = models.get(run) or str(named or "")
    names = list(models.values())
    return {run: name if name and names.count(name) == 1 else f"{name or 'run'} {run}" for run, name in models.items()}


def _is_graded(items: Iterable[Mapping[str, Json]]) -> set[str]:
    """The graders that give more than 0 and 1."""
    found = set()
    for one in items:
        for result in as_list(one.get("results")):
            if isinstance(result, dict) and result.get("score") not in (0, 1, None):
                found.add(_grader(result))
    return found


def _grader(result: Mapping[str, Json]) -> str:
    return _UUID.sub("", str(result.get("name") or "grader"))


def _row(one: Mapping[str, Json], number: int, graded: set[str]) -> ForeignRow:
    sample = as_object(one.get("sample"))
    item = as_object(one.get("datasource_item"))
    error = sample.get("error")
    failed = None
    if isinstance(error, dict) and any(error.values()):
        failed = Failure(kind="other", message=str(error.get("message") or error.get("code"))[:500])
    scores: dict[str, Json] = {}
    for result in as_list(one.get("results")):
        if isinstance(result, dict):
            name = _grader(result)
            scores[name] = result.get("passed")
            if name in graded:
                scores[f"{name} score"] = result.get("score")
    ident = one.get("datasource_item_id", number)
    usage = as_object(sample.get("usage"))
    counts = {"input": usage.get("prompt_tokens"), "output": usage.get("completion_tokens")}
    return ForeignRow(
        id=str(ident),
        where=str(one.get("id") or f"item {number}"),
        messages=tuple(turns_of_items(sample.get("input"))),
        text=None if failed else "".join(str(turn.content or "") for turn in turns_of_items(sample.get("output"))),
        target=target_of(item),
        scores={} if failed else scores,
        failure=failed,
        usage=Usage(**{name: count for name, count in counts.items() if isinstance(count, int)}) if usage else None,
    )


def turns_of_items(turns: Json) -> Iterator[Message]:
    """Read the turns of a sample."""
    for one in turns if isinstance(turns, list) else []:
        if isinstance(one, dict):
            content = one.get("content")
            if isinstance(content, list):
                content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
            yield Message(role=str(one.get("role") or "user"), content=content if isinstance(content, str) else "")


def target_of(item: Mapping[str, Json]) -> Json:
    """Return the item's target by its common names, also below `item`."""
    inner = as_object(item.get("item")) or item
    return next((inner[key] for name in FIELDS["target"] for key in inner if name_key(key) == name), None)
