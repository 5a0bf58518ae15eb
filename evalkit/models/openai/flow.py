"""The flow of calls: who may go out now, what happens to an outcome, when all is done. One event loop, no locks."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from evalkit.core.exchange import Failure, Request, Response
from evalkit.models.openai.answer import Circumstances, respond
from evalkit.models.openai.attempt import AttemptResult
from evalkit.models.openai.backoff import RETRIES, delay, retry_after, say_wait
from evalkit.models.openai.breaker import Breaker
from evalkit.models.openai.failures import HOPELESS
from evalkit.models.openai.job import Job, explain_failure, rough_tokens
from evalkit.models.openai.pace import Pace
from evalkit.models.openai.rates import Rates

DEADLINE_S = 600.0
"""Seconds from a request's first attempt to its last, waits included, where models.yaml sets none"""
TOLD_S = 60.0
"""Seconds of waiting beyond which it is told"""
_WALL = 0.5
"""Share of refused calls from which a Retry-After holds everybody back, not only the call that got it"""
_ADAPTATIONS = 8
_HANDOVER = 32
_HANDOVER_S = 0.01
_FEW = 4
"""Answers that are being kept, below which the next one is handed over by itself"""


class Attempts(Protocol):
    """Asks once."""

    async def attempt(self, request: Request) -> AttemptResult:
        """Ask once, and never raise for what a server can do."""


