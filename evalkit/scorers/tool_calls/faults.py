"""What is wrong with calls whatever was expected: names not offered, wrappers, arguments that break the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.resolve import view_of
from evalkit.scorers.schemas.validate import Backend, checker
from evalkit.scorers.tool_calls.nouns import Attempt, Call, Tool

_WRAPPERS = ("multi_tool_use.parallel", "multi_tool_use", "parallel")
_PREFIXES = ("functions.", "functions:", "functions/", "tools.", "default_api.", "multi_tool_use.")
_SHOWN = 300


def schema_errors(
    attempt: Attempt, tools: Mapping[str, Tool], *, backend: Backend = "jsonschema"
) -> list[dict[str, Json]]:
    """List every error as {tool, keyword, pointer, message}.

    Beside JSON Schema's keywords: `tool` (not offered), `parse` (arguments cannot be read) and `unknown` (a
    parameter the tool does not have, though its schema is open).
    """
    errors = [_error("", "parse", "", piece) for piece in attempt.broken]
    for call in attempt.calls:
        tool = tools.get(call.name)
        if tool is None and tools:
            errors.append(_error(call.name, "tool", "", "this tool was not offered"))
        elif call.arguments is None:
            errors.append(_error(call.name, "parse", "", f"{call.fault}: {call.raw}"))
        elif tool is not None and not tool.custom:
            errors += _violations(tool, call.arguments, backend)
    return errors


def _violations(tool: Tool, arguments: Mapping[str, Json], backend: Backend) -> list[dict[str, Json]]:
    errors = [
        _error(tool.name, v.keyword, v.pointer, v.message) for v in checker(tool.schema, backend=backend)(arguments)
    ]
    return errors + [
        _error(tool.name, "unknown", f"/{name}", "no such parameter") for name in _unknown(tool, arguments)
    ]


def _unknown(tool: Tool, arguments: Mapping[str, Json]) -> list[str]:
    """Parameters that are hallucinated: the schema lists its properties and says nothing about others."""
    view = view_of(tool.schema)
    unknown = [name for name in arguments if name not in view.names]
    return unknown if unknown and view.names and not view.closed and not view.open_to_others else []


def count_not_offered(calls: Sequence[Call], tools: Mapping[str, Tool]) -> tuple[int, int]:
    """Count calls of tools that were not offered, and of the machinery around tools.

    The machinery: multi_tool_use.parallel, functions.x.
    """
    names = [call.name for call in calls if call.name not in tools]
    leaks = sum([name in _WRAPPERS or name.startswith(_PREFIXES) for name in names])
    return len(names) - leaks, leaks


def _error(tool: str, keyword: str, pointer: str, message: str) -> dict[str, Json]:
    return {"tool": tool, "keyword": keyword, "pointer": pointer, "message": message[:_SHOWN]}
