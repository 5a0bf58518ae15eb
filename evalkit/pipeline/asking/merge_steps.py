"""Several calls as one answer: what was said last, with all calls of tools and all that it took."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from evalkit.core.exchange import Response, ToolCall, Usage


def merge_steps(steps: Sequence[Response], calls: Sequence[ToolCall]) -> Response:
    """Return the calls of one turn as its answer.

    The text is the last one's, the calls of tools are all that were made; tokens and seconds are summed, None where one
    call does not know them. One call is its own answer.
    """
    last = steps[-1]
    if len(steps) == 1:
        return last
    thoughts = [step.thought for step in steps if step.thought]
    seconds = [step.latency_s for step in steps if step.latency_s is not None]
    return dataclasses.replace(
        last,
        tool_calls=tuple(calls),
        usage=add_usage(step.usage for step in steps),
        latency_s=sum(seconds) if len(seconds) == len(steps) else None,
        first_token_s=None,
        tokens_sha256=None,
        thought="\n".join(thoughts) or None,
        adapted={name: value for step in steps for name, value in step.adapted.items()},
        taken=tuple(sentence for step in steps for sentence in step.taken),
        token_logprobs=(),
        step=None,
    )


def add_usage(parts: Iterable[Usage | None]) -> Usage | None:
    """Add tokens up.

    None where a call does not say how many they were.

    >>> add_usage([Usage(input=1, output=2), Usage(input=3, output=1)])
    Usage(input=4, output=3, cached_input=None, reasoning=None)
    """
    known: list[Usage] = []
    for part in parts:
        if part is None:
            return None
        known.append(part)
    return Usage(
        input=_sum([one.input for one in known]),
        output=_sum([one.output for one in known]),
        cached_input=_sum_known([one.cached_input for one in known]),
        reasoning=_sum_known([one.reasoning for one in known]),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    found = [count for count in counts if count is not None]
    return sum(found) if len(found) == len(counts) else None


def _sum_known(counts: Sequence[int | None]) -> int | None:
    """Of counts that servers leave out where they are 0."""
    found = [count for count in counts if count is not None]
    return sum(found) if found else None
