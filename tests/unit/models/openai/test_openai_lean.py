"""Requests that are copied from the first of their kind are what the official client would have sent."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest
from openai_loopback import CANARY, Reply, chat_body, echo

from evalkit.models.openai.client import call_options, call_url, open_client, raw_response_type
from evalkit.models.openai.endpoint import endpoint_of
from evalkit.suite.spec import Limits, ModelSpec

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
TEXTS = ("plain", "坂本龍馬ぜよ 🐉", 'quotes " and \\ and \n', "", "a" * 70_000)
BY_TRANSPORT = {"content-length", "accept-encoding", "connection", "accept"}


def opened(server, *, key=CANARY):
    spec = ModelSpec(provider="openai", model="gpt-test", base_url=server.url, limits=Limits())
    endpoint = endpoint_of("m", spec, {"OPENAI_API_KEY": key})
    client = open_client(endpoint, spec.limits)
    return client, call_url(client, endpoint, "/chat/completions"), call_options(spec.limits)


def told(call):
    return {name: value for name, value in call.headers.items() if name not in BY_TRANSPORT}


async def posted(client, url, options, body):
    return await client.post(url, cast_to=raw_response_type(), body=body, options=options)


def test_every_request_is_the_one_that_the_plain_client_sends(serve, model_at, ask):
    openai = pytest.importorskip("openai")
    server = serve(echo)
    requests = [ask(text, id=str(n), tools=(TOOL,) * (n % 2)) for n, text in enumerate(TEXTS)]
    for request in requests:  # one after the other: each but the first is a copy
        (answer,) = model_at(server, limits={"concurrency": 1}).answer([request])
        assert answer.failure is None
    list(model_at(server, limits={"concurrency": 1}).answer(requests))
    ours = server.asked("/chat/completions")

    async def plain():
        async with openai.AsyncOpenAI(api_key=CANARY, base_url=server.url, max_retries=0) as client:
            for request in requests:
                body = next(
                    call.body for call in ours if call.body["messages"][-1]["content"] == request.messages[-1].content
                )
                await posted(client, "/chat/completions", call_options(Limits()), body)

    asyncio.run(plain())
    theirs = server.asked("/chat/completions")[len(ours) :]
    assert len(ours) == 2 * len(theirs) == 2 * len(TEXTS)
    assert [call.content for call in ours] == [call.content for call in theirs] * 2
    assert {json.dumps(told(call), sort_keys=True) for call in ours} == {json.dumps(told(theirs[0]), sort_keys=True)}


def test_the_installed_client_is_one_that_copies_requests(serve):
    """Correct without, but half as fast: a version of the client that goes another way should be noticed."""
    openai = pytest.importorskip("openai")
    if tuple(map(int, openai.__version__.split(".")[:2])) < (2, 54):
        pytest.skip("this version of the client writes the JSON elsewhere, and is left to it")
    server = serve(echo)

    async def ask():
        client, url, options = opened(server)
        made = []
        client._client.again = lambda *given, again=client._client.again: made.append(again(*given)) or made[-1]
        for _ in range(3):
            await posted(client, url, options, {"model": "m", "messages": [{"role": "user", "content": "q"}]})
        await client.close()
        return len(made)

    assert asyncio.run(ask()) == 2


def test_a_key_that_is_renewed_is_the_one_that_is_sent(serve):
    server = serve(echo)

    async def ask():
        client, url, options = opened(server)
        for key in ("sk-first-of-two", "sk-first-of-two", "sk-second-of-two", "sk-first-of-two"):
            client.api_key = key
            await posted(client, url, options, {"model": "m", "messages": [{"role": "user", "content": "q"}]})
        await client.close()

    asyncio.run(ask())
    sent = [call.headers["authorization"].rpartition("-of-")[0] for call in server.asked("/chat/completions")]
    assert sent == ["Bearer sk-first", "Bearer sk-first", "Bearer sk-second", "Bearer sk-first"]


def test_other_headers_timeouts_and_urls_make_another_request(serve):
    server = serve(echo)
    body = {"model": "m", "messages": [{"role": "user", "content": "q"}]}

    async def ask():
        client, url, options = opened(server)
        for changed in ({}, {"headers": {"x-mine": "1"}}, {"params": {"beta": "true"}}, {}):
            await posted(client, url, {**options, **changed}, body)
        await posted(client, url.replace("chat/completions", "other"), options, body)
        await client.close()

    asyncio.run(ask())
    calls = server.calls
    assert [call.path for call in calls] == [
        "/v1/chat/completions", "/v1/chat/completions", "/v1/chat/completions?beta=true", "/v1/chat/completions",
        "/v1/other",
    ]  # fmt: skip
    assert [call.headers.get("x-mine") for call in calls] == [None, "1", None, None, None]


def test_answers_that_are_encoded_are_decoded_and_errors_keep_their_body(serve, model_at, ask):
    def script(call):
        if call.method == "GET":
            return Reply(status=404, body={})
        text = call.body["messages"][-1]["content"]
        if text == "refused":
            return Reply(status=400, body={"error": {"message": "no such thing", "code": "odd"}})
        body = json.dumps(chat_body(f"said {text}")).encode()
        if text == "packed":
            return Reply(body=gzip.compress(body), headers={"content-encoding": "gzip"})
        return Reply(body=body)

    model = model_at(serve(script), limits={"concurrency": 1})
    answers = list(model.answer([ask(text, id=text) for text in ("plain", "packed", "refused", "again")]))
    told = {a.example_id: a.text or a.failure.message for a in answers}
    assert told == {
        "plain": "said plain",
        "packed": "said packed",
        "refused": "no such thing [odd]",
        "again": "said again",
    }


def test_calls_that_stream_and_calls_that_do_not_share_a_client(serve):
    server = serve(lambda call: Reply(body=b"data: [DONE]\n\n" if call.body.get("stream") else chat_body("whole")))
    openai = pytest.importorskip("openai")

    async def ask():
        client, url, options = opened(server)
        plain = {"model": "m", "messages": []}
        seen = []
        for stream in (False, True, False, False, True):
            if stream:
                events = await client.post(
                    url,
                    cast_to=raw_response_type(),
                    body={**plain, "stream": True},
                    options=options,
                    stream=True,
                    stream_cls=openai.AsyncStream[object],
                )
                seen.append(b"".join([piece async for piece in events.aiter_bytes()]))
            else:
                seen.append((await posted(client, url, options, plain)).json()["choices"][0]["message"]["content"])
        await client.close()
        return seen

    done = b"data: [DONE]\n\n"
    assert asyncio.run(ask()) == ["whole", done, "whole", "whole", done]
    assert [call.body.get("stream", False) for call in server.calls] == [False, True, False, False, True]


def test_a_copied_request_is_redirected_with_its_body(serve, model_at, ask):
    def script(call):
        if call.path == "/v1/chat/completions" and call.body["messages"][-1]["content"] == "moved":
            return Reply(status=307, headers={"location": "/v1/elsewhere"}, body={})
        return Reply(body=chat_body(f"{call.path} {call.body['messages'][-1]['content']}"))

    server = serve(script)
    model = model_at(server, limits={"concurrency": 1})
    answers = {
        a.example_id: a.text for a in model.answer([ask("stays", id="1"), ask("moved", id="2"), ask("on", id="3")])
    }
    assert answers == {"1": "/v1/chat/completions stays", "2": "/v1/elsewhere moved", "3": "/v1/chat/completions on"}
    assert {call.headers.get("authorization") for call in server.asked("elsewhere")} == {f"Bearer {CANARY}"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_whoever_redirects_is_asked_once_and_a_key_stays_with_its_server(serve, model_at, ask, status):
    other = serve(lambda call: Reply(body=chat_body(f"{call.method} {call.content.decode()[:8]}")))

    def script(call):
        if call.method == "GET" or call.body["messages"][-1]["content"] != "moved":
            return echo(call)
        return Reply(status=status, headers={"location": f"{other.url}/elsewhere"}, body={})

    server = serve(script)
    model = model_at(server, limits={"concurrency": 1})
    answers = {a.example_id: a.text for a in model.answer([ask(text, id=text) for text in ("stays", "moved", "on")])}
    kept = 'POST {"model"' if status in (307, 308) else "GET "
    assert answers == {"stays": "echo: stays", "moved": kept, "on": "echo: on"}
    assert len(server.asked("/chat/completions")) == 3
    assert [call.headers.get("authorization") for call in other.calls] == [None]


def test_a_path_with_escapes_is_spelled_alike_in_every_call(serve, ask):
    server = serve(echo)

    async def asked():
        spec = ModelSpec(
            provider="openai", model="m", base_url=f"{server.url[:-3]}/a%20b/%41/\u00fc%2Fc", limits=Limits()
        )
        endpoint = endpoint_of("m", spec, {"OPENAI_API_KEY": CANARY})
        client = open_client(endpoint, spec.limits)
        for _ in range(3):
            body = {"model": "m", "messages": [{"role": "user", "content": "q"}]}
            await posted(client, call_url(client, endpoint, "/chat/completions"), call_options(spec.limits), body)
        await client.close()

    asyncio.run(asked())
    assert [call.path for call in server.calls] == ["/a%20b/A/%C3%BC%2Fc/chat/completions"] * 3


@pytest.mark.parametrize("sampling", [{}, {"extra": {"stream": True}}])
@pytest.mark.parametrize("texts", [("x\ud800", "good"), ("good", "x\ud800", "fine")])
def test_a_prompt_that_is_no_unicode_fails_by_its_name_and_the_others_are_asked(serve, model_at, ask, texts, sampling):
    def script(call):
        if call.method == "GET" or not call.body.get("stream"):
            return echo(call)
        return Reply(body=b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n')

    model = model_at(serve(script), limits={"concurrency": 1})
    ended = {a.example_id: a.failure for a in model.answer([ask(t, id=t[:1], **sampling) for t in texts])}
    failed = ended.pop("x")
    assert failed.kind == "bad_request"
    assert "half of a surrogate pair" in failed.message
    failed.message.encode()
    assert set(ended.values()) == {None}
