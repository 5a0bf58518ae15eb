"""Keywords that jsonschema reads in Python's way, read as JSON Schema and ECMA-262 have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from evalkit.core.nouns import Json


def multiple_of(validator: Any, divisor: Json, instance: Json, schema: Json) -> Iterator[Any]:
    """Decimal, not binary: 19.99 is a multiple of 0.01."""
    if not isinstance(instance, (int, float)) or isinstance(instance, bool):
        return
    try:
        remainder = Decimal(str(instance)) % Decimal(str(divisor))
    except InvalidOperation:  # a quotient too long for the context: whole, or not told
        remainder = Decimal(0) if float(instance / divisor).is_integer() else Decimal(1)
    if remainder:
        yield _error(f"{instance!r} is not a multiple of {divisor}")


def pattern(validator: Any, expected: str, instance: Json, schema: Json) -> Iterator[Any]:
    """As ECMA-262 reads it: \\d and \\w are ASCII, $ is the very end."""
    if isinstance(instance, str) and not _ecma(expected).search(instance):
        yield _error(f"{instance!r} does not match {expected!r}")


def _error(message: str) -> Any:
    from jsonschema.exceptions import ValidationError

    return ValidationError(message)


@lru_cache(maxsize=1024)
def _ecma(pattern: str) -> re.Pattern[str]:
    pieces, inside, at = [], False, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            pieces.append(_ASCII_CLASSES[inside].get(pattern[at + 1], pattern[at : at + 2]))
            at += 2
            continue
        inside = (inside or char == "[") and not (inside and char == "]")
        pieces.append(r"\Z" if char == "$" and not inside else char)
        at += 1
    return re.compile("".join(pieces))


_ASCII_CLASSES: Mapping[bool, Mapping[str, str]] = {
    False: {"d": "[0-9]", "D": "[^0-9]", "w": "[A-Za-z0-9_]", "W": "[^A-Za-z0-9_]"},
    True: {"d": "0-9", "w": "A-Za-z0-9_"},
}
