"""ShareGPT conversations, with the tool turns that LLaMA-Factory and Axolotl write."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Json
from evalkit.data.draft import Asked, from_conversation
from evalkit.data.fields import UnreadableRow, decode_json_text, messages, name_kind, require_list
from evalkit.data.formats.openai import two_choices
from evalkit.data.gold_marks import TURN_MARKS
from evalkit.data.media import refuse_media
from evalkit.data.rows import Row

KEYS = ("conversations", "conversation", "system", "chosen", "rejected")

ROLES = {
    "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "model": "assistant",
    "chatgpt": "assistant", "bing": "assistant", "bard": "assistant", "system": "system", "tool": "tool",
    "observation": "tool", "function_response": "tool", "function_call": "call",
}  # fmt: skip


def read(row: Row) -> Asked:
    """Read `conversations`: the last turn of the model is the target.

    With `chosen` and `rejected` beside them (LLaMA-Factory's pairs) it is a choice of two.
    """
    refuse_media(row)
    key = "conversations" if row.get("conversations") is not None else "conversation"
    if row.get(key) is None:
        raise UnreadableRow("`conversations` is missing")
    turns = [_turn(value, place=f"{key}[{index}]") for index, value in enumerate(require_list(row, key))]
    system = row.get("system")
    if isinstance(system, str) and system and (not turns or turns[0]["role"] != "system"):
        turns.insert(0, {"role": "system", "content": system})
    if row.get("chosen") is None and row.get("rejected") is None:
        return from_conversation(turns, key=key)
    sides = [_turn(row.get(side), place=side) for side in ("chosen", "rejected")]
    if any(side["role"] != "assistant" or side.get("tool_calls") for side in sides):
        raise UnreadableRow("`chosen` and `rejected` must each be one text of the model")
    return two_choices(messages(turns, key=key), good=sides[0]["content"], bad=sides[1]["content"])


def _turn(value: Json, *, place: str) -> dict[str, Json]:
    if not isinstance(value, Mapping):
        raise UnreadableRow(f"{place} must be an object, not {name_kind(value)}")
    speaker = value.get("from", value.get("role"))
    content = value.get("value", value.get("content"))
    role = ROLES.get(speaker.casefold()) if isinstance(speaker, str) else None
    if role is None:
        near = did_you_mean(speaker.casefold(), ROLES) if isinstance(speaker, str) else ""
        if near:
            raise UnreadableRow(f"{place}.from: there is no speaker {speaker!r}{near}")
        raise UnreadableRow(f"{place}.from must be one of {', '.join(sorted(ROLES))}, not {name_kind(speaker)}")
    if not isinstance(content, str):
        raise UnreadableRow(f"{place}.value must be text, not {name_kind(content)}")
    out: dict[str, Json] = {"role": role, "content": content}
    if role == "call":
        out = {"role": "assistant", "content": None, "tool_calls": _calls(content, place=place)}
    return out | {mark: value[mark] for mark in TURN_MARKS if value.get(mark) is not None}


def _calls(content: str, *, place: str) -> list[Json]:
    """A `function_call` turn holds one call or a list of them as JSON."""
    calls = decode_json_text(content)
    calls = calls if isinstance(calls, list) else [calls]
    if not calls or not all(isinstance(call, Mapping) and "name" in call for call in calls):
        raise UnreadableRow(f'{place}.value must be {{"name": ..., "arguments": ...}}')
    return list(calls)
