"""GLM: 4.5 writes ``name<arg_key>…</arg_key><arg_value>…</arg_value>``, 4 writes the name and JSON below it."""

from __future__ import annotations

import re

from evalkit.core.strict_json import strict_at
from evalkit.reading.calls.found import Found, Tools, broken_call
from evalkit.reading.calls.function_xml import strip_padding
from evalkit.reading.calls.typed import arguments_json

_PAIR = re.compile(
    r"\s{0,8}<(?:\w{1,16}_)?arg_key>([^<]{1,200})</(?:\w{1,16}_)?arg_key>\s{0,8}<(?:\w{1,16}_)?arg_value>(.*?)"
    r"</(?:\w{1,16}_)?arg_value>",
    re.DOTALL,
)
_KEY = re.compile(r"<(?:\w{1,16}_)?arg_key>")
_NAME = re.compile(
    r"\s{0,40}(?:<\|assistant\|>)?\s{0,8}([A-Za-z_][\w.:/-]{0,199})[ \t]{0,8}(?:\r?\n\s{0,8}|[ \t]?)(?=\{)"
)

_ON_LINES = re.compile(
    r"^[ \t]{0,8}`?([A-Za-z_][\w.:/-]{0,199})`?:?[ \t]{0,8}\r?\n\s{0,8}(?:```(?:json)?\s{0,8})?(?=\{)", re.MULTILINE
)
_PIECES = 64
"""Names on lines of their own that are looked at"""


def read_tagged(piece: str, tools: Tools) -> Found | None:
    """Read what a tag of GLM-4.5 holds: the name, then keys and values."""
    key = _KEY.search(piece)
    if key is None:
        return None
    name = piece[: key.start()]
    at, pairs = len(name), []
    while pair := _PAIR.match(piece, at):
        pairs.append((pair[1].strip(), strip_padding(pair[2])))
        at = pair.end()
    arguments = arguments_json(pairs, tools.get(name.strip(), {})) if not piece[at:].strip() else None
    return broken_call(piece) if arguments is None or not name.strip() else Found(calls=((name.strip(), arguments),))


def read(text: str, tools: Tools) -> Found | None:
    """Read names of offered tools with their arguments at the text's beginning.

    Each name has an object of arguments below it.

    Of another name too, where name and object are all there is: a call of a tool that was not offered.
    """
    key = _KEY.search(text) if "arg_key>" in text else None
    if key is not None and text[: key.start()].strip() in tools:  # the tag around them was dropped
        return read_tagged(text.partition("</tool_call>")[0], tools)
    calls: list[tuple[str, str]] = []
    at = 0
    while (found := _NAME.match(text, at)) and (
        found[1] in tools or (not calls and "\n" in found[0].strip("\n") + text[found.end() - 1 : found.end()])
    ):
        try:
            value, end = strict_at(text, found.end())
        except ValueError:
            if found[1] in tools:
                return Found(calls=tuple(calls), broken=(text[found.start() :].strip(),))
            break
        if not isinstance(value, dict) or (found[1] not in tools and text[end:].strip()):
            break
        calls.append((found[1], text[found.end() : end]))
        at = end
    return Found(calls=tuple(calls)) if calls else _between_words(text, tools)


def _between_words(text: str, tools: Tools) -> Found | None:
    """Offered names on lines of their own, each with an object of arguments below it."""
    if "{" not in text:
        return None
    calls: list[tuple[str, str]] = []
    for found, _ in zip(_ON_LINES.finditer(text), range(_PIECES), strict=False):
        if found[1] in tools:
            try:
                value, end = strict_at(text, found.end())
            except ValueError:
                continue
            if isinstance(value, dict) and not isinstance(value.get("properties"), dict):
                calls.append((found[1], text[found.end() : end]))
    return Found(calls=tuple(calls)) if calls else None
