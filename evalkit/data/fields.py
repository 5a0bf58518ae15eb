"""The pieces of a row that formats share: messages, tool calls, tools, choices, tags. BadRow says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Json, Message, ToolCall
from evalkit.core.rows import parse
from evalkit.data.table_nulls import without_table_nulls

_TEXT_PARTS = ("text", "input_text", "output_text")
ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class UnreadableRow(ValueError):
    """A row that is no example: one sentence a mistake."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = sentences


class NothingAsked(UnreadableRow):
    """A row in which nothing is asked, under any name that its format reads."""


def name_kind(value: Json) -> str:
    """Name the kind of a JSON value in a word.

    >>> name_kind([]), name_kind(None), name_kind(True)
    ('a list', 'null', 'true')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "an object" if isinstance(value, Mapping) else "a list"


def text_of(row: Mapping[str, Json], key: str) -> str:
    """Return a text that must be there."""
    value = row.get(key)
    if not isinstance(value, str):
        hint = "" if key in row else did_you_mean(key, row)
        raise UnreadableRow(
            f"`{key}` must be text, not {name_kind(value)}" if key in row else f"`{key}` is missing{hint}"
        )
    return value


def require_list(row: Mapping[str, Json], key: str) -> list[Json]:
    """Return a list that must be there.

    A list written as JSON text (common in Parquet and CSV) is read.
    """
    value = decode_json_text(row.get(key))
    if not isinstance(value, list):
        raise UnreadableRow(f"`{key}` must be a list, not {name_kind(value)}" if key in row else f"`{key}` is missing")
    return value


def decode_json_text(value: Json) -> Json:
    """Decode JSON that was written as text; keep anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return parse(value)
        except (ValueError, RecursionError):
            return value
    return value


def messages(values: Sequence[Json], *, key: str = "messages") -> tuple[Message, ...]:
    """Read turns in the shape of the chat completions API.

    Every bad one is told.
    """
    if not values:
        raise UnreadableRow(f"`{key}` is empty")
    read: list[Message] = []
    sentences: list[str] = []
    for index, value in enumerate(values):
        try:
            read.append(message(value, place=f"{key}[{index}]"))
        except UnreadableRow as error:
            sentences += error.sentences
    if sentences:
        raise UnreadableRow(*sentences)
    return tuple(read)


def message(value: Json, *, place: str) -> Message:
    """Read one turn."""
    if not isinstance(value, Mapping):
        raise UnreadableRow(f"{place} must be an object, not {name_kind(value)}")
    role = value.get("role")
    if role not in ROLES:
        near = did_you_mean(role, ROLES) if isinstance(role, str) else ""
        raise UnreadableRow(f"{place}.role must be one of {', '.join(ROLES)}, not {name_kind(role)}{near}")
    calls = tool_calls(value, place=place)
    content = value.get("content")
    if isinstance(content, list) and all(isinstance(part, Mapping) for part in content):
        content = tuple(_part(part, place=f"{place}.content[{index}]") for index, part in enumerate(content))
    elif not isinstance(content, str) and not (content is None and (calls or value.get("refusal"))):
        what = "is missing" if "content" not in value else f"must be text or a list of parts, not {name_kind(content)}"
        raise UnreadableRow(f"{place}.content {what}")
    name, call_id = value.get("name"), value.get("tool_call_id")
    return Message(
        role=str(role),
        content=content if content is not None else value.get("refusal"),
        name=name if isinstance(name, str) else None,
        tool_calls=calls,
        tool_call_id=call_id if isinstance(call_id, str) else None,
    )


def _part(part: Mapping[str, Json], *, place: str) -> Mapping[str, Json]:
    """A content part without what a table filled with null; a text under another name than `text` is read.

    Raises UnreadableRow for a text part without a text: it would be asked or expected as nothing.
    """
    kept = {key: value for key, value in part.items() if value is not None}
    if kept.get("type", "text") not in _TEXT_PARTS or isinstance(kept.get("text"), str):
        return kept
    for name in ("value", "content"):
        if isinstance(kept.get(name), str):
            return {**{key: value for key, value in kept.items() if key != name}, "text": kept[name]}
    keys = ", ".join(map(repr, kept)) or "nothing"
    raise UnreadableRow(f"{place} is a text part without `text`: it has {keys}")


