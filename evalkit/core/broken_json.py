"""What is wrong with a line that is no JSON, in plain words and with one place."""

from __future__ import annotations

import json

from evalkit.core.lookalikes import LOOKALIKES

_WORDS = {
    "Invalid control character at": "a line break or another control character stands in a text",
    "Expecting value": "no JSON value stands here",
    "Expecting ',' delimiter": "a comma, or the end of the list or object, is missing here",
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here",
    "Illegal trailing comma before end of object": "a comma too many",
    "Illegal trailing comma before end of array": "a comma too many",
    "Extra data": "something follows the value: one line holds one value",
    "Invalid \\escape": "a backslash stands before a character that needs none",
    "Invalid \\uXXXX escape": "\\u is not followed by four hexadecimal digits",
}


_BEGUN = {word[:i] for word in ("true", "false", "null") for i in range(1, len(word))}


def broken_json(error: Exception, line: str) -> tuple[str, int | None]:
    """Explain an error that parsing a line raised: what is wrong, and where.

    The column counts from 1 and is None where unknown.

    >>> from evalkit.core.rows import parse_strict
    >>> for line in ('{"id": "a", "text": "a te', '{"id": "a"} x'):
    ...     try:
    ...         parse_strict(line)
    ...     except ValueError as error:
    ...         print(broken_json(error, line))
    ('the line breaks off: it is not whole', 26)
    ('something follows the value: one line holds one value', 13)
    """
    if isinstance(error, RecursionError):
        return "nested too deeply", None
    if not isinstance(error, json.JSONDecodeError):
        return str(error), None
    whole = line.rstrip()
    if error.pos >= len(whole) and error.msg.startswith("Invalid control character"):
        # the line's own end stands in a text that was not closed: where did the text begin?
        try:
            json.loads(whole)
        except json.JSONDecodeError as unclosed:
            error = unclosed
    open_text = error.msg.startswith("Unterminated string")
    if open_text and whole.endswith(("}", "]")):
        curly = next((mark for mark in whole[error.pos :] if LOOKALIKES.get(mark) == '"'), None)
        closed = f" ({_lookalike(curly)})" if curly else ""
        return f"a text that begins here has no closing quote{closed}", error.pos + 1
    if open_text or error.pos >= len(whole) or whole[error.pos :] in _BEGUN:
        return "the line breaks off: it is not whole", len(line.rstrip("\r\n")) + 1
    if whole[error.pos] in LOOKALIKES:
        return _lookalike(whole[error.pos]), error.pos + 1
    return _WORDS.get(error.msg, error.msg), error.pos + 1


def _lookalike(mark: str) -> str:
    """What a mark is that JSON does not read, and which it wants; texts stand in double quotes alone."""
    meant = LOOKALIKES[mark].replace("'", '"')
    kind = "quote" if meant == '"' else "mark"
    return f"{mark} is a full-width or typographic {kind}; JSON wants {meant}"
