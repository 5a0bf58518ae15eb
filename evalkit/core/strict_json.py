"""JSON text to a value as RFC 8259 has it: nothing that only Python's parser takes."""

from __future__ import annotations

import json
import re

from evalkit.core.exchange import Json
from evalkit.core.numerals import NotStrict, finite, whole
from evalkit.core.repeated import find_repeated

_DEEPEST = 64
"""Levels of objects and lists; what a model nests deeper is a loop, and would exhaust those who walk it"""


def strict(text: str) -> Json:
    """Parse a JSON text strictly.

    Raises ValueError: not JSON, a repeated key, NaN, Infinity, a number that no float holds, half of a surrogate pair,
    or too deep.

    >>> strict('{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise NotStrict("nested too deeply") from None
    return _walkable(value, text)


def strict_at(text: str, start: int) -> tuple[Json, int]:
    """Parse the JSON value that begins at `start`; also return its end.

    What stands behind it is not looked at. Raises ValueError as `strict` does.

    >>> strict_at('f: {"a": 1} and more', 3)
    ({'a': 1}, 11)
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise NotStrict("nested too deeply") from None
    return _walkable(value, text[start:end]), end


def _walkable(value: Json, text: str) -> Json:
    if text.count("[") + text.count("{") > _DEEPEST and _is_too_deep(value):
        raise NotStrict("nested too deeply")
    if ("\\u" in text or not text.isascii()) and _SURROGATE.search(text) and _has_half_pairs(value):
        raise NotStrict("half of a surrogate pair is no text")
    return value


def _is_too_deep(value: Json) -> bool:
    level = [value]
    for _ in range(_DEEPEST + 1):
        containers = [v for v in level if isinstance(v, (dict, list))]
        if not containers:
            return False
        level = [inner for v in containers for inner in (v.values() if isinstance(v, dict) else v)]
    return True


def _has_half_pairs(value: Json) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _unique_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict(f"the key {find_repeated(key for key, _ in pairs)!r} stands twice")
    return found


def _refuse(word: str) -> Json:
    raise NotStrict(f"{word} is no JSON number")


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_DECODER = json.JSONDecoder(object_pairs_hook=_unique_keys, parse_constant=_refuse, parse_float=finite, parse_int=whole)
