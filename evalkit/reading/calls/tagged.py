"""Tags that say "call", and all that models put into them.

Hermes and Qwen write JSON, Qwen3-Coder and Seed-OSS `<function=…>`, GLM-4.5 `<arg_key>`, MiniMax `<invoke>`, OLMo and
LFM2 Python; Granite, Nemotron, Jamba, Hunyuan, LongCat and Phi-4 only name the tag another way.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from evalkit.reading.calls import deepseek, function_xml, gemma, glm, invoke, pythonic
from evalkit.reading.calls.found import Found, Tools, broken_call, join_found
from evalkit.reading.calls.shape import accept_any_name, calls_of, read_json, strip_fence, values_from
from evalkit.reading.marks import ProseMask

_TAG = r"(?:\w{1,16}[:_])?(?:tool_?calls?|function_?calls?)"
OPEN = re.compile(rf"<\|{_TAG}(?:_start)?\|?>|<{_TAG}>|<｜DSML｜function_calls>", re.IGNORECASE)
CLOSE = re.compile(rf"<\|?/{_TAG}\|?>|<\|{_TAG}_end\|>|<{_TAG}\|>|</｜DSML｜function_calls>", re.IGNORECASE)
_TAGS_INSIDE = 8
"""Tags that may stand inside the texts of one call"""
_SENTENCE = re.compile(r"[ \t]+[A-Za-z\u3040-\u30ff\u4e00-\u9fff]|[ \t]*[,.;:)\"'`”」]|[ぁ-んー]|[ \t]*\Z")
"""What stands behind a tag that is only named: the sentence goes on"""


def read(text: str, tools: Tools) -> Found | None:
    """Read every tagged piece.

    A last tag that is never closed is read to the end of the text.
    """
    opened = [found.span() for found in OPEN.finditer(text)]
    if not opened:
        return None
    starts, closed = [start for start, _ in opened], [found.start() for found in CLOSE.finditer(text)]
    pieces: list[Found] = []
    prose = ProseMask(text)
    at = 0
    for start, end in opened:
        if start < at:
            continue
        found, at = _read_tag(text, start, end, starts, closed, tools, prose)
        if found is not None:
            pieces.append(found)
    return join_found(pieces) if pieces else None


def only_closed(text: str) -> Found | None:
    """Find a closing tag that nothing opened: a failed attempt.

    Alone on its line, where no other format reads the text.
    """
    prose, opened = ProseMask(text), OPEN.search(text)
    for closing in CLOSE.finditer(text):
        if opened is not None and opened.end() <= closing.start():
            return None  # which is only spoken of, and so is what closes it
        if (
            not prose.in_code(closing.start())
            and not text[closing.end() : closing.end() + 40].partition("\n")[0].strip()
        ):
            return broken_call(text)
    return None


def _read_tag(
    text: str, start: int, end: int, starts: list[int], closed: list[int], tools: Tools, prose: ProseMask
) -> tuple[Found | None, int]:
    """What one tag opens (None: it is only named), and where to look on. A tag inside a JSON string closes nothing."""
    body = end
    calls: list[list[tuple[str, str]] | None] = []
    if text[end : end + 40].lstrip()[:1] in ("{", "["):
        at = bisect_left(starts, end) + _TAGS_INSIDE
        try:
            values, length = values_from(text[end : starts[at] if at < len(starts) else len(text)])
            calls, end = [calls_of(value, accept_any_name) for value in values], end + length
        except ValueError:
            pass
    limit = _first(closed, end, _first(starts, end, len(text)))
    rest = text[end:limit].strip(" \t\r\n}]")
    if calls and all(call is not None for call in calls) and not rest.startswith(("{", "[")):
        if _is_example(text, start, limit, [name for one in calls for name, _ in one or ()], tools):
            return None, limit
        return Found(calls=tuple(call for one in calls for call in one or ())), limit
    piece = text[body : _first(closed, body, _first(starts, body, len(text)))] if not calls else text[body:limit]
    found = read_body(piece, tools)
    if found is None and _is_named(text, start, body, piece, tools, closed=_is_at(closed, limit), prose=prose):
        return None, body
    return found or broken_call(piece), max(limit, body)


def _is_at(places: list[int], at: int) -> bool:
    found = bisect_left(places, at)
    return found < len(places) and places[found] == at


def _first(places: list[int], at: int, otherwise: int) -> int:
    found = bisect_left(places, at)
    return min(places[found], otherwise) if found < len(places) else otherwise


def read_body(piece: str, tools: Tools) -> Found | None:
    """Read the calls in a tagged piece, however they are written.

    None where it is none of the known ways.
    """
    piece = strip_fence(piece.strip())
    if not piece:
        return None
    if piece == "[]":
        return Found()
    if piece in tools:  # GLM-4.5 writes a call without arguments so
        return Found(calls=((piece, "{}"),))
    if piece.startswith(("{", "[")) and (found := read_json(piece)) is not None:
        return found
    for reader in (function_xml.read, invoke.read, deepseek.read_calls, glm.read_tagged, gemma.read_braces):
        if (found := reader(piece, tools)) is not None:
            return found
    return pythonic.parse(piece) or glm.read(piece, tools)


def _is_example(text: str, start: int, limit: int, names: list[str], tools: Tools) -> bool:
    """Whether a call of no offered tool stands in the middle of a sentence, to show how one calls."""
    if not tools or any(name in tools for name in names):
        return False
    before = text[max(0, start - 40) : start].rpartition("\n")[2].strip()
    closing = CLOSE.match(text, limit)
    behind = text[closing.end() : closing.end() + 40].partition("\n")[0].strip() if closing else ""
    return bool(before) and behind[:1].isalpha()


def _is_named(text: str, start: int, end: int, piece: str, tools: Tools, *, closed: bool, prose: ProseMask) -> bool:
    """Whether a tag is only spoken of: in code, or in a sentence that goes on behind it."""
    if any(name in piece for name in tools):
        return False
    if prose.in_code(start):
        return True
    if piece.lstrip().startswith(("{", "[", "<")):
        return False
    before = text[max(0, start - 40) : start].rpartition("\n")[2]
    in_sentence = bool(before.strip())
    if not piece.strip():
        return in_sentence and not (closed and before.strip()[-1:] in ".!?。:：")
    return bool(_SENTENCE.match(text, end)) if in_sentence or not closed else False
