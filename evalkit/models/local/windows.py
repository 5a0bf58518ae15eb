"""Which requests are computed in one go: cut from the plan alone, so that whoever computes forms the same batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from evalkit.core.exchange import Request
from evalkit.core.fingerprint import canonical
from evalkit.models.local.groups import MIN_GAIN, by_opening

LOOKAHEAD = 4096
"""Requests that are sorted by opening and length before they are cut: more would no longer be lazy"""
BYTES_A_TOKEN = 3
"""Of UTF-8, at which tokens are counted here: a plan is cut before a tokenizer is loaded"""
REACH = 1 << 14
"""Bytes of a text in which a shared opening is looked for"""
EXPECTED_TOKENS = 256
"""An answer counts as its limit, and as no more than this: a limit is no forecast"""


def cut_windows(requests: Iterable[Request], *, budget: int) -> Iterator[list[Request]]:
    """Cut a plan into windows of about `budget` tokens, read and written.

    Requests that share an opening stay together, longest first; windows of one cut are about equal. What is kept
    already, who else computes and how fast are no part of it.
    """
    source = iter(requests)
    while ahead := list(islice(source, LOOKAHEAD)):
        yield from _cut(ahead, budget)


def _cut(requests: Sequence[Request], budget: int) -> Iterator[list[Request]]:
    texts, costs = list[bytes](), list[int]()
    for request in requests:
        text = _text(request)
        texts.append(text[:REACH])
        costs.append(len(text) // BYTES_A_TOKEN + _answer_tokens(request))
    order: list[list[int]] = []
    for length, members in by_opening(texts, min_gain=MIN_GAIN * BYTES_A_TOKEN):
        for at in members:
            costs[at] -= length // BYTES_A_TOKEN
        order.append(sorted(members, key=lambda at: -costs[at]))
    window: list[Request] = []
    load, left = 0, sum(costs)
    for members in order:
        for number, at in enumerate(members):
            share = (load + left) / max(1, math.ceil((load + left) / budget))
            begins = number == 0 and load > share / 2  # another opening, unless the window has hardly begun
            if window and (begins or load + costs[at] / 2 > share):
                yield window
                window, load = [], 0
            window.append(requests[at])
            load, left = load + costs[at], left - costs[at]
    if window:
        yield window


def _text(request: Request) -> bytes:
    """What a template writes, in its usual order; never empty."""
    tools = canonical(request.tools) if request.tools else ""
    parts = [f"{m.role}\0{m.content if isinstance(m.content, str) else canonical(m.content)}" for m in request.messages]
    return "\0".join([tools, *parts, ""]).encode("utf-8", "surrogatepass")


def _answer_tokens(request: Request) -> int:
    """Tokens behind the prompt: those of all choices, or as many as are likely to be written."""
    if request.choices or request.stretch is not None:
        return sum(len(choice.encode("utf-8", "surrogatepass")) for choice in request.choices) // BYTES_A_TOKEN + 1
    limit = request.sampling.max_tokens
    return EXPECTED_TOKENS if limit is None else min(limit, EXPECTED_TOKENS)
