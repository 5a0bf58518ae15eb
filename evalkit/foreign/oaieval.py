"""oaieval (the open-source Evals): its log of events, one arm, `match` and `metrics` events as scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Json, Message
from evalkit.core.json_lines import json_lines
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, Wishes
from evalkit.foreign.sheets import bare, raw_bytes

_SCORES = {"match": "correct", "metrics": "score"}
"""Event -> the key of its data that is the score"""


class OaiEval:
    """The JSON lines that oaieval writes to its record path."""

    def fits(self, path: Path) -> bool:
        """Tell whether the first line has `spec`, as logs of the tool have."""
        if not (path.is_file() and bare(path).endswith((".jsonl", ".log"))):
            return False
        first = raw_bytes(path)[:5000].partition(b"\n")[0]
        return b'"spec"' in first and (b'"completion_fns"' in first or b'"eval_name"' in first)

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read one data set, the eval, and one arm, the completion function."""
        problems: list[Problem] = []
        lines = [(number, value) for number, value in json_lines(path, problems) if isinstance(value, dict)]
        if problems:
            raise DataError(problems[:5])
        spec: dict[str, Json] = next((value["spec"] for _, value in lines if isinstance(value.get("spec"), dict)), {})
        rows: dict[str, ForeignRow] = {}
        kinds: dict[str, int] = {}
        for number, value in lines:
            ident, data = value.get("sample_id"), value.get("data")
            if ident is None or not isinstance(data, dict):
                continue
            row = rows.setdefault(str(ident), ForeignRow(id=str(ident), where=f"{path.name}:{number}"))
            kind = str(value.get("type"))
            kinds[kind] = kinds.get(kind, 0) + 1
            _event(row, kind, data)
        if not rows:
            raise DataError(Problem(what="the log holds no event of a sample", where=Location(file=str(path))))
        names = dict.fromkeys(name for row in rows.values() for name in row.scores)
        for row in rows.values():
            row.scores = {**dict.fromkeys(names), **row.scores}
        name = ", ".join(map(str, spec.get("completion_fns") or [])) or path.name
        found = ForeignResults(
            tool="oaieval", source=str(spec.get("eval_name") or path.name.partition(".")[0]), arms=[]
        )
        found.arms = [ForeignArm(name=name, rows=list(rows.values()))]
        found.directions = dict.fromkeys(names, "higher")
        found.carried.append(f"{path.name}: events {', '.join(f'{kind} ({n:,})' for kind, n in sorted(kinds.items()))}")
        left = sorted(set(kinds) - {"sampling", "raw_sample", *_SCORES})
        found.left_out += [f"events of the type {kind!r}: not read" for kind in left]
        return [found]


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
