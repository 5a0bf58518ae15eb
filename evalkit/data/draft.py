"""A row on its way to an Example: what every format reads into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from evalkit.core.exchange import EMPTY, Example, Json, Message
from evalkit.core.fingerprint import digest
from evalkit.data.conversations import KEYS, read_conversation
from evalkit.data.fields import UnreadableRow, call_target, decode_json_text, label, messages, tags, tools
from evalkit.data.gold_marks import NO_GOLD, REJECTED, is_learned, turn_mark_of
from evalkit.data.rows import Row

_CONTENT = "c-"
COMMON = ("id", "tags", "cluster", "tools", "functions", "choices", "extra")
"""Keys that mean the same in every format"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked and what is expected, as a format reads it."""

    messages: tuple[Message, ...]
    target: Json = None
    choices: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Json], ...] = ()
    """Where the format keeps them elsewhere than in the row's `tools`"""
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)
    id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    cluster: str | None = None
    """What a format has under other names; the row's own `id`, `tags` and `cluster` go first"""


def example_of(row: Row, asked: Asked, *, known: Iterable[str]) -> Example:
    """Return the Example of a row.

    Keys that are neither `known` to the format nor common go to `extra`.
    """
    if not asked.messages:
        raise UnreadableRow("nothing is asked before the answer")
    used = {*known, *COMMON}
    extra: dict[str, Json] = {key: value for key, value in row.items() if key not in used and value is not None}
    given = decode_json_text(row.get("extra"))
    extra |= given if isinstance(given, Mapping) else {}
    extra |= asked.extra
    if asked.notes:
        extra["notes"] = list(asked.notes)
    if any(key in extra for key in KEYS):
        turns, extra = read_conversation(asked.messages, extra, choices=bool(asked.choices))
        asked = replace(asked, messages=turns)
    offered = asked.tools or tools(row)
    return Example(
        id=label(row, "id") or asked.id or _content_id(asked, offered),
        messages=asked.messages,
        target=asked.target,
        choices=asked.choices,
        tools=offered,
        tags=_share_tags({**asked.tags, **tags(row)}),
        cluster=label(row, "cluster") or asked.cluster,
        extra=extra or EMPTY,
    )


def _share_tags(found: dict[str, str]) -> Mapping[str, str]:
    """Return one mapping for all rows that are tagged alike."""
    return _shared_tags(tuple(found.items())) if found else EMPTY


@lru_cache(maxsize=4096)
def _shared_tags(items: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return dict(items)


def from_conversation(values: list[Json], *, key: str = "messages") -> Asked:
    """Return what a conversation asks, and its target.

    The last assistant turn that is trained on (`weight` not 0, `train` not false, ...) is the target.

    What stands before it is asked. A conversation that ends with another role has no target: all of it is asked. One
    whose answers are all marked as not to be learned asks what its last answer answers, and has no gold.
    """
    turns = messages(values, key=key)
    _check_weights(values, key=key)
    last = len(turns) - 1
    if turns[last].role != "assistant":
        return Asked(messages=turns)
    answers = [i for i, turn in enumerate(turns) if turn.role == "assistant" and is_learned(values[i])]
    if not answers and all(value.get("weight") == 0 for value in values if value.get("role") == "assistant"):
        raise UnreadableRow("every assistant turn has weight 0: there is no target")
    if not answers:
        return without_gold(split_answer(turns[:last], turns[last]), turn_mark_of(values[last]))
    return split_answer(turns[: answers[-1]], turns[answers[-1]])


def without_gold(asked: Asked, mark: str) -> Asked:
    """Return what a marked row asks.

    Its answer is kept beside it and is nobody's target.
    """
    answer = asked.choices[asked.target] if asked.choices else asked.target
    return replace(asked, target=None, choices=(), extra={**asked.extra, NO_GOLD: mark, REJECTED: answer})


def split_answer(before: tuple[Message, ...], answer: Message) -> Asked:
    """Split a conversation into a question and the turn that answers it."""
    notes = [] if any(turn.role == "user" for turn in before) else ["no user turn comes before the answer"]
    extra: dict[str, Json] = {}
    if answer.tool_calls:
        target, odd = call_target(answer.tool_calls)
        notes += odd
        if isinstance(answer.content, str) and answer.content:
            extra["assistant_content"] = answer.content
        return Asked(messages=before, target=target, notes=tuple(notes), extra=extra)
    for part in answer.content if isinstance(answer.content, tuple) else ():
        if not isinstance(part.get("text"), str):
            raise UnreadableRow(f"the answer holds a part of the type {part.get('type')!r}: only texts can be expected")
    return Asked(messages=before, target=plain_content(answer), notes=tuple(notes))


def plain_content(turn: Message) -> str:
    """Return the text of a turn.

    Of a list of parts, it is their texts.
    """
    if isinstance(turn.content, str):
        return turn.content
    return "".join(str(part.get("text", "")) for part in turn.content or ())


def _check_weights(values: list[Json], *, key: str) -> None:
    for index, value in enumerate(values):
        weight = value.get("weight")
        if weight is None:
            continue
        if isinstance(weight, bool) or weight not in (0, 1):
            raise UnreadableRow(f"{key}[{index}].weight must be 0 or 1")
        if value.get("role") != "assistant":
            raise UnreadableRow(f"{key}[{index}].weight is for assistant turns only")


def is_content_id(name: str) -> bool:
    """Return whether an id was made from the content of its row.

    >>> is_content_id("c-0123456789abcdef"), is_content_id("c-12")
    (True, False)
    """
    return name.startswith(_CONTENT) and len(name) == len(_CONTENT) + 16


def _content_id(asked: Asked, offered: tuple[Mapping[str, Json], ...]) -> str:
    """An id that stays as long as the row's content does: the first 16 hex digits of its digest."""
    turns = [turn.wire() for turn in asked.messages]
    return _CONTENT + digest([turns, asked.target, list(asked.choices), list(offered)])[:16]
