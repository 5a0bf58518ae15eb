"""A row as the checks look at it: its turns, tools and answers, whatever its format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evalkit.core.errors import Location
from evalkit.core.exchange import Example, Json
from evalkit.data.formats.sharegpt import ROLES
from evalkit.data.gold_marks import is_learned, mark_of

Shape = Literal["chat", "preference", "pair", "text", "other"]
_QUESTIONS = ("prompt", "instruction", "input", "question", "query", "text")
_ANSWERS = ("completion", "output", "response", "target", "answer", "label")
_REJECTED = ("rejected", "non_preferred_output", "non_preferred_completion", "rejected_messages")
_PLAIN = {"role", "content"}
_OFFERED = re.compile(r"(?:choice|option|ans)\w*|[A-Ea-e]|context|passage|documents?|history|sent\w*\d")
"""Keys whose values belong to the question"""
_CHOSEN = ("chosen", "preferred_output", "preferred_completion", "chosen_messages")


@dataclass(frozen=True, slots=True)
class DataTurn:
    """One turn: who speaks, what is said, which tools are called.

    `learned` is true for an answer that is trained on; `raw` is the turn as it stands in the file.
    """

    role: str
    text: str
    learned: bool
    raw: Mapping[str, Json]

    @property
    def calls(self) -> Sequence[Json]:
        """The tool calls as they are written; empty where there are none."""
        calls = self.raw.get("tool_calls")
        return calls if isinstance(calls, list) else ()


@dataclass(slots=True, kw_only=True)
class DataRow:
    """One row of a data set, numbered from 1 over all its files."""

    number: int
    where: Location
    raw: Mapping[str, Json]
    shape: Shape
    turns: tuple[DataTurn, ...]
    rejected: str = ""
    """The answer that a preference turns down"""
    example: Example | None = None
    """What the format reads of it; None where it cannot"""
    id: str = ""
    """The id that the row bears"""
    offered: str = ""
    """What is asked about beside the turns: choices, a passage"""

    @property
    def answers(self) -> list[DataTurn]:
        """The turns that are trained on."""
        return [turn for turn in self.turns if turn.learned]

    @property
    def answer(self) -> str:
        """The text of the last turn that is trained on, or nothing."""
        return next((turn.text for turn in reversed(self.turns) if turn.learned), "")

    @property
    def prompt(self) -> str:
        """The last thing asked."""
        return next((turn.text for turn in reversed(self.turns) if turn.role in ("user", "tool", "function")), "")


def read_row(number: int, where: Location, raw: Mapping[str, Json], example: Example | None = None) -> DataRow:
    """Read a row by its keys, not by the name of a format.

    A row of no known shape has no turns.
    """
    shape, turns, rejected = _turns(raw)
    if not turns and example is not None:
        shape, turns = "pair", _of_example(example)
    given = raw.get("id")
    name = str(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else ""
    beside = [f"{key}\x1f{value}" for key, value in raw.items() if _OFFERED.fullmatch(key)]
    return DataRow(
        number=number,
        where=where,
        raw=raw,
        shape=shape,
        turns=turns,
        rejected=rejected,
        example=example,
        id=name,
        offered="\x1e".join(beside or (example.choices if example is not None else ())),
    )


def _turns(raw: Mapping[str, Json]) -> tuple[Shape, tuple[DataTurn, ...], str]:
    for key in ("messages", "conversations"):
        turns = raw.get(key)
        if isinstance(turns, list):
            kept = _conversation(turns, learned=not mark_of(raw) if "label" in raw else True)
            return "chat", (*kept, *_beside(raw, kept)), ""
    asked = raw.get("input")
    if isinstance(asked, Mapping) and isinstance(asked.get("messages"), list):
        return (
            "preference",
            (*_conversation(asked["messages"], learned=False), *_last(raw, _CHOSEN)),
            _rejected_answer(raw),
        )
    if any(raw.get(key) is not None for key in _CHOSEN):
        return "preference", (*_question_turns(raw), *_last(raw, _CHOSEN)), _rejected_answer(raw)
    before = _question_turns(raw)
    answer = _last(raw, _ANSWERS, learned=not mark_of(raw))
    if not before:
        return "other", (), ""
    return ("pair" if answer else "text"), (*before, *answer), ""


def _beside(raw: Mapping[str, Json], turns: Sequence[DataTurn]) -> tuple[DataTurn, ...]:
    """The answer beside a conversation that ends with a question: evalkit's own rows have it in `target`."""
    if turns and turns[-1].role != "assistant" and raw.get("target") is not None:
        return (_answer(raw["target"], learned=True),)
    return ()


def _question_turns(raw: Mapping[str, Json]) -> tuple[DataTurn, ...]:
    system = raw.get("system")
    before = (DataTurn("system", system, False, {}),) if isinstance(system, str) and system else ()
    for key in _QUESTIONS:
        value = raw.get(key)
        if isinstance(value, str):
            more = raw.get("input") if key == "instruction" else None
            text = f"{value}\n\n{more}" if isinstance(more, str) and more.strip() else value
            return (*before, DataTurn("user", text, False, {"content": text}))
        if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            return (*before, *_conversation(value, learned=False))
    return ()


def _last(raw: Mapping[str, Json], keys: Sequence[str], *, learned: bool = True) -> tuple[DataTurn, ...]:
    for key in keys:
        value = raw.get(key)
        if value is None:
            continue
        if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            turns = _conversation(value, learned=learned)
            return turns[-1:] if key in _CHOSEN else turns
        return (_answer(value, learned=learned),)
    return ()


def _rejected_answer(raw: Mapping[str, Json]) -> str:
    return next((turn.text for turn in reversed(_last(raw, _REJECTED))), "")


def _answer(value: Json, *, learned: bool) -> DataTurn:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    calls = {"tool_calls": value["tool_calls"]} if isinstance(value, Mapping) and "tool_calls" in value else {}
    return DataTurn("assistant", "" if calls else text, learned, {"content": text, **calls})


def _conversation(turns: Sequence[Json], *, learned: bool) -> tuple[DataTurn, ...]:
    read = []
    for turn in turns:
        if not isinstance(turn, Mapping):
            continue
        if turn.keys() == _PLAIN and type(turn["content"]) is str and type(turn["role"]) is str:
            read.append(DataTurn(turn["role"], turn["content"], learned and turn["role"] == "assistant", turn))
            continue
        said = turn.get("role", turn.get("from"))
        role = said if isinstance(said, str) else ""
        role = ROLES.get(role, role) if "role" not in turn else role
        role = "assistant" if role == "call" else role
        taught = learned and role == "assistant" and is_learned(turn)
        content = turn.get("content", turn.get("value"))
        read.append(DataTurn(role, content if type(content) is str else text_of_content(content), taught, turn))
    return tuple(read)


def text_of_content(content: Json) -> str:
    """Return the text of a turn's content, or the texts of its parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = []
    for part in content:
        said = part if isinstance(part, str) else None
        if isinstance(part, Mapping):
            said = next((part[key] for key in ("text", "value") if isinstance(part.get(key), str)), None)
        texts.append(said or "")
    return "".join(texts)


def _of_example(example: Example) -> tuple[DataTurn, ...]:
    """The turns that a format reads, of a row whose keys say nothing: a table under other names."""
    turns = []
    for message in example.messages:
        wire = message.wire()
        turns.append(DataTurn(message.role, text_of_content(wire.get("content")), False, wire))
    target = example.target
    if example.choices and isinstance(target, int):
        target = example.choices[target]
    return tuple(turns) if target is None else (*turns, _answer(target, learned=True))
