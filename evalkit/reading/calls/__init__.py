"""Calls that stand in the text, in whichever format: one small reader each, the order of trial in one table.

A text that is one JSON value with calls is that. Then formats with marks, the one whose mark stands first in the text
before the others (a mark inside another format's strings is only text); two that begin at one place are tried in the
order of `MARKED`. Then those without marks, in the order of `UNMARKED`. The first that finds calls, or pieces that
wanted to be calls, is believed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple, get_args

from evalkit.reading.calls import (
    bare,
    cohere,
    deepseek,
    function_xml,
    functionary,
    functools,
    gemma,
    glm,
    harmony_calls,
    internlm,
    invoke,
    kimi,
    llama,
    mistral,
    pythonic,
    react,
    tagged,
)
from evalkit.reading.calls.found import NOBODY, Found, Reader, Tools
from evalkit.reading.calls.lookalike import looks_like_call

__all__ = [
    "FORMATS",
    "MARKED",
    "UNMARKED",
    "Format",
    "Found",
    "Tools",
    "first_marked_call",
    "looks_like_call",
    "read_calls",
]

Format = Literal[
    "harmony", "deepseek", "kimi", "gemma", "cohere", "internlm", "functionary", "phi", "llama", "mistral", "hermes",
    "qwen_xml", "invoke", "react", "glm", "pythonic", "json",
]  # fmt: skip
FORMATS: tuple[str, ...] = get_args(Format)


class Marked(NamedTuple):
    """A format that begins with a mark.

    Without one of its hints in a text the mark is not looked for.
    """

    mark: re.Pattern[str]
    read: Reader
    hints: tuple[str, ...]


MARKED: Mapping[str, Marked] = {
    "harmony": Marked(harmony_calls.MARK, harmony_calls.read, ("<|channel|>", "to=")),
    "deepseek": Marked(deepseek.MARK, deepseek.read, ("begin｜>", "begin|>", "DSML")),
    "kimi": Marked(kimi.MARK, kimi.read, ("<|tool_call",)),
    "gemma": Marked(gemma.MARK, gemma.read, ("<start_function_call>", "```tool_code", "<|tool_call>", "call:")),
    "cohere": Marked(cohere.MARK, cohere.read, ("<|START_ACTION|>", "Action")),
    "internlm": Marked(internlm.MARK, internlm.read, ("<|action_start|>",)),
    "functionary": Marked(functionary.MARK, functionary.read, (">>>", "<|recipient|>")),
    "phi": Marked(functools.MARK, functools.read, ("functools",)),
    "llama": Marked(llama.MARK, llama.read, ("<|python_",)),
    "mistral": Marked(mistral.MARK, mistral.read, ("[TOOL_CALLS]",)),
    "hermes": Marked(tagged.OPEN, tagged.read, ("<",)),
    "qwen_xml": Marked(function_xml.MARK, function_xml.read, ("<function",)),
    "invoke": Marked(invoke.MARK, invoke.read, ("name=",)),
    "react": Marked(react.MARK, react.read, ("ction",)),
}
UNMARKED: Mapping[str, Reader] = {"glm": glm.read, "pythonic": pythonic.read, "json": bare.read}
_WITH = {"llama": "qwen_xml", "hermes": "gemma"}
"""Formats that a suite allows together: Llama 3.1 writes `<function=…>`, too"""
_ENDED = re.compile(
    r"(?:\s*(?:</s>|<end_of_turn>|<[|｜](?:eot|eot_id|eom|eom_id|im_end|end|endoftext|return|observation|user"
    r"|end[▁_]of[▁_]sentence)[|｜]>))+\s*\Z"
)
"""Tokens that end a turn: behind a call without marks they are no words"""
_SIGNS = re.compile(r"[{(\[<]|\bAction")
_SURE = ("harmony", "deepseek", "kimi", "gemma", "internlm", "llama", "mistral", "hermes", "qwen_xml", "invoke")


def read_calls(text: str, tools: Tools, *, formats: Collection[str] = FORMATS) -> tuple[str, Found] | None:
    """Read the format and what it holds.

    None where the text is only words. Thoughts are not looked for here.

    >>> read_calls('<tool_call>{"name": "now", "arguments": {}}</tool_call>', {})
    ('hermes', Found(calls=(('now', '{}'),), broken=()))
    """
    read = _first(text, tools, formats) if _SIGNS.search(text) else None
    if read is None:
        return None
    name, found = read
    calls = tuple(call for call in found.calls if call[0] not in NOBODY or call[0] in tools)
    return name, Found(calls=calls, broken=found.broken) if len(calls) < len(found.calls) else found


def _first(text: str, tools: Tools, formats: Collection[str]) -> tuple[str, Found] | None:
    """What the first format finds that finds anything."""
    allowed = {*formats, *(_WITH[name] for name in formats if name in _WITH)}
    if "json" in allowed and (whole := bare.read_whole(text, tools)) is not None:
        return "json", whole
    for _, name in _by_place(text, allowed):
        if (found := MARKED[name].read(text, tools)) is not None:
            return name, found
    if text.rstrip().endswith(">"):
        text = _ENDED.sub("", text[-200:]) if len(text) <= 200 else text[:-200] + _ENDED.sub("", text[-200:])
    for name, read in UNMARKED.items():
        if name in allowed and (found := read(text, tools)) is not None:
            return name, found
    if "hermes" in allowed and "</" in text and (found := tagged.only_closed(text)) is not None:
        return "hermes", found
    return None


def first_marked_call(text: str) -> int | None:
    """Find where the first call behind a sure mark begins.

    None where no mark is followed by a call that can be read.
    """
    for at, name in _by_place(text, _SURE):
        found = MARKED[name].read(text[at:], {})
        if found is not None and found.calls:
            return at
    return None


def _by_place(text: str, names: Collection[str]) -> list[tuple[int, str]]:
    """The formats whose mark occurs, with where it stands first, in the order of trial."""
    found = []
    for name, format in MARKED.items():
        for hint in format.hints:
            if hint in text:
                first = format.mark.search(text) if name in names else None
                if first is not None:
                    found.append((first.start(), name))
                break
    return sorted(found, key=lambda item: item[0])
