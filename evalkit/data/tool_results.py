"""What tools answer in a row whose calls are run: results by name and arguments, or in order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Json
from evalkit.data.fields import UnreadableRow, decode_json_text, name_kind

RESULT = ("result", "content", "output")
"""Names that the result of an entry may have"""
_KEYS = ("name", "arguments", *RESULT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What one call is answered with.

    Without a name it answers any call; `arguments` are those that a call must have, others are free.
    """

    text: str
    name: str | None = None
    arguments: Mapping[str, Json] | None = None


def read_tool_results(value: Json) -> tuple[ToolResult, ...]:
    """Read `tool_results`: an object {tool: result}, or a list of results.

    An item of the list is {"name", "arguments", "result"}, of which `result` alone must be there, or a result as it is.
    Raises UnreadableRow, a sentence a mistake.

    >>> read_tool_results({"now": "12:30"})
    (ToolResult(text='12:30', name='now', arguments=None),)
    """
    value = decode_json_text(value)
    if isinstance(value, Mapping):
        return tuple(ToolResult(name=str(name), text=result_text(result)) for name, result in value.items())
    if not isinstance(value, list):
        raise UnreadableRow(f"`tool_results` must be an object {{tool: result}} or a list, not {name_kind(value)}")
    found: list[ToolResult] = []
    sentences: list[str] = []
    for index, item in enumerate(value):
        try:
            found.append(_item(item, place=f"tool_results[{index}]"))
        except UnreadableRow as error:
            sentences += error.sentences
    if sentences:
        raise UnreadableRow(*sentences)
    return tuple(found)


def result_text(result: Json) -> str:
    """Write a result as a tool message holds it, text or JSON."""
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)


def _item(item: Json, *, place: str) -> ToolResult:
    if not isinstance(item, Mapping) or not ({"name", "arguments"} & {*item} or len({*item} & {*RESULT}) == len(item)):
        return ToolResult(text=result_text(item))
    results = [key for key in RESULT if key in item]
    unknown = [key for key in item if key not in _KEYS]
    if unknown:
        near = did_you_mean(unknown[0], _KEYS)
        raise UnreadableRow(f"{place} has an unknown key {unknown[0]!r}{near}; it takes name, arguments, result")
    if len(results) != 1:
        what = "no `result`" if not results else f"both `{results[0]}` and `{results[1]}`"
        raise UnreadableRow(f"{place} has {what}: what does the tool answer?")
    name, arguments = item.get("name"), decode_json_text(item.get("arguments"))
    if name is not None and not (isinstance(name, str) and name):
        raise UnreadableRow(f"{place}.name must be the name of a tool, not {name_kind(name)}")
    if arguments is not None and not isinstance(arguments, Mapping):
        raise UnreadableRow(f"{place}.arguments must be an object, not {name_kind(arguments)}")
    return ToolResult(text=result_text(item[results[0]]), name=name, arguments=arguments)
