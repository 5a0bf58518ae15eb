"""Claims about provider `openai`, each over a real socket to a loopback server."""

from __future__ import annotations

import itertools
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

    (answer,) = model_at(serve(script)).answer([ask("q")])
    assert 0.05 <= answer.latency_s < 0.4


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


def test_requests_are_drawn_only_a_little_ahead(serve, model_at, ask):
    drawn = 0

    def endless():
        nonlocal drawn
        for n in itertools.count():
            drawn += 1
            yield ask(f"q{n}", id=str(n))

    answers = model_at(serve(echo), limits={"concurrency": 8}).answer(endless())
    for _ in range(20):
        next(answers)
    answers.close()
    assert drawn < 200


def test_a_moved_server_is_followed(serve, model_at, ask):
    home = serve(echo)

    def moved(call):
        return Reply(status=307, body={}, headers={"location": home.url + call.path.removeprefix("/v1")})

    model = model_at(serve(moved))
    answers = list(model.answer(ask("hello" * n, id=str(n)) for n in range(1, 20)))
    assert {a.example_id: a.text for a in answers} == {str(n): "echo: " + "hello" * n for n in range(1, 20)}


def test_compressed_answers_are_read(serve, model_at, ask):
    import gzip
    import json

    def script(call):
        body = json.dumps(chat_body("日本語")).encode()
        return Reply(body=gzip.compress(body), headers={"content-encoding": "gzip"})

    (answer,) = model_at(serve(script)).answer([ask("hello")])
    assert answer.text == "日本語"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"this is no HTTP\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\xff\xfe\x00\x01",
        b"HTTP/1.1 200 OK\r\nx-request-id: \xe6\xff\r\ncontent-length: 2\r\n\r\n{}",
    ],
)
def test_garbage_on_the_wire_is_a_named_failure(serve, model_at, ask, raw):
    server = serve(lambda call: Reply(body=raw, fault="raw"))
    (answer,) = model_at(server, limits={"deadline_s": 0.05}).answer([ask("hello")])
    assert answer.failure.kind in {"connection", "malformed"}


def test_a_server_that_redirects_to_nowhere_ends_the_run_with_its_cause(serve, model_at, ask):
    server = serve(lambda call: Reply(status=302, body={}, headers={"location": "http://[bad"}))
    with pytest.raises(ModelError, match=r"answers no call .*no connection"):
        list(model_at(server, limits={"deadline_s": 0.05}).answer([ask("hello")]))


def test_the_official_client_signs_every_call(serve, model_at, ask):
    server = serve(echo)
    list(model_at(server).answer([ask("hello")]))
    (call,) = server.asked("/chat/completions")
    assert call.headers["authorization"].startswith("Bearer sk-canary")
    assert call.headers["user-agent"].startswith("AsyncOpenAI/Python")
    assert call.headers["content-type"] == "application/json"
    assert call.headers["host"] == f"127.0.0.1:{server.port}"
    assert call.headers["x-stainless-retry-count"] == "0"


def test_an_error_in_the_source_of_requests_reaches_the_caller(serve, model_at, ask):
    def broken():
        yield ask("q")
        raise LookupError("template")

    with pytest.raises(LookupError, match="template"):
        list(model_at(serve(echo)).answer(broken()))


def test_it_works_inside_a_running_event_loop(serve, model_at, ask):
    import asyncio

    async def notebook():
        return list(model_at(serve(echo)).answer([ask("hello")]))

    (answer,) = asyncio.run(notebook())
    assert answer.text == "echo: hello"


def test_streams_bring_the_time_to_the_first_token(serve, model_at, ask):
    def script(call):
        if call.method == "GET":
            return echo(call)
        assert call.body["stream"] is True
        assert call.body["stream_options"] == {"include_usage": True}
        return Reply(body=sse_chat(["Hel", "lo"]), fault="drip")

    (answer,) = model_at(serve(script)).answer([ask("q", extra={"stream": True})])
    assert (answer.text, answer.finish, answer.usage.output) == ("Hello", "stop", 2)
    assert 0 < answer.first_token_s < answer.latency_s


def test_a_stream_that_breaks_off_is_tried_again(serve, model_at, ask):
    def script(call):
        if call.method == "GET":
            return echo(call)
        whole = sse_chat(["Hel", "lo"])
        return Reply(body=whole if call.attempt else whole[: whole.index(b"lo")])

    (answer,) = model_at(serve(script)).answer([ask("q", extra={"stream": True})])
    assert answer.text == "Hello"


