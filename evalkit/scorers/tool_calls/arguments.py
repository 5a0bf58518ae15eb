"""The raw arguments a model wrote, read without mercy and without loss."""

from __future__ import annotations

import json

from evalkit.core.exchange import Json
from evalkit.core.strict_json import strict
from evalkit.scorers.tool_calls.nouns import Call


def read_call(name: str, raw: str) -> Call:
    """Read a call from its name and raw arguments.

    "" and null stand for no arguments, but are noted as `empty`.

    >>> read_call("now", "").empty, read_call("f", '"{}"').fault, read_call("f", '{"a": 1').fault
    (True, 'double_encoded', 'truncated')
    """
    if raw.strip() in ("", "null"):
        return Call(name=name, raw=raw, arguments={}, empty=True)
    try:
        value = strict(raw)
    except ValueError as error:
        return Call(name=name, raw=raw, arguments=None, fault=_why(raw, error))
    if isinstance(value, dict):
        return Call(name=name, raw=raw, arguments=value)
    return Call(name=name, raw=raw, arguments=None, fault=_what_else(value))


def _why(raw: str, error: ValueError) -> str:
    """Truncated where the text ends before the JSON does, malformed otherwise."""
    if not isinstance(error, json.JSONDecodeError):
        return "malformed"
    at_the_end = error.pos >= len(raw.rstrip()) or error.msg.startswith("Unterminated string")
    return "truncated" if at_the_end and raw.lstrip().startswith("{") else "malformed"


def _what_else(value: Json) -> str:
    if isinstance(value, str):
        try:
            inner = strict(value)
        except ValueError:
            return "not_object"
        if isinstance(inner, dict):
            return "double_encoded"
    return "not_object"
