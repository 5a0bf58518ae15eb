"""Calls as JSON without a mark: the whole text, fences in it, or an offered tool's call between words."""

from __future__ import annotations

import re

from evalkit.core.strict_json import strict_at
from evalkit.reading.calls.found import Found, Tools, join_found
from evalkit.reading.calls.shape import knows_offered, read_json

_FENCE = re.compile(
    r"```[ \t]{0,8}(?:json|jsonc|tool_calls?|function_calls?|python|javascript|xml)?[ \t]{0,8}\r?\n?(.*?)(?:```|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_NAME_KEY = re.compile(r"""["'](?:name|function|tool_calls|tool_name|tool|action)["']\s{0,8}:""")
_ARGUMENT_KEY = re.compile(r"""["'](?:arguments|parameters|args|tool_input|action_input)["']\s{0,8}:""")
_LOOKED_AT = 5_000
_BEGINS = re.compile(
    r"""(?:\[\s{0,40})?\{\s{0,40}["'](?:name|type|id|function|tool_calls|tool_name|tool|action|tool_uses|arguments|parameters)["']\s{0,8}:"""
)
_PLACES = 16
"""Beginnings of one text that are looked at as calls"""


def read(text: str, tools: Tools) -> Found | None:
    """Read JSON that has the shape of calls.

    JSON of another shape is an answer, not a call.
    """
    if "{" not in text:
        return None
    bodies = [fence[1] for fence in _FENCE.finditer(text)] if "```" in text else [text]
    found = [piece for body in bodies or [text] if (piece := _read(body.strip().strip("`"), tools)) is not None]
    return join_found(found) if found else _between_words(text, tools)


def read_whole(text: str, tools: Tools) -> Found | None:
    """Read a text that is one JSON value with calls.

    Whatever marks its strings hold.
    """
    if not _MARKED_JSON.match(text):
        return None
    try:
        _, end = strict_at(text, len(text) - len(text.lstrip()))
    except ValueError:
        return None
    found = read_json(text, knows_offered(tools)) if not text[end:].strip() else None
    return found if found is not None and found.calls else None


_MARKED_JSON = re.compile(r"\s{0,40}[\[{](?=[^<]*<|.*\[TOOL_CALLS\])", re.DOTALL)


def _read(piece: str, tools: Tools) -> Found | None:
    if not piece.startswith(("{", "[")):
        return None
    found = read_json(piece, knows_offered(tools))
    if found is not None and (found.calls or found.broken):
        return found
    if found is not None or _is_json(piece):
        return found if found is not None and piece.strip() == "[]" else None
    return Found(broken=(piece,)) if is_meant_as_call(piece, tools) else None


def _is_json(piece: str) -> bool:
    try:
        strict_at(piece, 0)
    except ValueError:
        return False
    return True


def _between_words(text: str, tools: Tools) -> Found | None:
    """Words around calls of offered tools do not make them mere examples: whoever runs them would run them."""
    found: list[Found] = []
    at = 0
    for _ in range(_PLACES):
        begins = _BEGINS.search(text, at)
        if begins is None:
            break
        at = begins.end()
        one = read_json(text[begins.start() :], knows_offered(tools))
        if one is not None and one.calls and all(name in tools for name, _ in one.calls):
            found.append(one)
            break
    return join_found(found) if found else None


def is_meant_as_call(piece: str, tools: Tools) -> bool:
    """Tell whether broken JSON was meant as a call.

    It has the keys of a call, or names an offered tool in quotes.
    """
    head = piece[:_LOOKED_AT]
    name = _NAME_KEY.search(head)
    return bool(name and _ARGUMENT_KEY.search(head, name.end())) or any(
        f'"{name}"' in head or f"'{name}'" in head for name in tools
    )
