"""What a body says a model thought: a field beside the content, parts of it, or items of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.core.exchange import Json

FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_text")
"""Fields of a message or a delta in which servers put thoughts: vLLM and DeepSeek, OpenRouter and Ollama, others"""
_THINKING = frozenset({"thinking", "reasoning", "redacted_thinking", "reasoning_text", "summary_text"})


def thought_of(message: Mapping[str, Json]) -> str | None:
    """Return the thought of a chat message.

    It is the fields that hold one, else its details, else parts of the content.
    """
    said = dict.fromkeys(text for name in FIELDS if (text := flat(message.get(name))).strip())
    if said:  # a server may say the same under two names
        return "\n".join(said)
    details = message.get("reasoning_details")
    if isinstance(details, list) and (text := "".join(map(flat, details))).strip():
        return text
    content = message.get("content")
    parts = [flat(part) for part in content if is_thinking(part)] if isinstance(content, list) else []
    return "\n".join(part for part in parts if part) or None


def thought_of_items(items: list[Mapping[str, Json]]) -> str | None:
    """Return the thought of a Responses body.

    It is the text of its reasoning items, else their summaries.
    """
    texts = []
    for item in items:
        if item.get("type") == "reasoning":
            texts.append(flat(item.get("content")) or flat(item.get("summary")))
    return "\n".join(text for text in texts if text) or None


def is_thinking(part: Json) -> bool:
    """Return whether a part of a message's content is a thought."""
    return isinstance(part, Mapping) and (part.get("type") in _THINKING or part.get("thought") is True)


def flat(value: Json) -> str:
    """Return the text of a thought, however it is wrapped.

    It may be a text, an object with one, or a list of these.
    """
    return "\n".join(_texts(value, 0))


def _texts(value: Json, depth: int) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif depth > 4:
        return
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, depth + 1)
    elif isinstance(value, Mapping):
        key = next((key for key in ("thinking", "text", "content", "summary", "reasoning") if value.get(key)), None)
        if key is not None:
            yield from _texts(value[key], depth + 1)
