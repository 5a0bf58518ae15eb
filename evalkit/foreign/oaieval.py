"""oaieval (the open-source Evals): its log of events, one arm, `match` and `metrics` events as scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Json, Message
from evalkit.core.json_lines import json_lines
from evalkit.core.on_disk import ManyRows, RowStore, group_in_order, row_store
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, Wishes
from evalkit.foreign.survey import survey_scores
from evalkit.foreign.texts import bare, first_line

_SCORES = {"match": "correct", "metrics": "score"}
"""Event -> the key of its data that is the score"""
_MOST = 1_000
"""Problems after which a log is not read further"""


class OaiEval:
    """The JSON lines that oaieval writes to its record path."""

    def fits(self, path: Path) -> bool:
        """Tell whether the first line has `spec`, as logs of the tool have."""
        if not (path.is_file() and bare(path).endswith((".jsonl", ".log"))):
            return False
        first = first_line(path, 5000)
        return b'"spec"' in first and (b'"completion_fns"' in first or b'"eval_name"' in first)

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read one data set, the eval, and one arm, the completion function."""
        problems: list[Problem] = []
        log = _Log()
        rows: RowStore[ForeignRow] = row_store(on_disk=wishes.on_disk)
        for events in group_in_order(log.read(path, problems), on_disk=wishes.on_disk):
            row = ForeignRow(id=str(events[0][2]["sample_id"]), where=f"{path.name}:{events[0][0]}")
            for _, kind, value in events:
                _event(row, kind, value["data"])
            rows.append(row)
        if problems:
            raise DataError(problems[:5])
        if not len(rows):
            raise DataError(Problem(what="the log holds no event of a sample", where=Location(file=str(path))))
        names = survey_scores(rows)
        spec, kinds = log.spec, log.kinds
        name = ", ".join(map(str, spec.get("completion_fns") or [])) or path.name
        found = ForeignResults(
            tool="oaieval", source=str(spec.get("eval_name") or path.name.partition(".")[0]), arms=[]
        )
        found.arms = [ForeignArm(name=name, rows=_Whole(rows, [*names]))]
        found.directions = dict.fromkeys(names, "higher")
        found.carried.append(f"{path.name}: events {', '.join(f'{kind} ({n:,})' for kind, n in sorted(kinds.items()))}")
        left = sorted(set(kinds) - {"sampling", "raw_sample", *_SCORES})
        found.left_out += [f"events of the type {kind!r}: not read" for kind in left]
        return [found]


class _Log:
    """The events of samples, and what stands beside them."""

    def __init__(self) -> None:
        self.spec: dict[str, Json] = {}
        self.kinds: dict[str, int] = {}

    def read(self, path: Path, problems: list[Problem]) -> Iterator[tuple[str, tuple[int, str, dict[str, Json]]]]:
        """Give every event under the id of its sample: its line, its type, itself."""
        for number, value in json_lines(path, problems, most=_MOST):
            if not isinstance(value, dict):
                continue
            if not self.spec and isinstance(value.get("spec"), dict):
                self.spec = value["spec"]
            if value.get("sample_id") is None or not isinstance(value.get("data"), dict):
                continue
            kind = str(value.get("type"))
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            yield str(value["sample_id"]), (number, kind, value)


class _Whole:
    """ManyRows that all have every score, None where the log has none."""

    def __init__(self, rows: ManyRows[ForeignRow], names: Sequence[str]) -> None:
        self._rows = rows
        self._names = names

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ForeignRow]:
        for row in self._rows:
            yield replace(row, scores={**dict.fromkeys(self._names), **row.scores})


def _event(row: ForeignRow, kind: str, data: Mapping[str, Json]) -> None:
    if kind == "sampling":
        if not row.asked:
            _ask(row, data.get("prompt"))
        row.text = _first(data.get("sampled"))
    elif kind == "raw_sample":
        if row.target is None:
            row.target = data.get("ideal")
    elif kind == "match":
        row.scores = {**row.scores, "correct": data.get("correct")}
        row.target = data.get("expected", row.target)
        row.text = row.text if row.text is not None else _first(data.get("sampled"))
    elif kind == "metrics":
        numbers = {f"{name}": one for name, one in data.items() if isinstance(one, (bool, int, float))}
        row.scores = {**row.scores, **numbers}


def _ask(row: ForeignRow, prompt: Json) -> None:
    if isinstance(prompt, str):
        row.input = prompt
    elif isinstance(prompt, list):
        row.messages = tuple(
            Message(role=str(turn.get("role") or "user"), content=str(turn.get("content") or ""))
            for turn in prompt
            if isinstance(turn, dict)
        )


def _first(sampled: Json) -> str | None:
    while isinstance(sampled, list) and sampled:
        sampled = sampled[0]
    return None if sampled is None or sampled == [] else str(sampled)
