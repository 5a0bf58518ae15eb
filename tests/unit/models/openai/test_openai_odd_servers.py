"""What servers and clients may do beside answering: redirects, streams, jobs, Azure; each over real sockets."""

from __future__ import annotations

import itertools

import pytest
from openai_loopback import Reply, chat_body, echo

from evalkit.core.errors import ModelError


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
