"""What OpenAI's fine-tuning asks of a file: keys, turns, weights, tools, ten rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from evalkit.core.data_report import DataFinding, Level
from evalkit.core.exchange import Json
from evalkit.data.checks.base import Hits, RowCheck, list_words
from evalkit.data.checks.data_row import DataRow

LEAST_ROWS = 10
_ROW = frozenset(("messages", "tools", "parallel_tool_calls", "functions", "function_call", "tool_choice"))
_TURN = frozenset(
    ("role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal", "audio")
)
_PAIR = frozenset((
    "input", "preferred_output", "non_preferred_output", "preferred_completion", "non_preferred_completion"
))  # fmt: skip
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_SPELLED = ("row keys", "turn keys")
WHAT: Mapping[str, tuple[str, str]] = {
    "row keys": (
        "OpenAI refuses rows with other keys",
        "take the keys out, or write the file anew: evalkit data convert --to openai-chat",
    ),
    "turn keys": ("OpenAI refuses turns with other keys", "take the keys out of the turns"),
    "weight": ("a weight must be 0 or 1, on an assistant turn", "write 0 (not trained) or 1 (trained)"),
    "call": (
        "OpenAI needs an `id`, `type: function` and arguments as JSON text in every tool call",
        "write calls as the chat API returns them",
    ),
    "result": (
        "OpenAI needs a `tool_call_id` in every turn of a tool",
        "repeat the id of the call that the turn answers",
    ),
    "tool": (
        "a tool has no valid definition",
        "give a name of letters, digits, _ and - (64 at most) and a JSON Schema of an object in `parameters`",
    ),
    "tool twice": ("a tool is offered twice in one row", "offer each tool once"),
    "parallel": ("`parallel_tool_calls` without tools is refused by OpenAI", "take it out, or offer the tools"),
    "image": ("OpenAI refuses images in what an assistant says", "keep images in user turns"),
    "asked": (
        "the conversation that both answers follow must end with a user or a tool",
        "leave the answer out of `input.messages`",
    ),
}
"""Fault -> what is said, what to do"""


class OpenAiRows(RowCheck):
    """Counts what OpenAI's fine-tuning would refuse.

    `level` says how bad that is: an error where the file is for OpenAI.
    """

    name = "openai"

    def __init__(self, *, level: Level) -> None:
        self.level = level
        self.hits: dict[str, Hits] = {key: Hits() for key in WHAT}
        self.ends = {"assistant": Hits(), "other": Hits()}
        self.graded: Counter[str] = Counter()
        self.chats = 0

    def look(self, row: DataRow) -> None:
        """Look at a row that has `messages`, or a preference."""
        raw = row.raw
        messages = raw.get("messages")
        if row.shape == "preference" and isinstance(raw.get("input"), Mapping):
            self.chats += 1
            self._preference(row)
        elif isinstance(messages, list) and messages and not {"target", "choices", "tags", "cluster"} & raw.keys():
            self.chats += 1
            ends = "assistant" if row.turns and row.turns[-1].role == "assistant" else "other"
            self.ends[ends].add(row)
            others = raw.keys() - _ROW
            if ends == "assistant":
                for key in sorted(others):
                    self.hits["row keys"].add(row, word=key)
            else:
                self.graded.update(others)
            self._turns(row)
            self._tools(row, raw)

    def _preference(self, row: DataRow) -> None:
        for key in sorted(row.raw.keys() - _PAIR):
            self.hits["row keys"].add(row, word=key)
        asked = row.raw["input"]
        said = asked.get("messages")
        last = said[-1] if isinstance(said, list) and said else None
        if isinstance(last, Mapping) and last.get("role") not in ("user", "tool"):
            self.hits["asked"].add(row, word=str(last.get("role")))
        self._turns(row)
        self._tools(row, asked)

    def _turns(self, row: DataRow) -> None:
        read = row.example is not None  # else the reader has told what is wrong with weights and parts
        for turn in row.turns:
            raw = turn.raw
            if not raw.keys() <= _TURN:
                for key in sorted(raw.keys() - _TURN):
                    self.hits["turn keys"].add(row, word=key)
            weight, said = raw.get("weight"), turn.role == "assistant"
            if read and weight is not None and (type(weight) is not int or weight not in (0, 1) or not said):
                self.hits["weight"].add(row, word=str(weight))
            if turn.role == "tool" and not isinstance(raw.get("tool_call_id"), str):
                self.hits["result"].add(row)
            content = raw.get("content")
            if read and said and isinstance(content, list) and "image_url" in map(_part_type, content):
                self.hits["image"].add(row)
            for call in turn.calls:
                if not _is_call(call):
                    self.hits["call"].add(row)

    def _tools(self, row: DataRow, holder: Mapping[str, Json]) -> None:
        tools = holder.get("tools")
        if not tools:
            if holder is row.raw and "tools" not in holder and holder.get("parallel_tool_calls") is not None:
                self.hits["parallel"].add(row)
            return
        if isinstance(tools, list):
            faults, twice = check_tools(json.dumps(tools, sort_keys=True, ensure_ascii=False))
            for fault in faults:
                self.hits["tool"].add(row, word=fault)
            for name in twice:
                self.hits["tool twice"].add(row, word=name)

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give what would be refused, and too few rows."""
        if not self.chats:
            return
        if rows < LEAST_ROWS:
            todo = "add rows"
            yield DataFinding(
                check=self.name, level=self.level, what="OpenAI trains on 10 rows or more", todo=todo, detail=f"{rows}"
            )
        answered, open_ = self.ends["assistant"], self.ends["other"]
        if answered.rows and open_.rows:
            reinforced = open_.rows > answered.rows
            odd = answered if reinforced else open_
            what = "the last turn is of a user or a tool, unlike most rows"
            if reinforced:
                what = "the last turn is of an assistant, unlike most rows"
            todo = "end every row with the answer to train on (reinforcement: with the question)"
            yield from odd.finding(self.name, self.level, what, todo)
        lacking = Counter({key: open_.rows - n for key, n in self.graded.items() if n < open_.rows})
        if lacking and open_.rows > answered.rows:
            yield DataFinding(
                check=self.name, level="warning", what="keys that a grader may read are not in every row",
                todo="fill them in, or leave the rows out", detail=list_words(lacking), rows=max(lacking.values()),
            )  # fmt: skip
        for key, (what, todo) in WHAT.items():
            yield from self.hits[key].finding(self.name, self.level, what, todo)


