"""Calls written as text, as `bfcl_compat` reads them: one small reader a dialect, tried in the order of READERS.

A reader takes the text and the names of the offered tools, and returns None where its dialect does not occur. A reader
that finds its own marks but no call behind them returns the broken piece: an attempt that failed is no abstention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from evalkit.scorers.tool_calls.bfcl.dialects import bare, hermes, llama, mistral, pythonic
from evalkit.scorers.tool_calls.bfcl.dialects.shape import DialectCalls

Reader = Callable[[str, Collection[str]], DialectCalls | None]

READERS: Mapping[str, Reader] = {
    "hermes": hermes.read,
    "mistral": mistral.read,
    "llama": llama.read,
    "pythonic": pythonic.read,
    "json": bare.read,
}


_MARKS = {"hermes": hermes.OPEN, "mistral": mistral.MARK, "llama": llama.MARK}
_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?(?:</\1>|\Z)|\A.*?</think>", re.DOTALL)
"""What a model thinks before it answers is no answer; templates open the tag themselves, so it may only be closed."""


def read_text(text: str, names: Collection[str], *, dialects: Collection[str]) -> tuple[str, DialectCalls] | None:
    """Read the text in the first dialect that occurs in it.

    It is read behind its thoughts; None where the text is only words.
    """
    text = _THOUGHT.sub("", text, count=1)
    for name in sorted(READERS, key=lambda name: _first_mark(name, text)):
        if name in dialects and (found := READERS[name](text, names)) is not None:
            return name, found
    if "hermes" in dialects and (piece := hermes.only_closed(text)) is not None:
        return "hermes", piece
    return None


def _first_mark(name: str, text: str) -> int:
    """Where the dialect's mark stands first: a mark inside another dialect's strings is only text."""
    mark = _MARKS[name].search(text) if name in _MARKS else None
    return mark.start() if mark else len(text) + list(READERS).index(name)
