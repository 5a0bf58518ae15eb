"""A row of training data between two formats: its turns with all their keys, the other answer, the tools, the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.exchange import Json
from evalkit.core.rows import parse
from evalkit.data.gold_marks import TURN_MARKS, turn_mark_of

Values = dict[str, Json]
_ALWAYS = ("role", "content", "tool_calls", "tool_call_id", "name")


class CannotHold(ValueError):
    """The format has no place for something in the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecord:
    """What a row teaches, whatever its format."""

    turns: tuple[Values, ...]
    """In the shape of the chat completions API, with every key that they had"""
    begin: int | None = None
    """Where the answers begin that are trained on; None where every turn of the assistant is one, but for its marks"""
    rejected: tuple[Values, ...] | None = None
    """The other answer to what stands before `begin`"""
    label: bool | None = None
    """Whether the answer is one to learn from (KTO)"""
    choices: tuple[str, ...] = ()
    right: int | None = None
    tools: tuple[Values, ...] = ()
    rest: Mapping[str, Json] = field(default_factory=dict)
    """Keys of the row that its format does not know"""

    @property
    def asked(self) -> tuple[Values, ...]:
        """The turns before the answers."""
        return self.turns[: self.first_answer]

    @property
    def answers(self) -> tuple[Values, ...]:
        """The turns from the first answer on."""
        return self.turns[self.first_answer :]

    @property
    def first_answer(self) -> int:
        """Where the answers begin, else the first turn of the assistant."""
        if self.begin is not None:
            return self.begin
        return next((at for at, turn in enumerate(self.turns) if turn.get("role") == "assistant"), len(self.turns))

    def learned_turns(self) -> tuple[bool, ...]:
        """Return for each turn whether it is trained on."""
        return tuple(
            turn.get("role") == "assistant" and not turn_mark_of(turn) and (self.begin is None or place >= self.begin)
            for place, turn in enumerate(self.turns)
        )


def text_in(turn: Mapping[str, Json]) -> str | None:
    """Return the text of a turn; None where it is no plain text."""
    content = turn.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, (list, tuple)) and content:
        texts = [_part_text(part) for part in content]
        return None if None in texts else "".join(str(one) for one in texts)
    return None


def _part_text(part: Json) -> str | None:
    if not isinstance(part, Mapping) or part.get("type", "text") not in ("text", "input_text", "output_text"):
        return None
    return next((part[name] for name in ("text", "value", "content") if isinstance(part.get(name), str)), None)


def plain_text(turn: Mapping[str, Json], *, what: str) -> str:
    """Return the text of a turn that is nothing but text.

    Raises CannotHold for calls, images and keys beside it.
    """
    if turn.get("tool_calls") or turn.get("function_call"):
        raise CannotHold(f"{what} is a tool call")
    text = text_in(turn)
    if text is None:
        raise CannotHold(f"{what} is not plain text")
    beside = [key for key, value in turn.items() if key not in ("role", "content", "weight") and value is not None]
    if beside:
        raise CannotHold(f"{what} has `{beside[0]}` beside its text")
    return text


def without_marks(turn: Mapping[str, Json]) -> Values:
    """Return a turn without what says whether it is trained on."""
    return {key: value for key, value in turn.items() if key not in TURN_MARKS or key in _ALWAYS}


def has_mark(turn: Mapping[str, Json]) -> bool:
    """Return whether a turn says if it is trained on."""
    return any(turn.get(mark) is not None for mark in TURN_MARKS)


def odd_weight(turn: Mapping[str, Json]) -> str | None:
    """Return the mark of a turn that is neither on nor off, else None."""
    for mark in ("loss_weight", "weight", "loss_scale"):
        value = turn.get(mark)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value not in (0, 1):
            return f"{mark}: {value}"
    return None


def calls_of(turn: Mapping[str, Json]) -> list[Values]:
    """Return the calls of a turn, that of the deprecated `function_call` too."""
    legacy = turn.get("function_call")
    calls = [{"function": legacy}] if isinstance(legacy, Mapping) else turn.get("tool_calls") or []
    return [dict(call) for call in calls]


def with_arguments(call: Mapping[str, Json], *, as_text: bool) -> Values:
    """Return a call with its arguments as JSON text, or as an object."""
    inner = call.get("function")
    if not isinstance(inner, Mapping):
        known = {key: value for key, value in call.items() if key not in ("name", "arguments")}
        inner = {key: call[key] for key in ("name", "arguments") if key in call}
        call = {**known, "type": "function"}
    arguments = inner.get("arguments", {})
    if as_text and not isinstance(arguments, str):
        arguments = dump(arguments)
    elif not as_text and isinstance(arguments, str):
        arguments = _object_of(arguments)
    return {**call, "function": {**inner, "arguments": arguments}}


def _object_of(text: str) -> Json:
    try:
        value = parse(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict) else text


def wrap_tools(tools: Sequence[Mapping[str, Json]]) -> list[Values]:
    """Return tools as the API takes them; bare functions are wrapped."""
    return [dict(tool) if "function" in tool or "name" not in tool else {"type": "function", "function": dict(tool)}
            for tool in tools]  # fmt: skip


def bare_tools(tools: Sequence[Mapping[str, Json]]) -> list[Values]:
    """Return tools as bare functions, where they are nothing else."""
    return [dict(tool["function"]) if {*tool} == {"type", "function"} else dict(tool) for tool in tools]


def dump(value: Json) -> str:
    """Write a value as JSON text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
