"""The JSON shapes in which models write a call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping

from evalkit.core.exchange import Json
from evalkit.core.strict_json import strict, strict_at
from evalkit.reading.calls.found import NOBODY, Found, broken_call
from evalkit.reading.calls.literals import literal

NAMES = ("name", "tool_name", "function_name", "function", "tool", "action", "recipient_name", "api_name")
ARGUMENTS = (
    "arguments", "parameters", "args", "input", "params", "kwargs", "tool_input", "action_input", "tool_arguments",
    "function_arguments", "tool_parameters",
)  # fmt: skip
LISTS = ("tool_calls", "tool_uses", "function_calls", "calls")
_BESIDE = frozenset({"type", "id", "tool_call_id", "index"})
_BETWEEN = re.compile(r"[\s;,]*")
_FENCE = re.compile(r"```[ \t]{0,8}[\w+-]{0,40}[ \t]{0,8}\r?\n")

Known = Callable[[str], bool]
"""Whether a name alone, or with other keys than those of a call, is that of a tool"""


def knows_offered(names: Collection[str]) -> Known:
    """Return a test that knows a name when its tool is offered."""
    return lambda name: name in names


def accept_any_name(name: str) -> bool:
    """Accept every name, as behind a mark that says "call"."""
    return True


def calls_of(value: Json, known: Known) -> list[tuple[str, str]] | None:
    """Return the calls that a JSON value is, or None.

    None where it is something else.

    {"name", "arguments"} and its synonyms, {"function": {...}}, {"tool_calls": [...]}, {tool: {arguments}}, or a list
    of these; arguments as an object or as JSON in a string (then that string is the raw text). {"name"} alone is a
    call without arguments of a known tool. What echoes the definition of a tool is no call.
    """
    if isinstance(value, list):
        each = [calls_of(item, known) for item in value]
        whole = bool(each) and all(calls is not None for calls in each)
        return [call for calls in each for call in calls or ()] if whole else None
    if not isinstance(value, Mapping):
        return None
    for key in LISTS:
        if isinstance(value.get(key), list):
            return calls_of(value[key], known) if value[key] else []
    if isinstance(value.get("function"), Mapping):
        return calls_of(value["function"], known)
    name = next((value[key] for key in NAMES if isinstance(value.get(key), str)), None)
    if name is None:
        return _by_name(value, known)
    return _read_named(name, value, known)


def _read_named(name: str, value: Mapping[str, Json], known: Known) -> list[tuple[str, str]] | None:
    if name in NOBODY and (known is accept_any_name or not known(name)):
        return [(name, "")]
    key = next((key for key in ARGUMENTS if key in value), None)
    if key is None:
        alone = all(k in NAMES or k in _BESIDE for k in value)
        return [(name, "")] if alone and known(name) else None
    arguments = value[key]
    if not known(name) and (key not in ARGUMENTS[:2] or not _is_object(arguments)):
        return None
    if isinstance(arguments, Mapping) and isinstance(arguments.get("properties"), Mapping) and "type" in arguments:
        return None
    return [(name, arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False))]


def _is_object(arguments: Json) -> bool:
    return isinstance(arguments, Mapping) or (isinstance(arguments, str) and arguments.lstrip().startswith("{"))


def _by_name(value: Mapping[str, Json], known: Known) -> list[tuple[str, str]] | None:
    """{tool: {arguments}}: of offered tools alone, else any object of objects would be one."""
    if not value or known is accept_any_name:
        return None
    if not all(isinstance(item, Mapping) and known(name) for name, item in value.items()):
        return None
    return [(name, json.dumps(item, ensure_ascii=False)) for name, item in value.items()]


def values_from(text: str, start: int = 0) -> tuple[list[Json], int]:
    """Read JSON objects and lists in a row, and where they end.

    They stand one after the other, with `;`, `,` or space between.

    Raises ValueError where the first is none.
    """
    value, end = strict_at(text, _after_space(text, start))
    values = [value]
    while True:
        at = _after_space(text, end)
        if text[at : at + 1] not in ("{", "["):
            return values, end
        try:
            value, end = strict_at(text, at)
        except ValueError:
            return values, end
        values.append(value)


def _after_space(text: str, start: int) -> int:
    match = _BETWEEN.match(text, start)
    return match.end() if match else start


def read_json(piece: str, known: Known = accept_any_name) -> Found | None:
    """Read the calls in one piece of JSON.

    None where it is no JSON, or JSON of something else; what is behind is words.
    """
    try:
        values, end = values_from(piece)
    except ValueError:
        return _mend(piece, known)
    calls = [calls_of(value, known) for value in values]
    if any(one is None for one in calls):
        return None
    rest = piece[end:].strip(" \t\r\n;,`}]")
    return Found(
        calls=tuple(call for one in calls for call in one or ()), broken=(rest,) if rest.startswith(("{", "[")) else ()
    )


def _mend(piece: str, known: Known) -> Found | None:
    """JSON as some models write it: all braces doubled (a template's escapes), or Python's quotes and words."""
    body = piece.strip().rstrip(";,")
    for text in _halve_braces(body):
        try:
            calls = calls_of(strict(text), known)
        except ValueError:
            continue
        if calls is not None:
            return Found(calls=tuple(calls))
    if not body.startswith(("{", "[")) or "'" not in body:
        return None
    value, read = literal(body)
    calls = calls_of(value, known) if read else None
    return None if calls is None else Found(calls=tuple(calls))


def _halve_braces(body: str) -> list[str]:
    if not (body.startswith("{{") and body.endswith("}}")):
        return []
    return [body[1:-1], body.replace("{{", "{").replace("}}", "}")]


def read_piece(piece: str, known: Known = accept_any_name) -> Found:
    """Read the calls in a piece behind a mark.

    As `read_json`, fenced or not: what is no call there is a broken one.
    """
    piece = strip_fence(piece.strip())
    found = read_json(piece, known)
    return broken_call(piece) if found is None else found


def strip_fence(piece: str) -> str:
    """Return the inside of a fence that is all there is."""
    fence = _FENCE.match(piece)
    return piece[fence.end() :].rstrip().removesuffix("```").rstrip() if fence else piece
