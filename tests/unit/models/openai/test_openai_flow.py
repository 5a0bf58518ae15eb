from __future__ import annotations

import asyncio
import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.core.errors import ModelError
from evalkit.core.exchange import Failure, Message, Request, Response
from evalkit.models.openai.attempt import AttemptResult
from evalkit.models.openai.backoff import RETRIES, delay, retry_after
from evalkit.models.openai.breaker import Breaker
from evalkit.models.openai.flow import Flow
from evalkit.models.openai.pace import Pace
from evalkit.models.openai.rates import Bucket, Rates
from evalkit.models.openai.relay import relay


def rounds(pace, count, *, refused=lambda n: False):
    """Play `count` rounds in which every allowed call is made and comes back."""
    numbers = itertools.count()
    for _ in range(count):
        width = pace.room
        for _ in range(width):
            pace.start()
        for _ in range(width):
            pace.end(refused=refused(next(numbers)))


def test_the_limit_doubles_a_round_until_the_ceiling():
    pace = Pace(ceiling=64, start=8)
    limits = []
    for _ in range(5):
        rounds(pace, 1)
        limits.append(int(pace.limit))
    assert limits == [16, 32, 64, 64, 64]


def test_nothing_but_refusals_brings_the_limit_to_one():
    pace = Pace(ceiling=64, start=64)
    rounds(pace, 40, refused=lambda n: True)
    assert pace.limit == 1.0


def test_one_refusal_in_twenty_is_noise():
    dice = random.Random(1)
    pace = Pace(ceiling=32, start=8)
    limits = []
    for _ in range(400):
        rounds(pace, 1, refused=lambda n: dice.random() < 0.05)
        limits.append(pace.limit)
    assert sum(limits) / 400 > 20


def test_after_pushback_growth_is_one_a_round():
    pace = Pace(ceiling=64, start=32)
    rounds(pace, 1, refused=lambda n: True)
    before = pace.limit
    rounds(pace, 5)
    assert pace.limit == pytest.approx(before + 5)


def test_a_limit_that_holds_nothing_back_does_not_grow():
    pace = Pace(ceiling=64, start=8)
    for _ in range(200):
        pace.start()
        pace.end(refused=False)
    assert pace.limit == 8


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 100))
def test_the_limit_never_leaves_its_bounds(outcomes, ceiling):
    pace = Pace(ceiling=ceiling, start=8)
    for refused in outcomes:
        pace.start()
        pace.end(refused=refused)
        assert 1 <= pace.limit <= ceiling
    assert pace.in_flight == 0


def test_a_bucket_never_gives_more_than_its_rate():
    bucket, now, taken = Bucket(capacity=5, per_second=2, now=0.0), 0.0, 0
    while now < 60:
        now += bucket.wait(1, now=now)
        bucket.take(1, now=now)
        taken += 1
    assert 120 <= taken <= 5 + 2 * 60 + 1


def limits_of(what, limit, *, remaining, reset):
    values = {"limit": limit, "remaining": remaining, "reset": reset}
    return {f"x-ratelimit-{name}-{what}": str(value) for name, value in values.items()}


def test_requests_per_minute_are_kept():
    rates, now = Rates(rpm=1200, tpm=None, now=0.0), 0.0
    for _ in range(40):
        now += rates.wait(1, now=now)
        rates.take(1, now=now)
    assert now == pytest.approx((40 - 20) / 20)  # a second's worth at once, then 20 a second


def test_headers_of_an_exhausted_budget_make_the_next_call_wait_for_the_reset():
    rates = Rates(rpm=None, tpm=None, now=0.0)
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "30s",
    }
    rates.learn(headers, in_flight_tokens=0, in_flight=0, now=0.0)
    assert rates.wait(10, now=0.0) == pytest.approx(0.5)  # 60 in 30 s is 2 a second


def test_calls_still_in_flight_are_not_in_what_remains():
    rates = Rates(rpm=None, tpm=None, now=0.0)
    headers = {
        "x-ratelimit-limit-tokens": "6000",
        "x-ratelimit-remaining-tokens": "1000",
        "x-ratelimit-reset-tokens": "50s",
    }
    rates.learn(headers, in_flight_tokens=900, in_flight=3, now=0.0)
    assert rates.wait(100, now=0.0) == 0
    assert rates.wait(300, now=0.0) == pytest.approx(2.0)


def test_headers_without_a_limit_change_nothing():
    rates = Rates(rpm=None, tpm=None, now=0.0)
    rates.learn({"x-ratelimit-remaining-requests": "119"}, in_flight_tokens=0, in_flight=0, now=0.0)
    rates.learn({"x-ratelimit-limit-requests": "n/a"}, in_flight_tokens=0, in_flight=0, now=0.0)
    assert rates.wait(10, now=0.0) == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers, seconds):
    now = 1795255200.0  # 2026-11-21 10:00:00 UTC
    assert retry_after(headers, now=now) == seconds


