"""Conditions on the way instead of one right list of calls: required, forbidden, at most, and the final state.

The calls of a trajectory are those of the assistant's turns in the example's messages, then those of the response; a
recording of a tool loop may list those of all its turns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import entry_points

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.exchange import Example, Json, Response
from evalkit.scorers.tool_calls.attempt import read_attempt
from evalkit.scorers.tool_calls.match import match
from evalkit.scorers.tool_calls.nouns import Call, Expectation, Tool

GROUP = "evalkit.states"
StateFunction = Callable[[Json, list[dict[str, Json]]], Json]
"""(initial state, [{"name", "arguments"}, ...]) -> final state; must not change what it is given"""


def state_function(name: str) -> StateFunction:
    """Find the state function with this name.

    The installed entry point of the group `evalkit.states`, or this ``module:function``.

    Raises ValueError: a suite names what is installed, it never brings code.
    """
    points = list(entry_points(group=GROUP))
    for point in points:
        if name in (point.name, point.value):
            found: StateFunction = point.load()
            return found
    known = [point.name for point in points]
    allowed = f"allowed: {join_allowed(known)}" if known else "none is installed"
    raise ValueError(f"no entry point {name!r} in the group {GROUP}{did_you_mean(name, known)}; {allowed}")


def earlier_calls(example: Example, tools: Mapping[str, Tool], *, formats: Sequence[str]) -> tuple[Call, ...]:
    """List the calls of the turns before.

    Native ones and those written as text, in order.
    """
    schemas = {name: tool.schema for name, tool in tools.items()}
    turns = [message for message in example.messages if message.role == "assistant"]
    found: list[Call] = []
    for turn in turns:
        text = turn.content if isinstance(turn.content, str) else None
        said = Response(example_id=example.id, text=text, tool_calls=turn.tool_calls)
        found += read_attempt(said, schemas, formats=tuple(formats)).calls
    return tuple(found)


def drop_done(expectation: Expectation, earlier: Sequence[Call], tools: Mapping[str, Tool]) -> Expectation:
    """Drop the required calls that an earlier turn has made.

    Returns what is left for this answer.
    """
    if not earlier or not expectation.required:
        return expectation
    done = _find_done(expectation, earlier, tools)
    left = tuple(call for index, call in enumerate(expectation.required) if index not in done)
    return replace(expectation, required=left)


def broken_conditions(expectation: Expectation, calls: Sequence[Call], tools: Mapping[str, Tool]) -> tuple[str, ...]:
    """Write a sentence for each condition that does not hold.

    Conditions: required, forbidden, at_most.
    """
    if not expectation.required and not expectation.forbidden and expectation.at_most is None:
        return ()
    found: list[str] = []
    done = _find_done(expectation, calls, tools)
    found += [f"required {call.name} is missing" for i, call in enumerate(expectation.required) if i not in done]
    made = [call.name for call in calls]
    found += [f"forbidden {name} was called" for name in expectation.forbidden if name in made]
    if expectation.at_most is not None and len(calls) > expectation.at_most:
        found.append(f"{len(calls)} calls, at most {expectation.at_most} allowed")
    return tuple(found)


def _find_done(expectation: Expectation, calls: Sequence[Call], tools: Mapping[str, Tool]) -> set[int]:
    """The required calls that were made: in their order where one is asked for."""
    if expectation.ordered:
        return _in_order(expectation, calls, tools)
    met = match(expectation.required, calls, tools, ordered=False)
    return {one.expected for one in met.met if one.pair.fine}


def _in_order(expectation: Expectation, calls: Sequence[Call], tools: Mapping[str, Tool]) -> set[int]:
    """The required calls met one after the other, others between them allowed."""
    done: set[int] = set()
    rest = list(calls)
    for index, wanted in enumerate(expectation.required):
        at = next((i for i, call in enumerate(rest) if match((wanted,), (call,), tools).fine), None)
        if at is None:
            break
        done.add(index)
        rest = rest[at + 1 :]
    return done


def final_state(function: StateFunction, initial: Json, calls: Sequence[Mapping[str, Json]]) -> Json:
    """Compute the state after these calls.

    Those whose arguments could not be read change nothing.
    """
    return function(initial, [dict(call) for call in calls])
