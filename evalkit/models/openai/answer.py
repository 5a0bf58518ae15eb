"""What a body says, before it is tied to the request that asked for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evalkit.core.exchange import EMPTY, Failure, Json, Request, Response, ToolCall, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One model answer as read from a body.

    `text` is None only beside tool calls or a refusal.
    """

    text: str | None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish: str | None = None
    usage: Usage | None = None
    served_model: str | None = None
    system_fingerprint: str | None = None
    token_logprobs: tuple[float, ...] = ()
    thought: str | None = None


_TEXTS = ("text", "refusal", "thought", "finish", "served_model", "system_fingerprint")
"""Where a server may write what it likes"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the transport knows of an attempt. Seconds; `adapted` as in `Response.adapted`."""

    latency_s: float | None = None
    first_token_s: float | None = None
    request_id: str | None = None
    adapted: Mapping[str, Json] | None = None


def without(said: Answer, hide: Callable[[str], str]) -> Answer:
    """Return the answer with every text of it passed through `hide`.

    A server might send a key back. The answer is mostly the same one.
    """
    hidden: dict[str, Any] = {
        name: value and hide(value) for name in _TEXTS if (value := getattr(said, name)) is not None
    }
    changed: dict[str, Any] = {name: value for name, value in hidden.items() if value != getattr(said, name)}
    if not said.tool_calls:
        return replace(said, **changed) if changed else said
    calls = tuple(
        replace(call, name=hide(call.name), arguments=hide(call.arguments), id=call.id and hide(call.id))
        for call in said.tool_calls
    )
    return replace(said, tool_calls=calls, **changed)


def until(said: Answer, stops: Sequence[str]) -> Answer:
    """Cut the answer before the first stop text.

    Some servers write it out, or ignore that they were asked to stop there.

    >>> until(Answer(text="cold.\\nNext: hot", finish="length"), ["\\n"]).text
    'cold.'
    """
    ends = [at for stop in stops if stop and said.text and (at := said.text.find(stop)) >= 0]
    return replace(said, text=(said.text or "")[: min(ends)], finish="stop") if ends else said


def respond(request: Request, said: Answer | Failure, *, circumstances: Circumstances) -> Response:
    """Return the `Response` to one request.

    A failure keeps the request id, so that a vendor can be asked about it.

    What all answers say alike (which model served, how it ended) is one object for all of them: runs hold many.
    """
    adapted = circumstances.adapted or EMPTY
    if isinstance(said, Failure):
        return Response(
            example_id=request.example_id,
            repeat=request.repeat,
            failure=said,
            request_id=circumstances.request_id,
            prompt_sha256=request.prompt_sha256 or None,
            adapted=adapted,
        )
    return Response(
        example_id=request.example_id,
        repeat=request.repeat,
        text=said.text,
        tool_calls=said.tool_calls,
        refusal=said.refusal,
        finish=_share(said.finish),
        usage=said.usage,
        latency_s=circumstances.latency_s,
        first_token_s=circumstances.first_token_s,
        served_model=_share(said.served_model),
        system_fingerprint=_share(said.system_fingerprint),
        request_id=circumstances.request_id,
        prompt_sha256=request.prompt_sha256 or None,
        adapted=adapted,
        token_logprobs=said.token_logprobs,
        thought=said.thought,
    )


def _share(word: str | None) -> str | None:
    return word if word is None else sys.intern(word)
