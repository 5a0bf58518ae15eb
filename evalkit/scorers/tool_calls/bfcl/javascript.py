"""JavaScript literals as BFCL reads them: what does not look like the described type stays text."""

from __future__ import annotations

import re

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.bfcl.java import number_or_text

_INTEGER = re.compile(r"-?\d+")
_FLOAT = re.compile(r"-?\d+(\.\d+)?")
_ROWS = re.compile(r"\[\s*\[.*?\]\s*(,\s*\[.*?\]\s*)*\]|\bnew\s+Array\(\s*\[.*?\]\s*(,\s*\[.*?\]\s*)*\)")
_ROW = re.compile(r"\[(.*?)\]")
_ARRAY = re.compile(r"\[(.*?)\]|\bnew\s+Array\((.*?)\)")
_OBJECT = re.compile(r"\{(.*?)\}")
_MEMBER = re.compile(r"([^:]+):\s*(.*?)(?:,\s*(?=[^,]+:)|$)")
_KNOWN = ("String", "integer", "float", "Bigint", "Boolean", "dict", "array", "any")


def convert(text: str, kind: str, inner: str | None = None) -> Json:
    """Convert a JavaScript expression of a described type to its value.

    The text itself where it is none.

    >>> convert("12n", "Bigint"), convert("[1, 2]", "array", "integer"), convert("{'k': true}", "dict")
    (12, [1, 2], {'k': True})
    """
    if kind == "String":
        return text[1:-1] if _is_quoted(text) else text
    if kind == "Bigint":
        number = text.removesuffix("\n")
        return int(number[:-1]) if number.endswith("n") and _INTEGER.fullmatch(number[:-1]) else text
    if kind in ("integer", "float"):
        pattern, read = (_INTEGER, int) if kind == "integer" else (_FLOAT, float)
        return read(text) if pattern.fullmatch(text.removesuffix("\n")) else text
    if kind == "Boolean":
        return text == "true" if text in ("true", "false") else text
    if kind == "dict":
        return _object(text.strip())
    return _array(text.strip(), inner) if kind == "array" else text


def _array(code: str, inner: str | None) -> Json:
    if rows := _ROWS.match(code):
        found = []
        for index, row in enumerate(_ROW.findall(rows[0])):
            row = row.strip()
            row = row[1:] if index == 0 and row.startswith("[") else row
            found.append([_read_untyped(item.strip()) for item in row.split(",")])
        return found
    match = _ARRAY.match(code)
    if match is None:
        return code
    body = (match[1] if match[1] is not None else match[2] or "").strip()
    items = [item.strip() for item in body.split(",")] if body else []
    if items and inner and inner not in _KNOWN:
        return code  # an element type BFCL does not know leaves the whole as text
    return [convert(item, inner) if inner else _read_untyped(item) for item in items]


def _object(code: str) -> Json:
    if code == "{}":
        return {}
    match = _OBJECT.match(code)
    if match is None:
        return code
    found: dict[str, Json] = {}
    for key, value in _MEMBER.findall(match[1]):
        name, value = key.strip().strip("'\""), value.strip()
        if value.startswith("[") and value.endswith("]"):
            found[name] = _array(value, None)
        elif value.startswith("{") and value.endswith("}"):
            found[name] = _object(value)
        else:
            found[name] = _read_untyped(value.strip("'\""))
    return found


def _read_untyped(text: str) -> Json:
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    return text[1:-1] if _is_quoted(text) else number_or_text(text)


def _is_quoted(text: str) -> bool:
    return any(text.startswith(quote) and text.endswith(quote) for quote in "\"'")
