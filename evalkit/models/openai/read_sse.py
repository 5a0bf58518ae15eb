"""Server-sent events: bytes to events, and events to the body that the same call would have returned unstreamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evalkit.core.exchange import Json
from evalkit.models.openai.read_thought import FIELDS
from evalkit.models.openai.read_values import parse_json
from evalkit.models.openai.streamed_calls import add_call, append_pieces

DONE = "[DONE]"
_BOM = b"\xef\xbb\xbf"
_SAID = ("content", "tool_calls", "refusal")
_FINAL = ("response.completed", "response.incomplete", "response.failed")


class EventLines:
    """A splitter of a byte stream into the data of its events.

    The stream may be cut into pieces in any way.
    """

    def __init__(self) -> None:
        self._tail = b""
        self._data: list[bytes] = []
        self._begun = False
        self.done = False
        """Whether the stream said that it is at its end"""

    def feed(self, piece: bytes) -> Iterator[str]:
        """Yield the data of every event that this piece completes.

        Comments, names and ids are left out.
        """
        text = self._tail + piece
        if not self._begun and text:
            if len(text) < len(_BOM) and _BOM.startswith(text):
                self._tail = text
                return
            self._begun, text = True, text.removeprefix(_BOM)
        held = b"\r" if text.endswith(b"\r") else b""  # the other half of a line's end may follow
        lines = text.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._tail = lines.pop() + held
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                data = self._flush()
                if data.strip() == DONE:
                    self.done = True
                else:
                    yield data

    def close(self) -> Iterator[str]:
        """Yield the last event, where the stream ended without its empty line."""
        yield from self.feed(b"\n\n")

    def _flush(self) -> str:
        text = b"\n".join(self._data).decode("utf-8", "replace")
        self._data.clear()
        return text


def carries_output(event: Json) -> bool:
    """Return whether an event brings the first of what a reader sees.

    That is text, a refusal or a tool call.
    """
    if not isinstance(event, Mapping):
        return False
    if "type" in event:
        return str(event["type"]).endswith((".delta", ".done"))
    choices = event.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, Mapping):
            continue
        delta = choice.get("delta")
        if choice.get("text") or (isinstance(delta, Mapping) and any(delta.get(key) for key in _SAID)):
            return True
    return False


def read_events(text: str | bytes) -> list[Json]:
    """Read all events of a whole stream.

    Raises ValueError for one that is not JSON.
    """
    return read_stream(text)[0]


def read_stream(text: str | bytes) -> tuple[list[Json], bool]:
    """Read a whole stream: its events, and whether it told its end.

    Raises ValueError for an event that is not JSON.
    """
    lines = EventLines()
    data = text.encode() if isinstance(text, str) else text
    return [parse_json(d) for d in (*lines.feed(data), *lines.close())], lines.done


def looks_like_events(content: bytes) -> bool:
    """Tell whether a body is a stream: a field or a comment stands first."""
    return content.removeprefix(_BOM).lstrip(b"\r\n").startswith((b"data:", b"event:", b"id:", b"retry:", b":"))


def whole_response(events: Iterable[Json], *, done: bool = False) -> Json:
    """Return the body of a Responses stream.

    It is that of its final event, or the error it ended with; None if it broke off. A server that says that it is
    `done`, and leaves out the final event, has said all items.
    """
    found: Json = None
    items: list[Json] = []
    for event in events:
        if not isinstance(event, Mapping):
            continue
        if event.get("type") == "response.output_item.done":
            items.append(event.get("item"))
        if event.get("type") in _FINAL:
            found = event.get("response")
            if isinstance(found, Mapping) and not found.get("output") and items:
                found = {**found, "output": items}  # servers whose last event leaves the output out
        elif event.get("type") == "error" or "error" in event:
            return {"error": event.get("error") or event}
    return {"status": "completed", "output": items} if found is None and done and items else found


def whole_chat(events: Iterable[Json], *, done: bool = False) -> Json:
    """Put the deltas of a completions stream together as a body.

    The stream is of chat or legacy completions; it is None if it broke off before its end. Some servers say no finish
    reason, and only that they are `done`.
    """
    body: dict[str, Any] = {"choices": []}
    choices: dict[int, dict[str, Any]] = {}
    for event in events:
        if not isinstance(event, Mapping):
            continue
        if event.get("error"):
            return {"error": event["error"]}
        for key in ("id", "object", "model", "system_fingerprint", "usage"):
            if event.get(key):
                body[key] = event[key]
        for part in _choices_of(event):
            index = part.get("index")
            index = index if isinstance(index, int) else 0
            _add(choices.setdefault(index, {"index": index, "finish_reason": None}), part)
    body["choices"] = [choices[index] for index in sorted(choices)]
    ended = done or all(choice["finish_reason"] for choice in choices.values())
    return body if choices and ended else None


def _choices_of(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parts of a chunk that are objects; whatever else stands there is nothing said."""
    choices = event.get("choices")
    return [part for part in choices if isinstance(part, Mapping)] if isinstance(choices, list) else []


def _add(choice: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Put one chunk's part behind what is there of the choice."""
    for key in ("finish_reason", "error"):
        if part.get(key):
            choice[key] = part[key]
    if isinstance(part.get("text"), str):
        choice["text"] = choice.get("text", "") + part["text"]
    delta = part.get("delta")
    if isinstance(delta, Mapping):
        message = choice.setdefault("message", {"content": None})
        for key in ("content", "refusal", *FIELDS):
            if isinstance(delta.get(key), str):
                message[key] = (message.get(key) or "") + delta[key]
        if isinstance(delta.get("content"), list):
            message["content"] = [*_parts_of(message.get("content")), *delta["content"]]
        if isinstance(delta.get("function_call"), Mapping):
            append_pieces(message.setdefault("function_call", {}), delta["function_call"])
        for call in delta.get("tool_calls") or ():
            add_call(message.setdefault("tool_calls", []), call)
    logprobs = part.get("logprobs")
    if isinstance(logprobs, Mapping) and isinstance(logprobs.get("content"), list):
        choice.setdefault("logprobs", {"content": []})["content"].extend(logprobs["content"])


def _parts_of(content: Json) -> list[Json]:
    """Content as a list of parts: a delta may bring parts (thoughts among them) where others bring text."""
    return content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
