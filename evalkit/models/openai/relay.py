"""A generator that answers while an event loop in a thread of its own asks.

The loop has its own thread so that calls go on while the caller scores and writes, and so that this works inside
programs that already run a loop (notebooks). Requests are drawn in the caller's thread, a few ahead of what is in
flight. Answers cross over in small batches: a switch of threads costs more than reading an answer.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice
from queue import SimpleQueue
from typing import Protocol

from evalkit.core.exchange import Request, Response
from evalkit.core.held import Held

_DRAW = 32
"""Requests drawn between two looks at the answers"""

_SWITCH_S = 0.0005
"""How long a thread may hold the interpreter when another wants it. An answer holds its place until it is kept, and
whoever keeps it gives way at every statement: at CPython's 5 ms it would wait that long, several times an answer"""


class RelayEngine(Protocol):
    """What asks, on the loop's thread.

    `ahead` is how many requests it may hold unanswered.
    """

    ahead: int

    def accept(self, requests: list[Request]) -> None:
        """Take over more requests."""

    def acknowledge(self, count: int) -> None:
        """Note how many emitted answers were taken, and may be forgotten."""

    def no_more(self) -> None:
        """Note that there will be no further requests."""

    async def run(self, emit: Callable[[list[Response]], None]) -> None:
        """Ask until every accepted request is answered and there are no more.

        It is cancelled when nobody listens.
        """


def relay(engine: RelayEngine, requests: Iterable[Request]) -> Iterator[Response]:
    """Yield what `relay_batches` yields, one answer at a time."""
    for answers in relay_batches(engine, requests):
        yield from answers


def relay_batches(engine: RelayEngine, requests: Iterable[Request]) -> Iterator[list[Response]]:
    """Yield all answers of the engine that came since the last look.

    Requests are drawn lazily.

    What the engine raises is raised here, after what was answered before it. Whoever asks for the next batch has kept
    the one before. On Ctrl-C what has arrived is handed over first.
    """
    with _short_turns():
        yield from _relay(engine, requests)


def _take_short_turns() -> Callable[[], None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(min(usual, _SWITCH_S))
    return lambda: sys.setswitchinterval(usual)


_short_turns = Held(_take_short_turns)


def _relay(engine: RelayEngine, requests: Iterable[Request]) -> Iterator[list[Response]]:
    outbox: SimpleQueue[list[Response] | BaseException | None] = SimpleQueue()
    loop = _new_loop()
    thread = threading.Thread(target=_run, args=(loop, engine, outbox), name="evalkit-openai", daemon=True)
    source = iter(requests)
    drawing, unanswered, ended = True, 0, False
    thread.start()
    try:
        while True:
            if drawing and unanswered < (engine.ahead if outbox.empty() else engine.ahead // 2):
                chunk = list(islice(source, min(_DRAW, engine.ahead - unanswered)))
                unanswered += len(chunk)
                drawing = bool(chunk)
                _tell(loop, engine.accept, chunk) if chunk else _tell(loop, engine.no_more)
                if drawing and outbox.empty():
                    continue
            try:
                answers, end = _take_arrived(outbox)
            except KeyboardInterrupt as interrupt:
                _tell(loop, _cancel_all, loop)
                answers, end = _take_left(outbox), interrupt
            unanswered -= len(answers)
            if answers:
                yield answers
                _tell(loop, engine.acknowledge, len(answers))
            if end is not None:
                ended = True
                if isinstance(end, BaseException):
                    raise end
                return
    finally:
        if not ended:
            _tell(loop, _cancel_all, loop)
        thread.join()


_Outbox = SimpleQueue[list[Response] | BaseException | None]


def _take_arrived(outbox: _Outbox) -> tuple[list[Response], BaseException | bool | None]:
    """Everything in the outbox, waiting for the first; and how the engine ended (True: well), None while it goes on."""
    answers: list[Response] = []
    while True:
        item = outbox.get()
        if item is None or isinstance(item, BaseException):
            return answers, item or True
        answers += item
        if outbox.empty():
            return answers, None


def _take_left(outbox: _Outbox) -> list[Response]:
    """Everything that was answered before the engine ended, however it did."""
    answers: list[Response] = []
    while isinstance(item := outbox.get(), list):
        answers += item
    return answers


def _run(loop: asyncio.AbstractEventLoop, engine: RelayEngine, outbox: _Outbox) -> None:
    """The thread: run the engine, hand over how it ended."""
    end: BaseException | None = None
    try:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(_start(engine.run(outbox.put)))
    except asyncio.CancelledError:
        pass
    except BaseException as error:  # handed to the thread that asked, which raises it
        end = error
    outbox.put(end)


async def _start(work: Awaitable[None]) -> None:
    await work


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *args: object) -> None:
    """Have something done on the loop; a loop that ended meanwhile has said why in the outbox."""
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        if not loop.is_closed():
            raise


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's loop where there is one (a third more calls a second), else asyncio's."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = new_event_loop()
    return loop
