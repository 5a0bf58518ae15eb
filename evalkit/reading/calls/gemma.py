"""Gemma: 3 writes Python in a ``tool_code`` fence; FunctionGemma and Gemma 4 write ``call:name{key:value}``."""

from __future__ import annotations

import json
import re

from evalkit.core.exchange import Json
from evalkit.reading.calls import pythonic
from evalkit.reading.calls.found import Found, Tools, broken_call, join_found

MARK = re.compile(r"<start_function_call>|```tool_code|<\|tool_call>\s*call:|\A\s*call:[\w.:/-]+\s*\{")
_CODE = re.compile(r"```tool_code[ \t]{0,8}\r?\n?(.*?)(?:```|\Z)", re.DOTALL)
_OPEN = re.compile(r"<start_function_call>|<\|tool_call>(?=\s*call:)")
_CLOSE = re.compile(r"<end_function_call>|<tool_call\|>")
_HEAD = re.compile(r"\s*call:\s*([\w.:/-]+?)\s*\{")
_QUOTES = ("<escape>", '<|"|>', '"')
_BARE = re.compile(r"[^,{}\[\]]+")
_DEEPEST = 32


def read(text: str, tools: Tools) -> Found | None:
    """Read the calls of every ``tool_code`` fence.

    Where there is none, those behind the marks of FunctionGemma and Gemma 4.
    """
    fences = _CODE.findall(text)
    if fences:
        return join_found([pythonic.parse(body, script=True) or broken_call(body) for body in fences])
    pieces = _OPEN.split(text)[1:]
    if not pieces:  # where the marks were dropped
        return read_braces(text, tools)
    return join_found([_piece(_CLOSE.split(piece, maxsplit=1)[0]) for piece in pieces])


def _piece(piece: str) -> Found:
    found = read_braces(piece, {})
    return broken_call(piece) if found is None else found


def read_braces(piece: str, tools: Tools) -> Found | None:
    """Read one or more calls as ``call:name{key:value, …}``.

    None where the piece does not begin so.
    """
    at = 0
    calls: list[tuple[str, str]] = []
    while head := _HEAD.match(piece, at):
        try:
            value, at = _object(piece, head.end(), 0)
        except (ValueError, IndexError):
            return Found(calls=tuple(calls), broken=(piece[head.start() :].strip(),))
        calls.append((head[1], json.dumps(value, ensure_ascii=False)))
    if not calls:
        return None
    rest = piece[at:].strip()
    return Found(calls=tuple(calls), broken=(rest,) if rest.startswith("call:") else ())


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Json], int]:
    """Keys and values up to the closing brace. ValueError or IndexError where it is cut or broken."""
    found: dict[str, Json] = {}
    while True:
        at = _space(text, at)
        if text[at] == "}":
            return found, at + 1
        quoted = _read_quoted(text, at)
        if quoted is not None:
            key, at = quoted
            at = _space(text, at)
        else:
            colon = text.index(":", at, at + 300)
            key, at = text[at:colon].strip(), colon
        if text[at] != ":" or key in found:
            raise ValueError("no key, or one that stands twice")
        found[key], at = _value(text, at + 1, depth + 1)
        at = _comma(text, at, "}")


def _list(text: str, at: int, depth: int) -> tuple[list[Json], int]:
    found: list[Json] = []
    while True:
        at = _space(text, at)
        if text[at] == "]":
            return found, at + 1
        value, at = _value(text, at, depth + 1)
        found.append(value)
        at = _comma(text, at, "]")


def _value(text: str, at: int, depth: int) -> tuple[Json, int]:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    at = _space(text, at)
    quoted = _read_quoted(text, at)
    if quoted is not None:
        return quoted
    if text[at] == "{":
        return _object(text, at + 1, depth)
    if text[at] == "[":
        return _list(text, at + 1, depth)
    bare = _BARE.match(text, at)
    if bare is None:
        raise ValueError("no value")
    word = bare[0].strip()
    try:
        value = json.loads(word)
    except ValueError:
        value = {"True": True, "False": False, "None": None}.get(word, word)
    return value, bare.end()


def _read_quoted(text: str, at: int) -> tuple[str, int] | None:
    for quote in _QUOTES:
        if text.startswith(quote, at):
            if quote == '"':
                value, end = json.JSONDecoder().raw_decode(text, at)
                return str(value), end
            end = text.index(quote, at + len(quote))
            return text[at + len(quote) : end], end + len(quote)
    return None


def _space(text: str, at: int) -> int:
    while text[at].isspace():
        at += 1
    return at


def _comma(text: str, at: int, closing: str) -> int:
    at = _space(text, at)
    if text[at] == ",":
        return at + 1
    if text[at] != closing:
        raise ValueError("something else than a comma")
    return at
