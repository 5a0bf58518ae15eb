"""Patterns of schemas, compiled once and bounded in time: an answer on which one runs without end has no verdict."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.ecma import BadPattern, translate_pattern

LONGEST = 1.0
"""Seconds of CPU that one pattern may take on one text; an ordinary one takes a millionth of that"""


class TookTooLong(RuntimeError):
    """A pattern backtracks without end on this text: whether it matches is not known."""


def is_found(pattern: str, text: str, *, longest: float = LONGEST) -> bool:
    """Return whether an ECMA-262 pattern is found anywhere in a text.

    Raises BadPattern for what is no pattern, TookTooLong after `longest` seconds of CPU.

    >>> is_found(r"^\\p{Script=Hiragana}+$", "ひらがな"), is_found("^a$", "a\\n")
    (True, False)
    """
    try:
        return compile_pattern(pattern).search(text, timeout=longest) is not None
    except TimeoutError:
        raise TookTooLong(
            f"the pattern {pattern!r} took more than {longest:g} s on a text of {len(text)} characters: it backtracks; "
            "write it without nested repetition"
        ) from None


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Any:
    """Compile the pattern for the package `regex`; raise BadPattern."""
    import regex

    try:
        return regex.compile(translate_pattern(pattern), flags=regex.V0)
    except (regex.error, RecursionError, OverflowError) as error:
        raise BadPattern(str(error)) from None


def only_pythons_where_unevaluated(schema: Json) -> None:
    """Raise BadPattern for a pattern that Python's `re` cannot read.

    jsonschema itself matches `patternProperties` for `unevaluatedProperties`, by Python's `re`.

    Raises BadPattern where a schema has both and a pattern that `re` cannot read.
    """
    if "unevaluatedProperties'" not in (text := str(schema)) or "patternProperties'" not in text:
        return
    inner = [schema]
    while inner:
        here = inner.pop()
        inner += here.values() if isinstance(here, dict) else here if isinstance(here, list) else ()
        patterns = here.get("patternProperties") if isinstance(here, dict) else None
        for pattern in patterns if isinstance(patterns, dict) else ():
            try:
                re.compile(pattern)
            except re.error:
                raise BadPattern(
                    f"patternProperties {pattern!r} beside unevaluatedProperties takes `backend: jsonschema-rs`"
                ) from None
