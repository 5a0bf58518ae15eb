"""Ask one arm: reuse what is kept, ask the rest, keep every answer before it counts."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Literal

from evalkit.core.exchange import Failure, Request, Response
from evalkit.core.fingerprint import request_keys
from evalkit.core.ports import Model, Store, Windowed, facts_of
from evalkit.pipeline.asking.budget import CostCeiling
from evalkit.pipeline.options import Mode, Tally

LOOKUP = 64
"""Requests looked up in the store at once"""
WAIT_S, LONGEST_WAIT_S = 0.2, 2.0
"""Between two looks at answers that another process is asking for: twice as long each time, so as not to disturb it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How an arm is asked.

    `tell` hears the tally after every answer; `sleep` waits for other processes.
    """

    store: Store | None = None
    mode: Mode = "reuse"
    budget: CostCeiling | None = None
    tell: Callable[[Tally], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep
    tally: Tally = field(default_factory=Tally)


def ask(model: Model, requests: Iterable[Request], *, how: Asking) -> Iterator[Response]:
    """Yield one response a request, in any order.

    Answers are durable before they are yielded. Kept answers cost nothing and keep their latency and price. Two
    processes that ask the same share the answers. On an interrupt everything answered so far is already kept.
    """
    identity = model.identity.fingerprint
    key = request_keys(identity)
    facts = facts_of(model)
    if facts.recorded and not facts.kept:
        yield from _count_all(model.answer(requests), how, recorded=True)
        return  # a recording finds its rows by id
    keyed = (dataclasses.replace(request, key=key(request)) for request in requests)
    if identity == "" or how.store is None or not facts.kept:
        # recordings and scripted arms answer from where they are: nothing to keep twice
        yield from _count_all(model.answer(keyed), how, recorded=facts.recorded)
        return
    waiting: list[Sequence[Request]] = []
    plan = model.windows(keyed) if isinstance(model, Windowed) else _chunks(keyed, LOOKUP)
    yield from _pass(model, plan, waiting, how.store, how)
    pause = WAIT_S
    while waiting:
        how.sleep(pause)
        pause = min(LONGEST_WAIT_S, 2 * pause)
        again, waiting = waiting, []
        yield from _pass(model, again, waiting, how.store, how)


def _pass(
    model: Model, plan: Iterable[Sequence[Request]], waiting: list[Sequence[Request]], store: Store, how: Asking
) -> Iterator[Response]:
    """One walk over the plan: answer from the store, ask what this process may ask, leave the rest in `waiting`.

    The plan comes in chunks, or in the windows of a model that has them: those are asked as a whole or not at all.
    """
    ready: list[Response] = []
    claimed: set[str] = set()
    who = model.identity
    asked: dict[tuple[str, int], Request] = {}
    windowed = isinstance(model, Windowed)

    def todo() -> Iterator[Sequence[Request]]:
        for chunk in plan:
            left: list[Request] = []
            mine = _unkept(chunk, ready, left, claimed, store, how, together=windowed)
            for part in [list(mine)] if windowed else ([request] for request in mine):
                asked.update(((request.example_id, request.repeat), request) for request in part)
                if part:
                    yield part
            if left:
                waiting.append(left)

    def take_ready() -> Iterator[Response]:
        while ready:
            response = ready.pop()
            yield _count(response, how, kept=True)

    try:
        if how.mode == "replay":
            for _ in todo():
                yield from take_ready()
        else:
            for batch in _batches(model, todo()):
                answered = [(asked.pop((response.example_id, response.repeat)), response) for response in batch]
                store.put(answered, model=who)
                if unasked := _take_unasked(model):  # paid by an earlier run, and in no batch for ever
                    store.put(unasked, model=who)
                for request, response in answered:
                    claimed.discard(request.key)
                    if how.budget is not None:
                        how.budget.settle(request, response)
                    yield _count(response, how)
                yield from take_ready()
        yield from take_ready()
    finally:
        # an interrupt must not leave claims that a next run, or another process, would wait for
        if claimed:
            store.release(claimed)


def _batches(model: Model, parts: Iterable[Sequence[Request]]) -> Iterator[Sequence[Response]]:
    """Answers as they arrive: by windows or in batches where the model has them, else one by one."""
    source = iter(parts)
    first = next(source, None)
    if first is None:
        return iter(())  # nothing to ask: no client is opened, no weights are loaded
    every = chain([first], source)
    if isinstance(model, Windowed):
        return model.answer_windows(every)
    requests = chain.from_iterable(every)
    together: Callable[[Iterable[Request]], Iterator[Sequence[Response]]] | None
    together = getattr(model, "answer_batches", None)
    return together(requests) if together is not None else ([response] for response in model.answer(requests))


def _take_unasked(model: Model) -> Sequence[tuple[Request, Response]]:
    """Answers to requests of earlier runs that this one came by."""
    take: Callable[[], Sequence[tuple[Request, Response]]] | None = getattr(model, "take_unasked", None)
    return () if take is None else take()


def _unkept(
    chunk: Sequence[Request],
    ready: list[Response],
    waiting: list[Request],
    claimed: set[str],
    store: Store,
    how: Asking,
    *,
    together: bool = False,
) -> Iterator[Request]:
    """The requests of a chunk that must be asked by this process now; the others go to `ready` or `waiting`.

    With `together` all of them are asked now, or none.
    """
    found = store.lookup([request.key for request in chunk])
    ready.extend(_kept_response(request, found[request.key]) for request in chunk if request.key in found)
    missing = [request for request in chunk if request.key not in found]
    if how.mode == "replay":
        ready.extend(_failed_response(request, "missing", "no answer is kept for this prompt") for request in missing)
        return
    mine = store.claim([request.key for request in missing]) if missing else set()
    if together and len(mine) < len({request.key for request in missing}):
        store.release(mine)  # somebody computes a part of this window, and so all of it
        waiting.extend(missing)
        return
    claimed |= mine
    for request in missing:
        if request.key not in mine:
            waiting.append(request)
            continue
        mine.discard(request.key)  # a second example with the same prompt waits for the first one's answer
        allowed = how.budget is None or how.budget.allows(request)
        if allowed:
            yield request
            continue
        claimed.discard(request.key)
        store.release([request.key])
        if allowed is None:
            waiting.append(request)  # what is in flight may turn out cheaper than it could have been
        elif how.budget is not None:
            ready.append(_failed_response(request, "out_of_budget", how.budget.sentence))


def _kept_response(request: Request, kept: Response) -> Response:
    """A kept answer as that of this request; the one who asked first may have had another id."""
    return dataclasses.replace(
        kept, example_id=request.example_id, repeat=request.repeat, prompt_sha256=request.prompt_sha256
    )


def _failed_response(request: Request, kind: Literal["missing", "out_of_budget"], message: str) -> Response:
    return Response(
        example_id=request.example_id,
        repeat=request.repeat,
        failure=Failure(kind=kind, message=message),
        prompt_sha256=request.prompt_sha256,
    )


def _count_all(responses: Iterable[Response], how: Asking, *, recorded: bool) -> Iterator[Response]:
    for response in responses:
        yield _count(response, how, kept=recorded)


def _count(response: Response, how: Asking, *, kept: bool = False) -> Response:
    tally = how.tally
    refused = kept and response.failure is not None and response.failure.kind in ("missing", "out_of_budget")
    tally.done += 1
    tally.kept += kept and not refused
    tally.refused += refused
    tally.failed += response.failure is not None
    how.tell(tally)
    return response


def _chunks(requests: Iterable[Request], size: int) -> Iterator[list[Request]]:
    source = iter(requests)
    while chunk := list(islice(source, size)):
        yield chunk