@dataclass(slots=True, kw_only=True)
class Flow:
    """An engine of the relay that asks requests as fast as allowed.

    It asks every accepted request, in order of arrival; pace and rates set the limits.

    An answer that was handed over and not kept yet holds its place in flight: whatever happens to this process, no
    more calls than the pace's ceiling have been made and are not kept.
    """

    open: Callable[[], Awaitable[Attempts]]
    close: Callable[[], Awaitable[None]]
    pace: Pace
    rates: Rates
    breaker: Breaker
    clock: Callable[[], float]
    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    dice: random.Random
    deadline_s: float = DEADLINE_S
    tell: Callable[[str], None] = lambda _: None
    ahead: int = 0
    _caller: Attempts | None = None
    _emit: Callable[[list[Response]], None] = lambda _: None
    _pending: deque[Job] = field(default_factory=deque)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _ready: list[Response] = field(default_factory=list)
    _held: list[Response] = field(default_factory=list)
    _unanswered: int = 0
    _handed: int = 0
    _flying_tokens: int = 0
    _ended: bool = False
    _paused_until: float = 0.0
    _told_until: float = 0.0
    _waking: bool = False
    _handing: bool = False
    _done: asyncio.Future[None] | None = None

    def __post_init__(self) -> None:
        self.ahead = self.ahead or 2 * self.pace.ceiling + _HANDOVER

    async def run(self, emit: Callable[[list[Response]], None]) -> None:
        """Ask until everything is answered; raise ModelError when no call can be."""
        self._emit = emit
        self._done = asyncio.get_running_loop().create_future()
        try:
            self._caller = await self.open()
            self.breaker.last_answer = self.clock()
            self._pump()
            self._finish_if_done()
            await self._done
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._hand_over()
            await self.close()

    def accept(self, requests: list[Request]) -> None:
        """Take more requests from the relay."""
        if self._unanswered == 0:
            self.breaker.last_answer = self.clock()
        self._unanswered += len(requests)
        self._pending.extend(Job(request=request, tokens=rough_tokens(request)) for request in requests)
        self._pump()

    def acknowledge(self, count: int) -> None:
        """Note how many answers that were handed over are in safety."""
        self._handed -= count
        self._pump()

    def no_more(self) -> None:
        """Note that the source of requests is dry."""
        self._ended = True
        self._finish_if_done()

    def _pump(self) -> None:
        """Let out every call that may go now; where a budget says wait, come back then."""
        if self._caller is None:
            return
        if self.breaker.broken is not None:
            self._give_up(self.breaker.broken)
        while self._pending and self._room > 0:
            if self.breaker.doubtful and self.pace.in_flight:
                return
            now = self.clock()
            job = self._pending[0]
            wait = max(self._paused_until - now, self.rates.wait(job.tokens, now=now))
            if wait > self.deadline_s:
                self._pending.popleft()
                self._refuse_wait(job, wait)
                continue
            if wait > 0:
                self._wake_in(wait)
                return
            self._pending.popleft()
            self.rates.take(job.tokens, now=now)
            self.pace.start()
            self._flying_tokens += job.tokens
            self._spawn(self._ask(self._caller, job))

    @property
    def _room(self) -> int:
        """How many more calls may go out: what the pace allows, less what is answered and not kept."""
        waiting = len(self._ready) + self._handed
        return min(self.pace.room, self.pace.ceiling - self.pace.in_flight - waiting)

    async def _ask(self, caller: Attempts, job: Job) -> None:
        if job.first_at is None:
            job.first_at = self.clock()
        job.attempts += 1
        outcome = await caller.attempt(job.request)
        now = self.clock()
        failure = outcome.response.failure
        self._flying_tokens -= job.tokens
        self.pace.end(refused=failure is not None and (failure.kind == "rate_limit" or failure.status in (503, 529)))
        self.rates.learn(
            outcome.headers,
            in_flight_tokens=self._flying_tokens,
            in_flight=self.pace.in_flight,
            now=now,
            wall=self.now(),
        )
        if failure is None:
            self.breaker.answer(now)
            self._take_answer(outcome.response)
        elif outcome.adapted and job.adaptations < _ADAPTATIONS:
            job.adaptations += 1
            self._pending.appendleft(job)
        else:
            self._settle(job, outcome, failure, now)
        self._pump()

    def _settle(self, job: Job, outcome: AttemptResult, failure: Failure, now: float) -> None:
        """Try a failed call again later, or end it by its name."""
        hopeless = "unreachable" if outcome.unreachable else failure.kind if failure.kind in HOPELESS else None
        if failure.kind not in RETRIES and hopeless is None:
            self.breaker.answer(now)
            self._take_answer(outcome.response)
            return
        self.breaker.failure(failure, hopeless=hopeless, now=now)
        wait = self._retry_in(job, outcome, failure, now)
        if wait is not None:
            self._spawn(self._again(job, wait))
        elif hopeless is not None and not self.breaker.answered:
            self._held.append(explain_failure(outcome.response, failure, job, now))
            self._unanswered -= 1
            self._finish_if_done()
        else:
            self._take_answer(explain_failure(outcome.response, failure, job, now))

    def _retry_in(self, job: Job, outcome: AttemptResult, failure: Failure, now: float) -> float | None:
        """Seconds until the next attempt; None where the class's budget, the deadline or the server forbids one."""
        tried = job.tries.get(failure.kind, 0)
        if tried >= RETRIES.get(failure.kind, 0) or outcome.headers.get("x-should-retry") == "false":
            return None
        if self.breaker.broken is not None:
            return None
        asked = retry_after(outcome.headers, now=self.now())
        wait = delay(tried, asked=asked, dice=self.dice)
        if now + wait - (job.first_at or now) > self.deadline_s:
            if asked is not None:
                job.told = f"the server asks to wait {say_wait(asked)}, and deadline_s is {self.deadline_s:g}"
            return None
        job.tries[failure.kind] = tried + 1
        if asked is not None and self.pace.refused_share >= _WALL:
            self._paused_until = max(self._paused_until, now + asked)
        return wait

    def _refuse_wait(self, job: Job, wait: float) -> None:
        """End a call that may not go out before its deadline: a budget that is gone for longer than anybody waits."""
        said = f"the server's rate limit asks to wait {say_wait(wait)}, and deadline_s is {self.deadline_s:g}"
        failure = Failure(kind="rate_limit", message=said)
        self._take_answer(respond(job.request, failure, circumstances=Circumstances()))

    async def _again(self, job: Job, wait: float) -> None:
        self._tell_wait(wait)
        await self.sleep(wait)
        self._pending.appendleft(job)
        self._pump()

    def _give_up(self, failure: Failure) -> None:
        """Answer everything that waits with the failure that broke the run."""
        while self._pending:
            request = self._pending.popleft().request
            self._take_answer(respond(request, failure, circumstances=Circumstances()))

    def _take_answer(self, response: Response) -> None:
        """One request is done: hand its response over with the next batch."""
        if self._held and self.breaker.answered:
            self._ready += self._held
            self._held.clear()
        self._ready.append(response)
        self._unanswered -= 1
        if len(self._ready) >= _HANDOVER:
            self._hand_over()
        elif not self._handing:
            self._handing = True
            loop = asyncio.get_running_loop()
            if not self._pending or self._room > 1:
                loop.call_later(_HANDOVER_S, self._hand_over)
            elif self._handed < _FEW:  # calls wait for this answer's place, and whoever keeps it has time
                self._hand_over()
            else:
                loop.call_soon(self._hand_over)
        self._finish_if_done()

    def _hand_over(self) -> None:
        self._handing = False
        if self._ready:
            ready, self._ready = self._ready, []
            self._handed += len(ready)
            self._emit(ready)

    def _finish_if_done(self) -> None:
        if not self._ended or self._unanswered or self._done is None or self._done.done():
            return
        if self._held and not self._ready and not self.breaker.answered:
            failure = self._held[0].failure
            assert failure is not None
            self._done.set_exception(self.breaker.error(failure, self.breaker.cause))
            return
        self._ready += self._held
        self._hand_over()
        self._done.set_result(None)

    def _wake_in(self, wait: float) -> None:
        if not self._waking:
            self._waking = True
            self._spawn(self._wake(wait))

    async def _wake(self, wait: float) -> None:
        self._tell_wait(wait)
        await self.sleep(wait)
        self._waking = False
        self._pump()

    def _tell_wait(self, wait: float) -> None:
        """Tell of a long wait, once for all calls that wait until then."""
        until = self.clock() + wait
        if wait > TOLD_S and until > self._told_until:
            self._told_until = until + TOLD_S
            self.tell(f"the server asks to wait {say_wait(wait)}")

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and self._done is not None and not self._done.done():
            self._done.set_exception(error)