def _part_type(part: Json) -> Json:
    return part.get("type") if isinstance(part, Mapping) else None


def _is_call(call: Json) -> bool:
    if not isinstance(call, Mapping) or not isinstance(call.get("id"), str) or call.get("type") != "function":
        return isinstance(call, Mapping) and call.get("type") == "custom"
    inner = call.get("function")
    return isinstance(inner, Mapping) and isinstance(inner.get("name"), str) and isinstance(inner.get("arguments"), str)


@lru_cache(maxsize=256)
def check_tools(tools: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Check tool definitions, given as JSON text.

    Returns the names of tools without a valid definition, and those of tools offered twice.
    """
    wrong, names = [], []
    offered: Sequence[Json] = json.loads(tools)
    for index, tool in enumerate(offered):
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        name = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(name, str) or not _NAME.fullmatch(name):
            wrong.append(str(name or f"tools[{index}]"))
            continue
        names.append(name)
        if not _is_schema(function.get("parameters")):
            wrong.append(name)
    return tuple(wrong), tuple(name for name, count in Counter(names).items() if count > 1)


def _is_schema(parameters: Json) -> bool:
    if parameters is None:
        return True
    if not isinstance(parameters, Mapping) or parameters.get("type", "object") != "object":
        return False
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(dict(parameters))
    except SchemaError:
        return False
    return True
