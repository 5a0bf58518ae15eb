"""evalkit's own rows; CSV rows after their columns have been named."""

from __future__ import annotations

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Json, Message
from evalkit.data import conversations
from evalkit.data.choice_targets import read_choice_target
from evalkit.data.draft import COMMON, Asked
from evalkit.data.fields import NothingAsked, UnreadableRow, choices, messages, name_kind, require_list
from evalkit.data.rows import Row

KEYS = ("messages", "input", "target", "system")
FOR_SCORERS = ("checks", "threshold", "tests", "setup", "entry_point")
"""Keys that scorers read from `extra`"""

ELSEWHERE = (
    ("conversations", "sharegpt"),
    ("instruction", "alpaca"),
    ("preferred_output", "openai-preference"),
    ("chosen", "trl"),
    ("prompt", "trl"),
)
"""Keys that rows of other formats have, and which"""


def read(row: Row) -> Asked:
    """Read `messages` or `input`.

    With `choices` the target becomes the index of the right one.
    """
    _no_misspelling(row)
    if row.get("turns") is not None and not isinstance(row["turns"], str):
        what = f"`turns` is {conversations.GENERATE} or not there, not {name_kind(row['turns'])}"
        raise UnreadableRow(f"{what}; what evalkit does not know belongs in `extra`")
    turns = _read_messages(row)
    target = row.get("target")
    offered = choices(row)
    if offered:
        right, notes = read_choice_target(target, offered)
        return Asked(messages=turns, target=right, choices=offered, notes=notes)
    return Asked(messages=turns, target=_check_target(target))


def _read_messages(row: Row) -> tuple[Message, ...]:
    has_input, has_messages = row.get("input") is not None, row.get("messages") is not None
    if has_input and has_messages:
        raise UnreadableRow("a row has `messages` or `input`, not both")
    if has_messages:
        turns = messages(require_list(row, "messages"))
    elif isinstance(row.get("input"), str):
        turns = (Message(role="user", content=row["input"]),)
    elif has_input:
        raise UnreadableRow(f"`input` must be text, not {name_kind(row['input'])}")
    else:
        raise NothingAsked(f"the row has neither `messages` nor `input`{_name_format(row)}")
    if isinstance(row.get("system"), str) and row["system"]:
        turns = (Message(role="system", content=row["system"]), *turns)
    return turns


def _name_format(row: Row) -> str:
    """The format whose key the row has, as a question."""
    found = next((f"; did you mean format: {name}? It reads `{key}`" for key, name in ELSEWHERE if key in row), "")
    return found


def _check_target(target: Json) -> Json:
    """A target of tool calls must have the shape of one."""
    if not isinstance(target, dict) or "tool_calls" not in target:
        return target
    calls = target["tool_calls"]
    if not isinstance(calls, list):
        raise UnreadableRow(f"`target.tool_calls` must be a list, not {name_kind(calls)}")
    for index, call in enumerate(calls):
        if not isinstance(call, dict) or not isinstance(call.get("name"), str):
            raise UnreadableRow(f'`target.tool_calls[{index}]` must be {{"name": ..., "arguments": {{...}}}}')
    return target


def _no_misspelling(row: Row) -> None:
    """A key one letter off a field that is missing would otherwise be lost in silence."""
    fields = [name for name in (*KEYS, *COMMON) if name not in row]
    for key in row:
        if key in KEYS or key in COMMON or key in FOR_SCORERS or key in conversations.KEYS or len(key) < 4:
            continue
        near = did_you_mean(key, [f for f in fields if len(f) > 3 and abs(len(f) - len(key)) < 2 and f[0] == key[0]])
        if near:
            raise UnreadableRow(f"unknown key {key!r}{near}; what evalkit does not know belongs in `extra`")
