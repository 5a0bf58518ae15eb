"""OpenAI's Batch API: an output file is the answers of one model; ids are the custom_ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Failure, Json, ToolCall, Usage
from evalkit.core.json_lines import json_lines
from evalkit.core.on_disk import RowStore, row_store
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, Wishes, as_list, as_object
from evalkit.foreign.texts import bare, first_line

_MOST = 1_000
"""Problems after which a file is not read further"""


class OpenAIBatch:
    """The output (or error) file of a batch: answers, without questions or targets."""

    def fits(self, path: Path) -> bool:
        """Tell whether the file is JSON lines with `custom_id` and `response`."""
        if not (path.is_file() and bare(path).endswith(".jsonl")):
            return False
        first = first_line(path, 20_000)
        return b'"custom_id"' in first and b'"response"' in first

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read one arm, named by the model that served most answers."""
        problems: list[Problem] = []
        rows: RowStore[ForeignRow] = row_store(on_disk=wishes.on_disk)
        served: Counter[str] = Counter()
        for number, value in json_lines(path, problems, most=_MOST):
            if not isinstance(value, dict) or not isinstance(value.get("custom_id"), str):
                where = Location(file=str(path), line=number)
                problems.append(Problem(what="a line of a batch has a `custom_id`", where=where))
            if problems:
                continue
            row, model = _row(value, f"{path.name}:{number}")
            rows.append(row)
            served.update([model] if model else [])
        if problems:
            raise DataError(problems[:5])
        name = max(sorted(served), key=served.__getitem__) if served else path.name.partition(".")[0]
        found = ForeignResults(
            tool="openai_batch", source=path.name.partition(".")[0], arms=[ForeignArm(name=name, rows=rows)]
        )
        found.carried.append(f"{path.name}: {len(rows):,} answers of {name}")
        found.left_out.append("questions, targets, scores: a batch's output has none; name a suite that does")
        return [found]


def _row(value: Mapping[str, Json], where: str) -> tuple[ForeignRow, str | None]:
    response = as_object(value.get("response"))
    body = as_object(response.get("body"))
    error = value.get("error") or body.get("error")
    ident = str(value["custom_id"])
    if error or response.get("status_code", 200) != 200 or not body:
        message = error.get("message") if isinstance(error, dict) else error
        status = response.get("status_code")
        failed = Failure(
            kind="other",
            message=str(message or "no body")[:500],
            status=status if isinstance(status, int) else None,
        )
        return ForeignRow(id=ident, where=where, failure=failed), None
    text, calls = _read_said(body)
    usage = as_object(body.get("usage"))
    counts = {
        "input": usage.get("prompt_tokens", usage.get("input_tokens")),
        "output": usage.get("completion_tokens", usage.get("output_tokens")),
    }
    row = ForeignRow(
        id=ident,
        where=where,
        text=text,
        tool_calls=calls,
        usage=Usage(**{name: count for name, count in counts.items() if isinstance(count, int)}),
    )
    return row, str(body["model"]) if body.get("model") else None


def _read_said(body: Mapping[str, Json]) -> tuple[str | None, tuple[ToolCall, ...]]:
    """The words and calls of a body: chat completions, completions, or responses."""
    for choice in as_list(body.get("choices")):
        if not isinstance(choice, dict):
            continue
        if "message" not in choice:
            return str(choice.get("text") or ""), ()
        message = choice["message"] if isinstance(choice["message"], dict) else {}
        calls = tuple(_call(one.get("function") or {}, one.get("id")) for one in message.get("tool_calls") or [])
        content = message.get("content")
        return (content if isinstance(content, str) else None if calls else str(message.get("refusal") or "")), calls
    words, calls_made = [], []
    for item in as_list(body.get("output")):
        if not isinstance(item, dict):
            continue
        if item.get("type") == "function_call":
            calls_made.append(_call(item, item.get("call_id")))
        for part in item.get("content") or [] if item.get("type") == "message" else []:
            words.append(str(part.get("text") or part.get("refusal") or ""))
    return ("".join(words) if words or not calls_made else None), tuple(calls_made)


def _call(function: Mapping[str, Json], ident: Json) -> ToolCall:
    arguments = str(function.get("arguments") or "")
    return ToolCall(name=str(function.get("name")), arguments=arguments, id=str(ident) if ident else None)