@given(st.integers(0, 40), st.integers())
def test_jitter_stays_between_zero_and_its_doubling_bound(attempt, seed):
    assert 0 <= delay(attempt, asked=None, dice=random.Random(seed)) <= min(30.0, 0.5 * 2.0**attempt)


@given(st.integers(0, 40), st.floats(0, 100))
def test_no_retry_comes_before_the_server_allows_it(attempt, asked):
    assert delay(attempt, asked=asked, dice=random.Random(0)) >= asked


def test_what_cannot_succeed_has_no_retries():
    assert not RETRIES.keys() & {"bad_request", "auth", "quota", "context_length", "content_filter", "not_found"}


def breaker(**over):
    return Breaker(**{"shown": "m", "key_env": "K", "patience_s": 10.0, "last_answer": 0.0, **over})


def test_hopeless_causes_that_differ_do_not_add_up():
    watch = breaker()
    for kind in ("auth", "not_found", "auth", "not_found", "auth", "auth"):
        watch.failure(Failure(kind=kind, message="x"), hopeless=kind, now=1.0)
    with pytest.raises(ModelError):
        watch.failure(Failure(kind="auth", message="x"), hopeless="auth", now=1.0)


def test_an_answer_ends_the_suspicion():
    watch = breaker()
    watch.answer(1.0)
    for _ in range(7):
        watch.failure(Failure(kind="auth", message="x"), hopeless="auth", now=1.0)
    assert watch.broken is None
    watch.failure(Failure(kind="auth", message="x"), hopeless="auth", now=1.0)
    assert watch.broken is not None


def test_patience_counts_from_the_last_answer():
    watch = breaker()
    watch.answer(100.0)
    watch.failure(Failure(kind="server", message="x"), hopeless=None, now=109.0)
    assert watch.broken is None
    watch.failure(Failure(kind="server", message="x"), hopeless=None, now=111.0)
    assert watch.broken.kind == "server"


class Instant:
    """Answers at once, without a socket; counts how many attempts run at the same time."""

    def __init__(self, outcome=None):
        self.running = self.most = self.asked = 0
        self.outcome = outcome or (lambda request, asked: None)

    async def attempt(self, request):
        self.running += 1
        self.asked += 1
        number = self.asked
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        failure = self.outcome(request, number)
        text = None if failure else "ok"
        return AttemptResult(response=Response(example_id=request.example_id, text=text, failure=failure), headers={})


def flow(caller, *, ceiling=16, sleep=asyncio.sleep, clock=time.perf_counter, **over):
    async def opened():
        return caller

    async def closed():
        pass

    return Flow(
        open=opened, close=closed, pace=Pace(ceiling=ceiling, start=8), rates=Rates(rpm=None, tpm=None, now=clock()),
        breaker=breaker(last_answer=clock(), patience_s=1e9), clock=clock, now=time.time, sleep=sleep,
        dice=random.Random(0), **over,
    )  # fmt: skip


def numbered(count):
    for n in range(count):
        yield Request(example_id=str(n), messages=(Message(role="user", content="q"),))


def test_twenty_thousand_requests_are_answered_with_a_handful_of_tasks():
    caller, drawn, ahead = Instant(), 0, 0

    def counted():
        nonlocal drawn
        for request in numbered(20_000):
            drawn += 1
            yield request

    answered = 0
    for _ in relay(flow(caller), counted()):
        answered += 1
        ahead = max(ahead, drawn - answered)
    assert answered == caller.asked == 20_000
    assert caller.most <= 16
    assert ahead <= 128


def test_a_run_without_requests_ends():
    assert list(relay(flow(Instant()), iter(()))) == []


@pytest.mark.parametrize("kind", sorted(RETRIES))
def test_each_kind_is_tried_as_often_as_its_budget_says(kind):
    async def no_sleep(_):
        await asyncio.sleep(0)

    caller = Instant(lambda request, asked: Failure(kind=kind, message="no"))
    (response,) = relay(flow(caller, sleep=no_sleep, deadline_s=1e9), numbered(1))
    assert caller.asked == RETRIES[kind] + 1
    assert response.failure.kind == kind
    assert f"gave up after {caller.asked} attempts" in response.failure.message


def test_held_back_failures_come_out_once_something_is_answered():
    def outcome(request, asked):
        return Failure(kind="auth", message="one bad replica") if asked <= 2 else None

    responses = list(relay(flow(Instant(outcome)), numbered(10)))
    assert len(responses) == 10
    assert sum(r.failure is not None for r in responses) == 2


def test_a_fault_in_our_own_code_is_not_swallowed():
    class Broken(Instant):
        async def attempt(self, request):
            raise ZeroDivisionError("bug")

    with pytest.raises(ZeroDivisionError):
        list(relay(flow(Broken()), numbered(5)))


def test_a_caller_that_stops_listening_leaves_no_thread_behind():
    import threading

    before = threading.active_count()
    answers = relay(flow(Instant()), numbered(1000))
    next(answers)
    answers.close()
    assert threading.active_count() == before
