"""Claims about provider `openai`, each over a real socket to a loopback server."""

from __future__ import annotations

import itertools
import time
from collections import Counter

import pytest
from openai_loopback import Reply, chat_body, echo, error_body, faulty

from evalkit.core.errors import ModelError

SHARES = {"429": 0.05, "500": 0.05, "reset": 0.02, "malformed": 0.02, "truncate": 0.02, "stall": 0.01}


def refuse(status, message, **named):
    return lambda call: Reply(status=status, body=error_body(message, **named))


def test_every_request_is_answered_once_under_every_fault(serve, model_at, ask):
    server = serve(faulty(7, shares=SHARES, stall_s=3.0))
    model = model_at(server, limits={"first_byte_timeout_s": 0.5, "concurrency": 32})
    requests = [ask(f"question {n}", id=str(n)) for n in range(400)]
    answers = list(model.answer(iter(requests)))
    assert Counter(a.example_id for a in answers) == Counter(str(n) for n in range(400))
    assert {a.failure for a in answers} == {None}
    assert all(a.text == f"echo: question {a.example_id}" for a in answers)
    assert len(server.calls) > 400, "no fault was met"


def test_answers_under_faults_equal_those_without(serve, model_at, ask):
    requests = [ask(f"question {n}", id=str(n)) for n in range(120)]

    def said(script):
        model = model_at(serve(script), limits={"first_byte_timeout_s": 0.5})
        return {a.example_id: (a.text, a.finish, a.usage) for a in model.answer(requests)}

    assert said(faulty(3, shares=SHARES, stall_s=3.0)) == said(echo)


def test_a_permanent_429_ends_within_its_deadline_as_named_failures(serve, model_at, ask):
    busy = refuse(429, "Rate limit reached", code="rate_limit_exceeded")
    model = model_at(serve(busy), limits={"deadline_s": 1.5})
    answers = list(model.answer(ask(f"q{n}", id=str(n)) for n in range(300)))
    assert len({a.example_id for a in answers}) == len(answers) == 300
    assert {a.failure.kind for a in answers} == {"rate_limit"}


def test_a_429_that_starts_midway_still_ends(serve, model_at, ask):
    numbers = itertools.count()

    def script(call):
        return echo(call) if next(numbers) < 100 else refuse(429, "Rate limit reached")(call)

    answers = list(
        model_at(serve(script), limits={"deadline_s": 1.0}).answer(ask(f"q{n}", id=str(n)) for n in range(300))
    )
    assert len({a.example_id for a in answers}) == 300
    assert {a.failure.kind for a in answers if a.failure} == {"rate_limit"}
    assert sum(a.failure is None for a in answers) >= 90


@pytest.mark.parametrize(
    ("status", "named", "words"),
    [
        (401, {"message": "Incorrect API key provided", "code": "invalid_api_key"}, "auth"),
        (404, {"message": "The model `x` does not exist", "code": "model_not_found"}, "not_found"),
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}, "quota"),
    ],
)
def test_a_cause_that_every_call_meets_stops_the_run_at_once(serve, model_at, ask, status, named, words):
    server = serve(refuse(status, **named))
    model = model_at(server, limits={"concurrency": 8})
    with pytest.raises(ModelError, match=words) as caught:
        list(model.answer(ask(f"q{n}", id=str(n)) for n in range(5000)))
    assert caught.value.exit_code == 2
    assert len(server.asked("/chat/completions")) <= 8


def test_a_single_request_with_a_wrong_key_is_an_error_too(serve, model_at, ask):
    model = model_at(serve(refuse(401, "Incorrect API key provided", code="invalid_api_key")))
    with pytest.raises(ModelError, match="OPENAI_API_KEY"):
        list(model.answer([ask("q")]))


def test_no_server_is_said_at_once(serve, model_at, ask):
    server = serve(echo)
    model = model_at(server)
    server.stop()
    with pytest.raises(ModelError, match="is the server running"):
        list(model.answer(ask(f"q{n}", id=str(n)) for n in range(100)))


def test_one_withdrawn_model_midway_leaves_named_failures(serve, model_at, ask):
    numbers = itertools.count()

    def script(call):
        return echo(call) if next(numbers) < 50 else refuse(404, "gone", code="model_not_found")(call)

    server = serve(script)
    answers = list(model_at(server, limits={"concurrency": 4}).answer(ask(f"q{n}", id=str(n)) for n in range(1000)))
    assert len(answers) == 1000
    assert {a.failure.kind for a in answers if a.failure} == {"not_found"}
    assert len(server.asked("/chat/completions")) < 100, "went on asking a model that is gone"


