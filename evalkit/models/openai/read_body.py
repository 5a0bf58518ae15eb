"""Reading that never raises: whatever a server sends is an answer or a named failure."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.exchange import Failure, Json
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.apis import Api
from evalkit.models.openai.read_sse import looks_like_events, read_stream
from evalkit.models.openai.read_values import parse_json

SHAPE = (TypeError, AttributeError, KeyError, IndexError, ValueError, RecursionError)
"""What reading JSON of another shape than expected raises"""


def read_body(api: Api, content: bytes) -> Answer | Failure:
    """Return what the bytes of a body say.

    Bytes that are no JSON are malformed. A stream nobody asked for is read as well.
    """
    if looks_like_events(content):
        try:
            events, done = read_stream(content)
            return read_events_of(api, events, done=done)
        except ValueError:
            return Failure(kind="malformed", message="an event of the stream is not JSON")
    try:
        body = parse_json(content.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        page = content.lstrip()[:1] == b"<"
        hint = "a web page, no API: is base_url right (most end in /v1)?" if page else _show(content)
        return Failure(kind="malformed", message=f"the body is not JSON: {hint}")
    return read_parsed(api, body)


def read_parsed(api: Api, body: Json) -> Answer | Failure:
    """Return what a body says; a shape nobody knows is malformed."""
    try:
        return api.read(body)
    except SHAPE as error:
        return Failure(kind="malformed", message=f"the body has an unknown shape ({type(error).__name__}: {error})")


def read_events_of(api: Api, events: Sequence[Json], *, done: bool = False) -> Answer | Failure:
    """Return what a whole stream says; one that ended too early is malformed.

    `done`: it said that it is at its end.
    """
    try:
        whole = api.whole(events, done=done)
    except SHAPE as error:
        return Failure(kind="malformed", message=f"an event has an unknown shape ({type(error).__name__}: {error})")
    if whole is None:
        return Failure(kind="malformed", message="the stream broke off before its end")
    return read_parsed(api, whole)


def _show(content: bytes) -> str:
    text = content[:80].decode("utf-8", "replace")
    return f"{text!r} ({len(content)} bytes)"
