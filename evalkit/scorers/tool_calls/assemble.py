"""From calls that were read to an attempt."""

from __future__ import annotations

from evalkit.core.exchange import ToolCall
from evalkit.scorers.tool_calls.arguments import read_call
from evalkit.scorers.tool_calls.nouns import Attempt, Call, Decision


def read_native(call: ToolCall) -> Call:
    """Read a call that the server handed over as a call."""
    if call.kind == "custom":
        return Call(name=call.name, raw=call.arguments, arguments={"input": call.arguments})
    return read_call(call.name, call.arguments)


def make_attempt(calls: tuple[Call, ...], broken: tuple[str, ...], *, dialect: str, text: str) -> Attempt:
    """Make an attempt of calls: malformed where none of them can be read."""
    readable = any(call.name and not call.fault for call in calls)
    if not calls and not broken:  # an empty list of calls says: none
        return Attempt(decision="abstain", dialect=dialect, text=text)
    decision: Decision = "call" if readable else "malformed"
    return Attempt(decision=decision, calls=calls, broken=broken, dialect=dialect, text=text)
