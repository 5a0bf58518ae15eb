"""Calls of a model answered from its row, so that a trajectory is run: one call after the other, no tool is real."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.exchange import Json, Message, Response, ToolCall
from evalkit.data.tool_results import ToolResult
from evalkit.scorers.schemas.equal import is_same_json
from evalkit.scorers.tool_calls.attempt import read_attempt
from evalkit.scorers.tool_calls.nouns import Call
from evalkit.scorers.tool_calls.tools import read_tools


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCall:
    """A call as it stands in the conversation, and as it was read."""

    written: ToolCall
    read: Call


@dataclass(slots=True, kw_only=True)
class ToolLoop:
    """The results of one row, given out once each.

    The last that fits is given again. `unknown` counts calls for which the row has no result: the model is told so.
    """

    results: Sequence[ToolResult]
    unknown: int = 0
    _used: set[int] = field(default_factory=set)

    def result_of(self, call: Call) -> str:
        """Return what a call is answered with.

        Of the results that fit, those with the most arguments named go first, then those not given out yet.
        """
        fits = [at for at, one in enumerate(self.results) if self._fits(at, one, call)]
        if not fits:
            self.unknown += 1
            return _error(f"there is no result for {call.name} with these arguments")
        most = max(_count_named(self.results[at]) for at in fits)
        best = [at for at in fits if _count_named(self.results[at]) == most]
        chosen = next((at for at in best if at not in self._used), best[-1])
        self._used.add(chosen)
        return self.results[chosen].text

    def _fits(self, at: int, result: ToolResult, call: Call) -> bool:
        if result.name is None and result.arguments is None:
            return at not in self._used  # results in order answer one call each
        if result.name is not None and result.name != call.name:
            return False
        given = call.arguments or {}
        return all(
            name in given and is_same_json(given[name], value) for name, value in (result.arguments or {}).items()
        )


def _count_named(result: ToolResult) -> int:
    """How much a result says of the call that it is for."""
    return len(result.arguments or ()) + (result.name is not None)


def read_made_calls(response: Response, tools: Sequence[Mapping[str, Json]]) -> tuple[MadeCall, ...]:
    """Read the calls of an answer, native or in its text, in order.

    Calls without an id get one, of nine letters and digits, which every server takes.
    """
    schemas = {name: tool.schema for name, tool in read_tools(tools).items()}
    calls = read_attempt(response, schemas).calls
    if response.tool_calls:
        return tuple(
            MadeCall(written=dataclasses.replace(call, id=call.id or f"call{at:05d}"), read=read)
            for at, (call, read) in enumerate(zip(response.tool_calls, calls, strict=False))
        )
    return tuple(
        MadeCall(written=ToolCall(name=read.name, arguments=read.raw, kind="text"), read=read) for read in calls
    )


def answer_message(response: Response, calls: Sequence[MadeCall]) -> Message:
    """Return an answer as a turn of the conversation.

    Calls in the text stay there, as they were written.
    """
    native = tuple(call.written for call in calls if call.written.kind != "text")
    text = response.text if response.text is not None else response.refusal
    return Message(role="assistant", content=text if text or native else "", tool_calls=native)


def result_messages(calls: Sequence[MadeCall], loop: ToolLoop | None) -> tuple[Message, ...]:
    """Return the results of calls as turns of the conversation.

    Without a loop none is known.
    """
    return tuple(
        Message(
            role="tool",
            content=_error("no result is known") if loop is None else loop.result_of(call.read),
            name=call.read.name if call.written.kind == "text" else None,
            tool_call_id=call.written.id,
        )
        for call in calls
    )


def _error(what: str) -> str:
    return json.dumps({"error": what})