def tool_calls(value: Mapping[str, Json], *, place: str) -> tuple[ToolCall, ...]:
    """Read the calls of an assistant turn: `tool_calls`, or the deprecated `function_call`."""
    legacy = value.get("function_call")
    if isinstance(legacy, Mapping):
        return (_call({"function": legacy}, place=f"{place}.function_call", kind="legacy"),)
    calls = value.get("tool_calls") or []
    if not isinstance(calls, list):
        raise UnreadableRow(f"{place}.tool_calls must be a list, not {name_kind(calls)}")
    return tuple(_call(call, place=f"{place}.tool_calls[{index}]") for index, call in enumerate(calls))


def _call(value: Json, *, place: str, kind: Any = "function") -> ToolCall:
    if not isinstance(value, Mapping):
        raise UnreadableRow(f"{place} must be an object, not {name_kind(value)}")
    if isinstance(value.get("custom"), Mapping):
        inner, kind = value["custom"], "custom"
        arguments = inner.get("input")
    else:
        inner = value["function"] if isinstance(value.get("function"), Mapping) else value
        arguments = inner.get("arguments", "{}")
    name = inner.get("name")
    if not isinstance(name, str) or not name:
        raise UnreadableRow(f"{place} has no name")
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    call_id = value.get("id")
    return ToolCall(name=name, arguments=arguments, id=call_id if isinstance(call_id, str) else None, kind=kind)


def call_target(calls: Sequence[ToolCall]) -> tuple[dict[str, Json], tuple[str, ...]]:
    """Return recorded calls as a target, with notes on what was odd.

    Arguments that were encoded twice (a JSON string inside the JSON string, as in OpenAI's own drone example) are
    decoded to what they mean; arguments that are no JSON at all stay the raw string.
    """
    expected: list[dict[str, Json]] = []
    notes: list[str] = []
    for call in calls:
        arguments, note = _decode_twice(call)
        expected.append({"name": call.name, "arguments": arguments})
        notes += [note] if note else []
    return {"tool_calls": expected}, tuple(notes)


def _decode_twice(call: ToolCall) -> tuple[Json, str]:
    if call.kind == "custom":
        return call.arguments, ""
    try:
        value = parse(call.arguments or "{}")
        if not isinstance(value, str):
            return value, ""
        inner = parse(value)
    except (ValueError, RecursionError):
        return call.arguments, f"the target's arguments of {call.name} are no JSON: kept as the raw text"
    return inner, f"the target's arguments of {call.name} were encoded twice: decoded"


def tools(row: Mapping[str, Json]) -> tuple[Mapping[str, Json], ...]:
    """Read the tools offered: `tools`, or the deprecated `functions`; as JSON text too."""
    if row.get("tools") is None and row.get("functions") is not None:
        functions = ({"type": "function", "function": f} for f in require_list(row, "functions"))
        return tuple(without_table_nulls(function) for function in functions)
    if row.get("tools") is None:
        return ()
    offered = require_list(row, "tools")
    for index, tool in enumerate(offered):
        if not isinstance(tool, Mapping):
            raise UnreadableRow(f"tools[{index}] must be an object, not {name_kind(tool)}")
    return tuple(without_table_nulls(tool) for tool in offered)


def choices(row: Mapping[str, Json]) -> tuple[str, ...]:
    """Read the choices of a multiple choice; numbers are taken as their text."""
    if row.get("choices") is None:
        return ()
    values = require_list(row, "choices")
    texts = [str(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v for v in values]
    wrong = next((v for v in texts if not isinstance(v, str)), None)
    if wrong is not None or any(not isinstance(v, str) for v in texts):
        raise UnreadableRow(f"`choices` must be texts, not {name_kind(wrong)}")
    if len(texts) < 2:
        raise UnreadableRow(f"`choices` needs at least two texts, it has {len(texts)}")
    twice = sorted({v for v in texts if texts.count(v) > 1})
    if twice:
        raise UnreadableRow(f"the choice {twice[0]!r} stands twice")
    return tuple(texts)


def tags(row: Mapping[str, Json]) -> dict[str, str]:
    """Read the tags of a row as text.

    True, false and numbers are written out; null is no tag.
    """
    values = decode_json_text(row.get("tags"))
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise UnreadableRow(f"`tags` must be an object, not {name_kind(values)}")
    out: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, (list, Mapping)):
            raise UnreadableRow(f"the tag {name!r} must be text, not {name_kind(value)}")
        if value is not None:
            out[str(name)] = str(value).lower() if isinstance(value, bool) else str(value)
    return out


def label(row: Mapping[str, Json], key: str) -> str | None:
    """Read an id or a cluster: text or a whole number.

    It is None where there is none.
    """
    value = row.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise UnreadableRow(f"`{key}` must be text or a whole number, not {name_kind(value)}")
    return str(value)
