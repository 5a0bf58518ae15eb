"""Tool calls in the rows: tools that are not offered, ids without a partner, arguments that are no JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from evalkit.core.data_report import DataFinding, Level
from evalkit.core.exchange import Json
from evalkit.data.checks.base import Hits, RowCheck
from evalkit.data.checks.data_row import DataRow, DataTurn

WHAT: Mapping[str, tuple[Level, str, str]] = {
    "not offered": (
        "error",
        "a call of a tool that the row does not offer",
        "offer the tool in `tools`, or take the call out",
    ),
    "no tools": (
        "warning",
        "calls of tools in rows that offer none",
        "write the tools into `tools`: a model is asked with them as well",
    ),
    "no json": ("error", "arguments of a call are no JSON object", "write them as the JSON text of an object"),
    "twice": ("warning", "arguments of a call are encoded twice: JSON text within JSON text", "decode them once"),
    "schema": ("warning", "arguments of a call do not fit the tool's schema", "mend the arguments, or the schema"),
    "no result": (
        "error",
        "a call has no result before the next turn",
        "give a turn of role `tool` with the id of the call",
    ),
    "no call": (
        "error",
        "the result of a tool belongs to no call before it",
        "repeat the id of the call in `tool_call_id`",
    ),
    "same id": ("error", "two calls of one turn have the same id", "give each call an id of its own"),
}
"""Fault -> level, what is said, what to do"""


class CallsInRows(RowCheck):
    """Counts tool calls that contradict the rest of their row."""

    name = "calls"

    def __init__(self) -> None:
        self.hits: dict[str, Hits] = {key: Hits() for key in WHAT}
        self.rows = self.calls = 0

    def look(self, row: DataRow) -> None:
        """Look at every call of a row."""
        calls = [call for turn in row.turns for call in _calls_of(turn)]
        if not calls and not any(turn.role == "tool" for turn in row.turns):
            return
        self.rows += 1
        self.calls += len(calls)
        offered = _tools_of(row)
        for call in calls:
            self._call(row, call, offered)
        self._pair(row)

    def _call(self, row: DataRow, call: Json, offered: Mapping[str, str] | None) -> None:
        inner = call.get("function", call) if isinstance(call, Mapping) else {}
        name = inner.get("name") if isinstance(inner, Mapping) else None
        if not isinstance(name, str) or (isinstance(call, Mapping) and call.get("type") == "custom"):
            return
        if not offered:
            self.hits["no tools"].add(row, word=name)
        elif name not in offered:
            self.hits["not offered"].add(row, word=name)
        fault, arguments = read_arguments(inner.get("arguments"))
        if fault:
            self.hits[fault].add(row, excerpt=str(inner.get("arguments")), word=name)
        if arguments is not None and offered and name in offered and not _expects(arguments):
            wrong = _misfit(offered[name], json.dumps(arguments, sort_keys=True))
            if wrong:
                self.hits["schema"].add(row, excerpt=wrong, word=name)

    def _pair(self, row: DataRow) -> None:
        """Ids of calls against those of results; rows that give no ids are not looked at."""
        waiting: list[str] = []
        known = False
        for turn in row.turns:
            result = turn.raw.get("tool_call_id")
            if turn.role == "tool":
                if isinstance(result, str) and result in waiting:
                    waiting.remove(result)
                elif isinstance(result, str):
                    self.hits["no call"].add(row, word=result)
                continue
            if waiting and known:
                self.hits["no result"].add(row, word=waiting[0])
            ids = [call["id"] for call in turn.calls if isinstance(call, Mapping) and isinstance(call.get("id"), str)]
            if len(set(ids)) < len(ids):
                self.hits["same id"].add(row)
            waiting, known = ids, bool(ids)

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give the faults, the worst first."""
        for key, (level, what, todo) in WHAT.items():
            yield from self.hits[key].finding(self.name, level, what, todo)

    def facts(self) -> Mapping[str, Json]:
        """Return how many rows call tools."""
        return {"rows": self.rows, "calls": self.calls} if self.rows else {}


def read_arguments(value: Json) -> tuple[str, Mapping[str, Json] | None]:
    """Read the arguments of a call.

    Returns what is wrong ("" for nothing), and the object.

    >>> read_arguments('"{\\\\"a\\\\": 1}"')
    ('twice', {'a': 1})
    """
    if value is None or value == "":
        return "", None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return "no json", None
        if isinstance(value, str):
            try:
                inner = json.loads(value)
            except ValueError:
                return "no json", None
            return ("twice", inner) if isinstance(inner, Mapping) else ("no json", None)
    return ("", value) if isinstance(value, Mapping) else ("no json", None)


def _calls_of(turn: DataTurn) -> Sequence[Json]:
    legacy = turn.raw.get("function_call")
    return [*turn.calls, *([legacy] if isinstance(legacy, Mapping) else ())]


def _expects(arguments: Mapping[str, Json]) -> bool:
    """Whether arguments are what a suite expects (matchers), not what a model writes."""
    return any(isinstance(value, Mapping) and value.keys() & {"any_of", "optional"} for value in arguments.values())


def _tools_of(row: DataRow) -> Mapping[str, str] | None:
    """The tools of a row, name -> schema as JSON text; None where there are none."""
    asked = row.raw.get("input")
    holder = asked if isinstance(asked, Mapping) and "tools" in asked else row.raw
    tools = holder.get("tools") or holder.get("functions")
    if not tools:
        return None
    return _read_tools(tools if isinstance(tools, str) else json.dumps(tools))


@lru_cache(maxsize=256)
def _read_tools(text: str) -> Mapping[str, str] | None:
    try:
        tools = json.loads(text)
    except ValueError:
        return None
    found = {}
    for tool in tools if isinstance(tools, list) else ():
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if isinstance(function, Mapping) and isinstance(function.get("name"), str):
            found[function["name"]] = json.dumps(function.get("parameters") or {})
    return found or None


@lru_cache(maxsize=4096)
def _misfit(schema: str, arguments: str) -> str:
    """What of the arguments the schema forbids; empty for nothing, and for a schema that is none."""
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.exceptions import best_match

    try:
        shape = json.loads(schema)
        Draft202012Validator.check_schema(shape)
        wrong = best_match(Draft202012Validator(shape).iter_errors(json.loads(arguments)))
    except (SchemaError, RecursionError, ValueError):
        return ""
    return "" if wrong is None else str(wrong.message)
