"""A row's turns as the messages that a chat template is given."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json, Message
from evalkit.data.checks.data_row import DataRow, DataTurn
from evalkit.data.fields import UnreadableRow, tool_calls, tools


def messages_of(row: DataRow) -> tuple[Message, ...]:
    """Return the turns of a row as messages.

    What is no call is left out.
    """
    return tuple(_message(turn) for turn in row.turns)


def tools_of(row: DataRow) -> tuple[Mapping[str, Json], ...]:
    """Return the tools that a row offers, none where they cannot be read."""
    asked = row.raw.get("input")
    holder = asked if isinstance(asked, Mapping) and "tools" in asked else row.raw
    try:
        return tools(holder)
    except UnreadableRow:
        return ()


def _message(turn: DataTurn) -> Message:
    try:
        calls = tool_calls(turn.raw, place="turn")
    except UnreadableRow:
        calls = ()
    name, call_id = turn.raw.get("name"), turn.raw.get("tool_call_id")
    return Message(
        role=turn.role,
        content=turn.text if turn.text or not calls else None,
        name=name if isinstance(name, str) else None,
        tool_calls=calls,
        tool_call_id=call_id if isinstance(call_id, str) else None,
    )
