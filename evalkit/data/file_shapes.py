"""JSON that holds rows in another shape than one object a line, called by its name in one sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from evalkit.core.errors import Location, Problem, count_of
from evalkit.core.exchange import Json
from evalkit.data.compressed import is_damage
from evalkit.data.source import bare_name, open_bytes

_HEAD = 1 << 16
_MOST = 1 << 28
"""Bytes up to which a file of one value is read to say what it is"""
_TURNS = ("role", "from", "speaker")
_LISTS_OF_ROWS = (
    "messages", "conversations", "conversation", "prompt", "completion", "chosen", "rejected", "tools", "functions",
    "choices", "preferred_output", "non_preferred_output", "preferred_completion", "non_preferred_completion",
    "chosen_messages", "rejected_messages", "history", "sentences", "turns", "segments", "input",
)  # fmt: skip
"""Keys of a row whose value is a list of objects"""
_ASKED = frozenset(_LISTS_OF_ROWS) | {"question", "query", "instruction", "text", "utterance", "質問", "問題", "入力"}
"""Keys that only a row has: a file of one row may hold lists of objects (`checks`, `documents`) beside them"""


def other_shape(path: str) -> Problem | None:
    """Return what to say of JSON in another shape.

    Its rows stand neither one a line nor in the one array of a .json file. It is None where the file may be read: what
    is wrong in single lines is told by who reads them.
    """
    head = _read(path, _HEAD)
    text = head.decode("utf-8-sig", "ignore").lstrip()
    first, end, rest = text.partition("\n")
    if not text or b"\0" in head or not _is_utf8(head):
        return None
    if text[0] not in "[{":
        return _no_json(path, text)
    if text[0] == "[":
        return None if bare_name(path).endswith(".json") else _array(path, first, rest)
    if _parse(first) is None:
        return _over_lines(path, text, whole_head=len(head) < _HEAD)
    if end and rest.strip():
        return None
    value = _parse(_read(path, _MOST).decode("utf-8-sig", "ignore"))
    return _one_object(path, value) if isinstance(value, Mapping) else None


def _is_utf8(head: bytes) -> bool:
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 12
    return True


def _no_json(path: str, text: str) -> Problem | None:
    """Text whose first lines are no JSON, all of them; a single broken line is told by who reads it."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if any(line.lstrip()[:1] in ("{", "[") for line in lines) or _parse(lines[0]) is not None:
        return None
    return Problem(
        what="this is text, not JSON: no line begins with {",
        where=Location(file=path),
        todo="a table is read with --format csv; other texts have to be written as one JSON object a line",
    )


def _read(path: str, most: int) -> bytes:
    try:
        with open_bytes(path) as raw:
            return raw.read(most)
    except Exception as error:
        if not is_damage(error):
            raise
        return b""  # told by who reads it


def _parse(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _array(path: str, first: str, rest: str) -> Problem | None:
    """One array where a line each was promised; lines that are arrays themselves are told by who reads them."""
    if isinstance(_parse(first), list) and rest.strip():
        return None
    return Problem(
        what="this is one JSON array, not one object a line",
        where=Location(file=path),
        todo="give it a name that ends in .json, or write a line each: jq -c '.[]' FILE > rows.jsonl",
    )


def _over_lines(path: str, text: str, *, whole_head: bool) -> Problem | None:
    """Objects printed over several lines: a value ends on a later line than it begins."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        lines = text.splitlines()[:-1]
        if whole_head or len(lines) < 2 or lines[0].strip() != "{" or not lines[1].lstrip().startswith('"'):
            return None
        value, end = {}, -1
    if isinstance(value, Mapping) and end >= 0 and not text[end:].strip() and whole_head:
        found = _one_object(path, value)
        if found is not None:
            return found
    if end >= 0 and "\n" not in text[:end]:
        return None
    return Problem(
        what="these are JSON objects printed over several lines, not one a line",
        where=Location(file=path),
        todo="write a line each: jq -c . FILE > rows.jsonl",
    )


def _one_object(path: str, value: Mapping[str, Json]) -> Problem | None:
    """A table by columns, or rows under a key; None for a file of one row."""
    wrapped = _rows_under(value)
    if wrapped is not None:
        key, count = wrapped
        what = f"this is one JSON object that holds {count_of(count, 'row')} under {key!r}, not one object a line"
        todo = f"write a line each: jq -c '.[\"{key}\"][]' FILE > rows.jsonl"
        return Problem(what=what, where=Location(file=path), todo=todo)
    inner = list(value.values())
    if inner and all(isinstance(one, list) for one in inner) and _is_columns(value):
        count = len(inner[0])
        what = f"this is a table by columns, each a list of {count_of(count, 'value')}, not one object a line"
        todo = "pandas.DataFrame(json.load(open(FILE))).to_json('rows.jsonl', orient='records', lines=True)"
        return Problem(what=what, where=Location(file=path), todo=todo)
    if len(inner) > 1 and all(isinstance(one, Mapping) and one for one in inner):
        return _of_objects(path, inner)
    return None


def _rows_under(value: Mapping[str, Json]) -> tuple[str, int] | None:
    """The key under which a list of rows stands, and how many; None for an object that is a row itself."""
    if any(key in _ASKED and inner for key, inner in value.items()):
        return None
    for key, inner in value.items():
        if key in _LISTS_OF_ROWS or not isinstance(inner, list) or not inner:
            continue
        if all(isinstance(one, Mapping) and not any(name in one for name in _TURNS) for one in inner):
            return key, len(inner)
    return None


def _is_columns(value: Mapping[str, Json]) -> bool:
    sizes = {len(one) for one in value.values()}
    turns = any(isinstance(one, Mapping) for inner in value.values() for one in inner[:1])
    return len(sizes) == 1 and sizes != {0} and not turns and (len(value) > 1 or sizes != {1})


def _of_objects(path: str, inner: list[Any]) -> Problem | None:
    """Columns as pandas writes them by default, or rows by their names."""
    names = [tuple(one) for one in inner]
    if not all(one == names[0] for one in names):
        return None
    if all(name.isdecimal() for name in names[0]):
        what = "this is a table by columns as pandas writes it, {column: {row: value}}, not one object a line"
        todo = "write it as df.to_json('rows.jsonl', orient='records', lines=True)"
    else:
        what = f"this is one JSON object that holds {len(inner)} rows by their names, not one object a line"
        todo = "write a line each: jq -c '.[]' FILE > rows.jsonl"
    return Problem(what=what, where=Location(file=path), todo=todo)
