"""Values as evidence shows them: expected ones in the notation of data sets, long ones cut."""

from __future__ import annotations

import json
from collections.abc import Mapping

from evalkit.core.exchange import Json
from evalkit.scorers.values.expected import Expected

LONGEST = 200
"""Characters of a value that are shown"""


def show_expected(expected: Expected) -> Json:
    """Write an expected value in the notation of data sets."""
    if expected.kind == "equals" and not expected.optional:
        return shorten(expected.value)
    if expected.kind == "any_of":
        listed = {"any_of": [show_expected(choice) for choice in expected.choices]}
        return {**listed, "optional": True} if expected.optional else listed
    if expected.kind == "any":
        return {"optional": True} if expected.optional else {"any": True}
    plain: Json = shorten(expected.value)
    if expected.kind != "equals":
        plain = {expected.kind: plain, **expected.options}
    if expected.optional:
        return {**plain, "optional": True} if isinstance(plain, Mapping) else {"value": plain, "optional": True}
    return plain


def call_line(name: str, arguments: Json) -> str:
    """Write a call in one line.

    Arguments that are a text stay as they were written.
    """
    text = arguments if isinstance(arguments, str) else _WRITTEN.encode(arguments)
    return f"{name}({text[:LONGEST]})"


_WRITTEN = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def shorten(value: Json) -> Json:
    """Cut a value that is long as JSON."""
    if type(value) is str:
        return value if len(value) <= LONGEST else value[:LONGEST] + "…"
    if isinstance(value, (dict, list)):
        if _surely_short(value, LONGEST) >= 0:
            return value
        text = json.dumps(value, ensure_ascii=False)
        return value if len(text) <= LONGEST else text[:LONGEST] + "…"
    return value


_NUMBER = 25
"""Characters that a float takes at most"""


def _surely_short(value: Json, left: int) -> int:
    """What is left of `left` characters behind a value as JSON, taken at its longest; negative where it is too long."""
    if isinstance(value, str):
        return left - 2 * len(value) - 4
    if isinstance(value, int):
        return left - value.bit_length() // 3 - 8
    if isinstance(value, dict):
        left -= 2
        for key, inner in value.items():
            left = _surely_short(inner, left - 2 * len(str(key)) - 6)
            if left < 0:
                break
        return left
    if isinstance(value, list):
        left -= 2
        for inner in value:
            left = _surely_short(inner, left - 2)
            if left < 0:
                break
        return left
    return left - _NUMBER
