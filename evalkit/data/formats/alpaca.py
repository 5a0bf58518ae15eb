"""Alpaca rows."""

from __future__ import annotations

from evalkit.core.exchange import Message
from evalkit.data.draft import Asked
from evalkit.data.fields import UnreadableRow, name_kind, require_list, text_of
from evalkit.data.rows import Row

KEYS = ("instruction", "input", "output", "system", "history")


def read(row: Row) -> Asked:
    """Read an instruction row; `output` is the target.

    `instruction` is asked, with `input` behind a blank line where it is not empty.
    """
    question = text_of(row, "instruction")
    context = row.get("input")
    if isinstance(context, str) and context.strip():
        question = f"{question}\n\n{context}"
    elif context is not None and not isinstance(context, str):
        raise UnreadableRow(f"`input` must be text, not {name_kind(context)}")
    turns: list[Message] = []
    if isinstance(row.get("system"), str) and row["system"]:
        turns.append(Message(role="system", content=row["system"]))
    for index, pair in enumerate(require_list(row, "history") if row.get("history") else ()):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise UnreadableRow(f"history[{index}] must be a question and its answer")
        turns += [Message(role="user", content=pair[0]), Message(role="assistant", content=pair[1])]
    target = None if row.get("output") is None else text_of(row, "output")
    return Asked(messages=(*turns, Message(role="user", content=question)), target=target)
