"""Calls that conversations still take: those kept are followed, the first that is not is where asking goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evalkit.core.exchange import Message, Request
from evalkit.core.fingerprint import request_keys
from evalkit.core.ports import Store
from evalkit.pipeline.asking.conversations import Conversations
from evalkit.pipeline.asking.read_answers import read_answers
from evalkit.pipeline.suites.turns import Dialogue
from evalkit.suite.spec import ReadingSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsLeft:
    """Calls of conversations, kept and still to make: at least, and at the most.

    `longest` holds the last as requests, with `Request.sampling.max_tokens` for every answer that nobody knows yet:
    each is (request, tokens of unknown answers before it).
    """

    kept: int = 0
    fewest: int = 0
    longest: tuple[tuple[Request, int], ...] = ()


def count_calls_left(
    openings: Sequence[Request],
    talks: Conversations,
    *,
    fingerprint: str,
    store: Store | None,
    reading: ReadingSpec,
) -> CallsLeft:
    """Follow conversations through the answers that are kept; nothing is asked."""
    key = request_keys(fingerprint)
    for request in openings:
        talks.open(request)
    due, stuck, kept = list(openings), list[Request](), 0
    while due:
        keyed = [replace(request, key=key(request)) for request in due]
        known = {} if store is None else store.lookup([request.key for request in keyed])
        for request in keyed:
            found = known.get(request.key)
            if found is None:
                stuck.append(request)
                continue
            kept += 1
            answer = replace(found, example_id=request.example_id, repeat=request.repeat)
            for response in read_answers([answer], reading):
                talks.take(response)
        due = talks.draw_due()
    longest = tuple(call for one in stuck for call in _rest(one, talks.dialogues[one.example_id]))
    fewest = sum(1 + one.turn.of - one.turn.number for one in stuck if one.turn is not None)
    return CallsLeft(kept=kept, fewest=fewest, longest=longest)


def _rest(request: Request, dialogue: Dialogue) -> Iterator[tuple[Request, int]]:
    """The calls of a conversation from this one on, when every turn takes as many as it may."""
    assert request.turn is not None
    answer = request.sampling.max_tokens or 0
    result = max((one.text for one in dialogue.results or ()), key=len, default="")
    steps = dialogue.max_steps if dialogue.results is not None else 1
    messages, unknown = request.messages, 0
    for number in range(request.turn.number, request.turn.of + 1):
        first = request.turn.step if number == request.turn.number else 1
        for step in range(first, steps + 1):
            yield replace(request, messages=messages), unknown
            unknown += answer
            messages = (*messages, Message(role="tool", content=result)) if step < steps else messages
        if number < request.turn.of:
            messages = (*messages, *dialogue.asked[number])
