"""Calls written as text: one small reader a dialect, tried in the order of READERS.

A reader takes the text and the names of the offered tools, and returns None where its dialect does not occur. A reader
that finds its own marks but no call behind them returns the broken piece: an attempt that failed is no abstention.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from evalkit.scorers.tool_calls.dialects import bare, hermes, llama, mistral, pythonic
from evalkit.scorers.tool_calls.dialects.shape import Found

Reader = Callable[[str, Collection[str]], Found | None]

READERS: Mapping[str, Reader] = {
    "hermes": hermes.read,
    "mistral": mistral.read,
    "llama": llama.read,
    "pythonic": pythonic.read,
    "json": bare.read,
}


def read_text(text: str, names: Collection[str], *, dialects: Collection[str]) -> tuple[str, Found] | None:
    """The first dialect that occurs in the text, and what it holds; None where the text is only words."""
    for name, read in READERS.items():
        if name in dialects and (found := read(text, names)) is not None:
            return name, found
    return None
