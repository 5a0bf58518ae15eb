"""Tool definitions in the shape each API wants, whichever shape the data set wrote them in."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json


def chat_tool(tool: Mapping[str, Json]) -> dict[str, Json]:
    """Return a tool as chat completions wants it: ``{"type": "function", "function": {...}}``.

    >>> chat_tool({"name": "f", "parameters": {}})
    {'type': 'function', 'function': {'name': 'f', 'parameters': {}}}
    """
    kind = tool.get("type", "function")
    if kind in tool:
        return dict(tool)
    inner = {key: value for key, value in tool.items() if key != "type"}
    return {"type": kind, kind: inner}


def responses_tool(tool: Mapping[str, Json]) -> dict[str, Json]:
    """Return a tool as the Responses API wants it.

    It is flat, and strict only where it says so.

    >>> responses_tool({"type": "function", "function": {"name": "f", "parameters": {}}})
    {'type': 'function', 'name': 'f', 'parameters': {}, 'strict': False}
    """
    kind = tool.get("type", "function")
    inner = tool.get(kind)
    flat: dict[str, Json] = {"type": kind}
    flat.update(inner if isinstance(inner, Mapping) else {k: v for k, v in tool.items() if k != "type"})
    if kind == "function":
        # the Responses API tightens schemas by default, chat completions does not: both arms must see the same tool
        flat.setdefault("strict", False)
    return flat


def responses_tool_choice(choice: Json) -> Json:
    """Return a chat `tool_choice` as the Responses API wants it: named functions lie flat.

    >>> responses_tool_choice({"type": "function", "function": {"name": "f"}})
    {'type': 'function', 'name': 'f'}
    """
    if isinstance(choice, Mapping) and isinstance(choice.get(choice.get("type", "")), Mapping):
        return {"type": choice["type"], **choice[choice["type"]]}
    return choice
