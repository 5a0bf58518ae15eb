"""Repairs with a name: json_repair never fails, so its value counts only where what it mended can be told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from evalkit.core.exchange import Json

_CLOSING = {"{": "}", "[": "]"}
_OPEN_FENCE = re.compile(r"```[a-zA-Z0-9]*[ \t]*\r?\n")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_PYTHON_WORDS = {"True", "False", "None"}
_JSON_WORDS = {"true", "false", "null"}
_LONGEST = 200_000
"""Characters; beyond this nothing is mended (json_repair's time grows faster than the text)"""


@dataclass(slots=True)
class _Scan:
    """What stands in a text that wants to be one JSON value."""

    end: int = 0
    closed: bool = False
    faults: set[str] = field(default_factory=set)


def repaired(text: str) -> tuple[Json, tuple[str, ...]] | None:
    """The object or array a text was meant to be, and the repairs it took; None where that would be a guess.

    Nothing is returned for prose, for several values, or where what is wrong has no name here. Repairs: fence, prose,
    trailing comma, quotes, unquoted key, comment, python literal, line break in string, truncation.

    >>> repaired("{'a': True, 'b': [1, 2")
    ({'a': True, 'b': [1, 2]}, ('python literal', 'quotes', 'truncation'))
    """
    start = min((i for i in (text.find("{"), text.find("[")) if i >= 0), default=-1)
    if start < 0 or len(text) > _LONGEST:
        return None
    before, body = text[:start], text[start:]
    scan = _scan(body)
    after = body[scan.end :] if scan.closed else ""
    if any(c in after for c in "{}[]") or (not scan.closed and not _opens_an_answer(before, body)):
        return None
    faults = set(scan.faults)
    if not scan.closed:
        faults.add("truncation")
    if not faults:
        return None
    if _OPEN_FENCE.search(before):
        faults.add("fence")
    elif before.strip() or after.strip():
        faults.add("prose")
    value = _mend(body[: scan.end] if scan.closed else body)
    return None if value is None else (value, tuple(sorted(faults)))


def _opens_an_answer(before: str, body: str) -> bool:
    """Whether an unclosed bracket starts JSON at all: alone, behind a fence, or followed by a key or a value."""
    return bool(re.match(r"\{\s*[\"'}]|\{\s*[\w$]+\s*:|\[\s*[\[{\"'\d\]-]", body)) or not before.strip()


def _mend(text: str) -> Json:
    import json_repair

    try:
        value = json_repair.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, (dict, list)) and value else None


def _scan(text: str) -> _Scan:
    """Walk to the end of the first value, noting what is not JSON on the way."""
    scan, stack, at, comma = _Scan(), list[str](), 0, False
    while at < len(text):
        char = text[at]
        if char in "\"'":
            at = _skip_string(text, at, scan)
            comma = False
            continue
        if text.startswith(("//", "/*", "#"), at):
            scan.faults.add("comment")
            at = _skip_comment(text, at)
            continue
        if char in _CLOSING:
            stack.append(_CLOSING[char])
        elif stack and char == stack[-1]:
            stack.pop()
            if comma:
                scan.faults.add("trailing comma")
            if not stack:
                scan.end, scan.closed = at + 1, True
                return scan
        elif word := _WORD.match(text, at):
            _judge_word(text, word, scan)
            at, comma = word.end(), False
            continue
        comma = char == "," or (comma and char.isspace())
        at += 1
    scan.end = len(text)
    return scan


def _skip_string(text: str, at: int, scan: _Scan) -> int:
    quote = text[at]
    if quote == "'":
        scan.faults.add("quotes")
    at += 1
    while at < len(text) and text[at] != quote:
        if text[at] == "\n":
            scan.faults.add("line break in string")
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _skip_comment(text: str, at: int) -> int:
    closing = "*/" if text.startswith("/*", at) else "\n"
    end = text.find(closing, at)
    return len(text) if end < 0 else end + len(closing)


def _judge_word(text: str, word: re.Match[str], scan: _Scan) -> None:
    if word[0] in _PYTHON_WORDS:
        scan.faults.add("python literal")
    elif word[0] not in _JSON_WORDS and text[word.end() :].lstrip().startswith(":"):
        scan.faults.add("unquoted key")
