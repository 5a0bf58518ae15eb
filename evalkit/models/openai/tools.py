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


def chat_tool_choice(choice: Json) -> Json:
    """Return a `tool_choice` as chat completions wants it.

    >>> chat_tool_choice({"type": "function", "name": "f"})
    {'type': 'function', 'function': {'name': 'f'}}
    >>> chat_tool_choice({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "custom", "name": "f"}]})
    {'type': 'allowed_tools', 'allowed_tools': {'mode': 'auto', 'tools': [{'type': 'custom', 'custom': {'name': 'f'}}]}}
    """
    if not isinstance(choice, Mapping) or "type" not in choice:
        return choice
    kind = choice["type"]
    if kind == "allowed_tools":
        inner = choice.get(kind, {key: value for key, value in choice.items() if key != "type"})
        return {"type": kind, kind: {**inner, "tools": [chat_tool(tool) for tool in inner.get("tools", ())]}}
    return chat_tool(choice)


def responses_tool_choice(choice: Json) -> Json:
    """Return a `tool_choice` as the Responses API wants it: flat.

    >>> responses_tool_choice({"type": "function", "function": {"name": "f"}})
    {'type': 'function', 'name': 'f'}
    >>> named = {"type": "function", "function": {"name": "f"}}
    >>> responses_tool_choice({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [named]}})
    {'type': 'allowed_tools', 'mode': 'auto', 'tools': [{'type': 'function', 'name': 'f'}]}
    """
    if isinstance(choice, Mapping) and choice.get("type") == "allowed_tools":
        inner = choice.get("allowed_tools", {key: value for key, value in choice.items() if key != "type"})
        tools = [responses_tool_choice(tool) for tool in inner.get("tools", ())]
        return {"type": "allowed_tools", **inner, "tools": tools}
    if isinstance(choice, Mapping) and isinstance(choice.get(choice.get("type", "")), Mapping):
        return {"type": choice["type"], **choice[choice["type"]]}
    return choice
