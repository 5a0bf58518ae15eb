"""Examples back into rows of the fine-tuning world's formats."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Example, Json, Message, ToolCall
from evalkit.data.written import is_csv

Row = dict[str, Json]


def to_rows(examples: Iterable[Example], *, format: str) -> Iterator[Row]:
    """Convert examples to the rows of a format.

    Ids, tags and clusters go along in every format but csv (where tags become columns), so that reading the rows
    again gives the same examples wherever the format can hold them. Raises UsageError for an unknown format and
    DataError naming the examples that the format cannot hold (choices in alpaca, tool calls in completions, ...).
    """
    writer = WRITERS.get(format)
    if writer is None:
        near = did_you_mean(format, WRITERS)
        raise UsageError(Problem(what=f"cannot write the format {format!r}{near}", allowed=join_allowed(list(WRITERS))))
    for example in examples:
        try:
            row = writer(example)
        except _CannotHold as error:
            raise DataError(Problem(what=f"{format} cannot hold the example {example.id!r}: {error}")) from None
        yield row if format == "csv" else {**row, **_beside(example)}


def write_rows(path: str | Path, rows: Iterable[Mapping[str, Json]]) -> int:
    """Write rows as JSON lines or CSV, and return how many.

    The name of the file decides: .jsonl, .jsonl.gz, .csv, .csv.gz.

    The file is written whole or not at all; DataError where it cannot be written.
    """
    target = Path(path)
    kept = list(rows)
    text = _csv(kept) if is_csv(target) else "".join(f"{_line(row)}\n" for row in kept)
    raw = text.encode("utf-8")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        part.write_bytes(gzip.compress(raw, mtime=0) if target.name.endswith(".gz") else raw)
        part.replace(target)
    except OSError as error:
        raise DataError(Problem(what=f"cannot write {target}: {error.strerror or error}")) from None
    return len(kept)


class _CannotHold(ValueError):
    """The format has no place for something in the example."""


def _native(example: Example) -> Row:
    target = example.target
    row: Row = {"messages": [_turn(turn) for turn in example.messages]}
    if example.choices:
        row["choices"] = list(example.choices)
    return row if target is None else {**row, "target": target}


def _chat(example: Example) -> Row:
    if example.choices:
        raise _CannotHold("it has choices")
    row: Row = {"messages": [_turn(turn) for turn in (*example.messages, *_answer(example))]}
    return row


def _completion(example: Example) -> Row:
    return {"prompt": _single(example), "completion": _text(example)}


def _preference(example: Example) -> Row:
    good, bad = _pair(example)
    return {
        "input": {"messages": [_turn(turn) for turn in example.messages]},
        "preferred_output": [{"role": "assistant", "content": good}],
        "non_preferred_output": [{"role": "assistant", "content": bad}],
    }


def _trl(example: Example) -> Row:
    turns: list[Json] = [_turn(turn) for turn in example.messages]
    if example.choices:
        good, bad = _pair(example)
        sides = {"chosen": good, "rejected": bad}
        return {"prompt": turns, **{k: [{"role": "assistant", "content": v}] for k, v in sides.items()}}
    return {"prompt": turns, "completion": [_turn(turn) for turn in _answer(example)]}


def _sharegpt(example: Example) -> Row:
    names = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}
    turns = []
    if example.choices:
        raise _CannotHold("it has choices")
    for turn in (*example.messages, *_answer(example)):
        if turn.tool_calls:
            calls = [{"name": call.name, "arguments": json.loads(call.arguments)} for call in turn.tool_calls]
            turns.append({"from": "function_call", "value": _line(calls)})
        elif turn.role in names and isinstance(turn.content, str):
            turns.append({"from": names[turn.role], "value": turn.content})
        else:
            raise _CannotHold(f"a turn of the role {turn.role} that is not plain text")
    return {"conversations": turns}


def _alpaca(example: Example) -> Row:
    return {"instruction": _single(example), "input": "", "output": _text(example)}


def _table(example: Example) -> Row:
    row: Row = {"id": example.id, "input": _single(example), "target": _text(example)}
    if example.cluster is not None:
        row["cluster"] = example.cluster
    return {**row, **example.tags}


def _beside(example: Example) -> Row:
    row: Row = {"id": example.id}
    if example.tools:
        row["tools"] = [dict(tool) for tool in example.tools]
    if example.tags:
        row["tags"] = dict(example.tags)
    if example.cluster is not None:
        row["cluster"] = example.cluster
    if example.extra:
        row["extra"] = dict(example.extra)
    return row


def _turn(turn: Message) -> Row:
    row = turn.wire()
    return row if row["content"] is not None or turn.tool_calls else {**row, "content": ""}


def _answer(example: Example) -> tuple[Message, ...]:
    """The target as an assistant turn; none where there is no target."""
    target = example.target
    if target is None:
        return ()
    if isinstance(target, dict) and "tool_calls" in target:
        if not target["tool_calls"]:
            raise _CannotHold("its target is to call no tool, and no text is given instead")
        calls = tuple(
            ToolCall(name=call["name"], arguments=_line(call.get("arguments", {}))) for call in target["tool_calls"]
        )
        return (Message(role="assistant", tool_calls=calls),)
    return (Message(role="assistant", content=target if isinstance(target, str) else _line(target)),)


def _single(example: Example) -> str:
    """The one user text of an example that has nothing else."""
    last = example.messages[-1]
    if len(example.messages) != 1 or last.role != "user" or not isinstance(last.content, str):
        raise _CannotHold("it is more than one user message")
    return last.content


def _text(example: Example) -> str:
    """The target as text; with choices, the text of the right one."""
    if example.choices and isinstance(example.target, int):
        return example.choices[example.target]
    if isinstance(example.target, dict) and "tool_calls" in example.target:
        raise _CannotHold("its target is a tool call")
    if example.target is None:
        raise _CannotHold("it has no target")
    return example.target if isinstance(example.target, str) else _line(example.target)


def _pair(example: Example) -> tuple[str, str]:
    if len(example.choices) != 2 or not isinstance(example.target, int):
        raise _CannotHold("it is not a choice between two answers")
    return example.choices[example.target], example.choices[1 - example.target]


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _csv(rows: Sequence[Mapping[str, Json]]) -> str:
    names = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, fieldnames=names, lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({key: value if isinstance(value, str) else _line(value) for key, value in row.items()})
    return out.getvalue()


WRITERS: Mapping[str, Callable[[Example], Row]] = {
    "evalkit": _native,
    "openai-chat": _chat,
    "openai-completion": _completion,
    "openai-preference": _preference,
    "trl": _trl,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
    "csv": _table,
}
