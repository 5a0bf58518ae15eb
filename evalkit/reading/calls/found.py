"""What a reader of calls takes and gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.core.exchange import Json

Schema = Mapping[str, Json]
Tools = Mapping[str, Schema]
"""Name -> JSON Schema of the parameters of the tools that were offered; empty where nothing is known of them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a reader found.

    (name, raw arguments) pairs, and pieces that wanted to be calls and failed (`broken`).
    """

    calls: tuple[tuple[str, str], ...] = ()
    broken: tuple[str, ...] = ()


NOBODY = frozenset(
    {"directly-answer", "directly_answer", "no_function", "no_function_call", "no_tool", "out_of_domain"}
)
"""How Command-R, Granite and Raven say that they call nothing, where no tool is so named"""

Reader = Callable[[str, Tools], Found | None]
"""Text and offered tools -> what was found; None where the format does not occur"""


def consume(pattern: re.Pattern[str], text: str) -> tuple[list[re.Match[str]], str]:
    """Match one after the other from the beginning; return the rest too.

    Space between them does not count. Linear time.
    """
    found: list[re.Match[str]] = []
    at = 0
    while one := pattern.match(text, _after_space(text, at)):
        found.append(one)
        at = one.end()
    return found, text[at:].strip()


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


_SPACE = re.compile(r"\s+")


def join_found(pieces: Sequence[Found]) -> Found:
    """Join several findings into one, in order."""
    return Found(calls=tuple(c for p in pieces for c in p.calls), broken=tuple(b for p in pieces for b in p.broken))


def broken_call(piece: str) -> Found:
    """Return a finding of one piece that wanted to be a call."""
    return Found(broken=(piece.strip(),))
