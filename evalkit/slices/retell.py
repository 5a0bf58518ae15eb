"""The texts of a row: what is asked, what is expected, what may be chosen, in one order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from evalkit.core.exchange import Example, Message

Retell = Callable[[str], str]


def texts_of(example: Example) -> tuple[str, ...]:
    """Return every text of a row once, in order.

    They are those of messages, target and choices; no name of a field, no tag.
    """
    seen: dict[str, None] = {}

    def keep(text: str) -> str:
        seen[text] = None
        return text

    map_texts(example, keep)
    return tuple(seen)


def map_texts(example: Example, retell: Retell) -> Example:
    """Return the row with every text retold."""
    return replace(
        example,
        messages=tuple(_message(message, retell) for message in example.messages),
        target=_inside(example.target, retell),
        choices=tuple(retell(choice) for choice in example.choices),
    )


def _message(message: Message, retell: Retell) -> Message:
    content = message.content
    if isinstance(content, str):
        return replace(message, content=retell(content))
    if content is None:
        return message
    parts = tuple(
        {**part, "text": retell(part["text"])} if isinstance(part.get("text"), str) else part for part in content
    )
    return replace(message, content=parts)


def _inside(value: Any, retell: Retell) -> Any:
    if isinstance(value, str):
        return retell(value)
    if isinstance(value, Mapping):
        return {key: _inside(item, retell) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_inside(item, retell) for item in value]
    return value