@pytest.mark.parametrize("kind", ["bad_request", "context_length", "content_filter"])
def test_what_would_fail_again_is_never_asked_again(serve, model_at, ask, kind):
    named = {
        "bad_request": {"message": "Invalid 'messages'"},
        "context_length": {
            "message": "This model's maximum context length is 8192 tokens",
            "code": "context_length_exceeded",
        },
        "content_filter": {"message": "filtered", "code": "content_filter"},
    }[kind]
    server = serve(refuse(400, **named))
    answers = list(model_at(server).answer(ask(f"q{n}", id=str(n)) for n in range(20)))
    assert [a.failure.kind for a in answers] == [kind] * 20
    assert len(server.asked("/chat/completions")) == 20


def test_a_stalled_server_is_timed_out_and_named(serve, model_at, ask):
    server = serve(lambda call: Reply(body=chat_body("late"), delay=20))
    model = model_at(server, limits={"first_byte_timeout_s": 0.2, "deadline_s": 2.0})
    (answer,) = model.answer([ask("q")])
    assert answer.failure.kind == "timeout"


def test_a_trickle_does_not_outlive_the_total_timeout(serve, model_at, ask):
    slow = Reply(body=chat_body("x" * 20_000), fault="drip")
    server = serve(lambda call: slow)
    model = model_at(server, limits={"timeout_s": 0.3, "deadline_s": 1.0})
    (answer,) = model.answer([ask("q")])
    assert answer.failure.kind == "timeout"
    assert "0.3 s" in answer.failure.message


def test_latency_is_the_answered_attempts_own(serve, model_at, ask):
    def script(call):
        if call.method == "GET" or call.attempt:
            return Reply(body=chat_body("ok"), delay=0.05)
        return Reply(status=503, body=error_body("busy"), headers={"retry-after": "0.5"})

    model, started = model_at(serve(script)), time.perf_counter()
    (answer,) = model.answer([ask("q")])
    whole = time.perf_counter() - started
    assert 0.05 <= answer.latency_s <= whole - 0.5, "the wait before the second attempt is no latency"


def test_a_parameter_the_server_refuses_is_learned_once_and_recorded(serve, model_at, ask):
    def script(call):
        if call.method == "POST" and "max_tokens" in call.body:
            message = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
            return Reply(status=400, body=error_body(message, code="unsupported_parameter", param="max_tokens"))
        if call.method == "POST" and "temperature" in call.body:
            message = "Unsupported value: 'temperature' does not support 0. Only the default (1) value is supported."
            return Reply(status=400, body=error_body(message, code="unsupported_value", param="temperature"))
        return echo(call)

    server = serve(script)
    model = model_at(server, limits={"concurrency": 4})
    answers = list(model.answer(ask(f"q{n}", id=str(n)) for n in range(200)))
    assert all(a.failure is None for a in answers)
    assert {tuple(sorted(a.adapted.items())) for a in answers} == {
        (("max_tokens", "max_completion_tokens"), ("temperature", None))
    }
    assert len(server.asked("/chat/completions")) <= 200 + 2 * 4, (
        "the lesson was learned more than once a call in flight"
    )
    assert model.identity.details["adapted"] == {"max_tokens": "max_completion_tokens", "temperature": None}
    assert model.notes == (
        "the server of m refused parameters and is asked differently: "
        "max_tokens -> max_completion_tokens, temperature left out",
    )


def test_a_refused_response_format_is_never_left_out(serve, model_at, ask):
    message = "Unsupported parameter: 'response_format' is not supported with this model."
    server = serve(refuse(400, message, param="response_format"))
    (answer,) = model_at(server).answer([ask("q", extra={"response_format": {"type": "json_object"}})])
    assert answer.failure.kind == "bad_request"


def test_calls_in_flight_stay_under_the_users_ceiling(serve, model_at, ask):
    server = serve(lambda call: Reply(body=chat_body("ok"), delay=0.01))
    list(model_at(server, limits={"concurrency": 5}).answer(ask(f"q{n}", id=str(n)) for n in range(100)))
    assert 2 <= server.most_in_flight <= 6  # one more: the look at the model's shutdown date
