"""DeepSeek: V3 and R1, V3.1, and V3.2's DSML; the bars may be full-width or plain, the blanks ▁ or _."""

from __future__ import annotations

import json
import re

from evalkit.core.exchange import Json
from evalkit.core.strict_json import strict
from evalkit.reading.calls.found import Found, Tools, broken_call, consume, join_found
from evalkit.reading.calls.shape import strip_fence
from evalkit.reading.calls.typed import arguments_json

_B, _S = "[｜|]", "[▁_ ]"
MARK = re.compile(rf"<{_B}tool{_S}calls?{_S}begin{_B}>|<{_B}DSML{_B}(?:function_calls|invoke)")
_CALL = re.compile(rf"<{_B}tool{_S}call{_S}begin{_B}>")
_SEP = re.compile(rf"<{_B}tool{_S}sep{_B}>")
_END = re.compile(rf"<{_B}tool{_S}calls?{_S}end{_B}>")
_INVOKE = re.compile(rf"""<{_B}DSML{_B}invoke\s{{1,8}}name=["']([^"'\n]{{1,200}})["']\s*>""")
_INVOKED = re.compile(rf"</{_B}DSML{_B}invoke>")
_PARAMETER = re.compile(
    rf"""<{_B}DSML{_B}parameter\s{{1,8}}name=["']([^"'\n]{{1,200}})["'](?:\s{{1,8}}string=["'](true|false)["'])?\s*>"""
    rf"(.*?)</{_B}DSML{_B}parameter>",
    re.DOTALL,
)


def read(text: str, tools: Tools) -> Found | None:
    """Read the calls behind the first mark of the text."""
    mark = MARK.search(text)
    if mark is None or "argument_begin" in text:  # which is Kimi's way, under the same names
        return None
    found = read_calls(text[mark.start() :], tools)
    return broken_call(text[mark.start() :]) if found is None else found


def read_calls(text: str, tools: Tools) -> Found | None:
    """Read the calls of either notation in a text; None where there is none."""
    if "DSML" in text:
        opened = list(_INVOKE.finditer(text))
        if not opened:
            return None
        ends = [found.start() for found in opened[1:]] + [len(text)]
        pieces = [_invocation(text, found, end, tools) for found, end in zip(opened, ends, strict=True)]
    else:
        pieces = [_call(piece) for piece in _CALL.split(text)[1:]]
    return join_found(pieces) if pieces else None


def _call(piece: str) -> Found:
    """`function<sep>name` and JSON in a fence (V3, R1), or `name<sep>` and JSON (V3.1)."""
    ended = _END.search(piece)
    body = piece[: ended.start()] if ended else piece
    parts = _SEP.split(body, maxsplit=1)
    if len(parts) < 2:
        return broken_call(body)
    before, behind = parts[0].strip(), parts[1].strip()
    if behind.startswith(("{", '"')) or not behind:
        return Found(calls=((before, behind),))
    name, _, arguments = behind.partition("\n")
    return Found(calls=((name.strip(), strip_fence(arguments.strip())),)) if arguments else broken_call(body)


def _invocation(text: str, opened: re.Match[str], end: int, tools: Tools) -> Found:
    closed = _INVOKED.search(text, opened.end(), end)
    if closed is None:
        return broken_call(text[opened.start() : end])
    body, name = text[opened.end() : closed.start()], opened[1]
    matches, left = consume(_PARAMETER, body)
    found = [(one[1], one[2], one[3]) for one in matches]
    if left or len({key for key, _, _ in found}) < len(found):
        return broken_call(text[opened.start() : end])
    values: dict[str, Json] = {}
    for key, said, value in found:
        if said == "true":
            values[key] = value
            continue
        try:
            values[key] = strict(value)
        except ValueError:
            one = arguments_json([(key, value)], tools.get(name, {}))
            values |= json.loads(one) if one else {}
    return Found(calls=((name, json.dumps(values, ensure_ascii=False)),))