def sse_chat(pieces):
    import json

    base = {"id": "c", "object": "chat.completion.chunk", "model": "m"}
    deltas = [{"delta": {"content": piece}, "index": 0, "finish_reason": None} for piece in pieces]
    deltas.append({"delta": {}, "index": 0, "finish_reason": "stop"})
    events = [{**base, "choices": [delta]} for delta in deltas]
    events.append({**base, "choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}})
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"


def test_a_model_that_ends_soon_is_warned_about_and_named_in_its_identity(serve, model_at, ask):
    import datetime as dt

    def script(call):
        if call.method == "GET":
            return Reply(
                body={"id": "gpt-test", "object": "model", "created": 1, "owned_by": "x", "shutdown_date": "2027-01-14"}
            )
        return Reply(body=chat_body("ok"), delay=0.05)

    said = []
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC).timestamp()
    model = model_at(serve(script), progress=said.append, now=now)
    list(model.answer(ask(f"q{n}", id=str(n)) for n in range(50)))
    assert said == [
        "gpt-test is switched off on 2027-01-14 (in 54 days): keep its answers with `evalkit record m -o m.jsonl`"
    ]
    assert model.notes == tuple(said)
    assert model.identity.details["shutdown_date"] == "2027-01-14"


def test_a_fine_tuning_job_becomes_the_model_it_made(serve, model_at, ask):
    def script(call):
        if call.path.endswith("/fine_tuning/jobs/ftjob-abc123"):
            return Reply(
                body={
                    "id": "ftjob-abc123",
                    "object": "fine_tuning.job",
                    "status": "succeeded",
                    "fine_tuned_model": "ft:gpt-4o-mini-2024-07-18:acme::x",
                }
            )
        return echo(call)

    server = serve(script)
    (answer,) = model_at(server, model="ftjob-abc123").answer([ask("q")])
    assert answer.failure is None
    assert server.asked("/chat/completions")[0].body["model"] == "ft:gpt-4o-mini-2024-07-18:acme::x"
    again = model_at(server, model="ftjob-abc123")
    assert again.identity.model == "ft:gpt-4o-mini-2024-07-18:acme::x"
    assert again.identity.details["job"] == "ftjob-abc123"
    assert len(server.asked("/jobs/ftjob-abc123")) == 1, "a job is looked up once"
    assert again.identity.fingerprint == model_at(server, model=again.identity.model).identity.fingerprint


def test_a_failed_job_is_no_model(serve, model_at):
    failed = {
        "id": "ftjob-1",
        "object": "fine_tuning.job",
        "status": "failed",
        "error": {"message": "bad file", "code": "x"},
    }
    with pytest.raises(ModelError, match="failed: bad file"):
        _ = model_at(serve(lambda call: Reply(body=failed)), model="ftjob-1").identity


def test_azure_calls_go_to_the_deployment_with_azures_key(serve, model_at, ask):
    server = serve(echo)
    root = server.url.removesuffix("/v1")
    model = model_at(
        server, base_url=root, azure={"api_version": "2024-10-21", "deployment": "shop-mini"}, model="gpt-4o-mini"
    )
    (answer,) = model.answer([ask("q")])
    (call,) = [c for c in server.calls if c.method == "POST"]
    assert answer.text == "echo: q"
    assert call.path == "/openai/deployments/shop-mini/chat/completions?api-version=2024-10-21"
    assert "api-key" in call.headers
    assert model.identity.details["deployment"] == "shop-mini"


def test_a_second_arm_begins_with_what_the_server_was_found_to_bear(serve, tmp_path, ask):
    """The first arm doubles from 16; the second starts where the first ended."""
    from evalkit.models.context import Context
    from evalkit.models.open import open_model
    from evalkit.suite.spec import Limits, ModelSpec

    server = serve(lambda call: Reply(body=chat_body("ok"), delay=0.02))
    context = Context(root=tmp_path, environ={})
    spec = ModelSpec(provider="openai", model="m", base_url=server.url, limits=Limits(concurrency=64))
    list(open_model("one", spec, context).answer(ask(f"q{n}", id=str(n)) for n in range(400)))
    (borne,) = context.borne.values()
    assert borne > 16
    server.most_in_flight, server.script = 0, lambda call: Reply(body=chat_body("ok"), delay=0.5)
    list(open_model("two", spec, context).answer(ask(f"q{n}", id=str(n)) for n in range(int(borne))))
    assert server.most_in_flight > borne / 2
