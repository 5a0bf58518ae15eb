"""A response as an attempt: which calls it made, and which of the five decisions that is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from evalkit.core.exchange import Json, Response
from evalkit.reading.calls import FORMATS, looks_like_call, read_calls
from evalkit.reading.ending import MALFORMED_CALL, finish_word
from evalkit.reading.response import answer_of
from evalkit.scorers.tool_calls.arguments import read_call
from evalkit.scorers.tool_calls.assemble import make_attempt, read_native
from evalkit.scorers.tool_calls.nouns import Attempt
from evalkit.text.refusals import refuses

NATIVE = "native"
Schemas = Mapping[str, Mapping[str, Json]]


def read_attempt(response: Response, tools: Schemas, *, formats: Collection[str] = FORMATS) -> Attempt:
    """Read native calls where there are any, else the text.

    The text is read behind its thoughts, in the formats allowed.

    `tools` maps names to the JSON Schema of their parameters. A call that cannot be read (no JSON, truncated,
    double-encoded, no name, refused by its server's parser) is a malformed attempt; a text that looks like a call and
    is in no format is `unread`: neither is an abstention. Where at least one call can be read the decision is "call",
    and the broken ones count against it.
    """
    text = answer_of(response.text)
    if response.tool_calls:
        return make_attempt(tuple(read_native(call) for call in response.tool_calls), (), dialect=NATIVE, text=text)
    if finish_word(response.finish) == MALFORMED_CALL:
        return Attempt(decision="malformed", broken=(text or "(the server kept it)",), dialect=NATIVE, text=text)
    found = read_calls(text, tools, formats=formats) if text else None
    if found is not None:
        dialect, pieces = found
        return make_attempt(
            tuple(read_call(n, raw) for n, raw in pieces.calls), pieces.broken, dialect=dialect, text=text
        )
    if finish_word(response.finish) in ("tool_calls", "function_call") and not text:
        return Attempt(decision="malformed", broken=("finished with tool_calls, but holds none",), dialect=NATIVE)
    if looks_like_call(text, tools):
        return Attempt(decision="unread", text=text)
    refused = response.refusal is not None or response.finish == "content_filter" or refuses(text)
    return Attempt(decision="refusal" if refused else "abstain", text=text or response.refusal or "")
