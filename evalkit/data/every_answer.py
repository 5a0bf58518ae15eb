"""Every answer of a conversation that is trained on as an example of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from evalkit.core.exchange import Example, Json
from evalkit.data.formats import Format
from evalkit.data.gold_marks import is_learned
from evalkit.data.rows import Row

_ANSWERING = ("assistant", "gpt", "model", "chatgpt", "bing", "bard", "function_call")
_KEYS = ("messages", "conversations", "conversation")


def every_answer(shape: Format, row: Row) -> tuple[Example, ...]:
    """Return an example for each answer that is trained on, the last one last.

    Each asks all that stands before its answer. They are one cluster and called ID#1, ID#2, ... in their order; a row
    of one answer is read as ever. Raises UnreadableRow as the format does.
    """
    whole = shape.example(row)
    key = next((name for name in _KEYS if isinstance(row.get(name), list)), None)
    turns = row[key] if key is not None else []
    ends = [place for place, turn in enumerate(turns) if _is_answer(turn) and is_learned(turn)]
    ends = [place for place in ends if any(not _is_answer(turn) for turn in turns[:place])]
    if key is None or len(ends) < 2:
        return (whole,)
    cluster = whole.cluster if whole.cluster is not None else whole.id
    found = [shape.example({**row, key: turns[: place + 1]}) for place in ends]
    return tuple(replace(one, id=f"{whole.id}#{number}", cluster=cluster) for number, one in enumerate(found, start=1))


def _is_answer(turn: Json) -> bool:
    if not isinstance(turn, Mapping):
        return False
    speaker = turn.get("role") or turn.get("from")
    return isinstance(speaker, str) and speaker.casefold() in _ANSWERING
