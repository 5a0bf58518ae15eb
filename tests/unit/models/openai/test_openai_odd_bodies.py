"""Whatever stands in a field of a body, what is kept of it can be read again, and no run ends because of it."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_loopback import Reply, chat_body, echo, error_body

from evalkit.core.exchange import Failure, Request
from evalkit.core.rows import dump, parse, response_row, row_response
from evalkit.models.openai.answer import Circumstances, respond
from evalkit.models.openai.apis import APIS
from evalkit.models.openai.failures import read_failure
from evalkit.models.openai.read_body import read_body
from evalkit.models.openai.read_chat import read_chat

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
DEEP = b'{"choices":' + b"[" * 200_000 + b"]" * 200_000 + b"}"

BODIES = {
    "chat": {
        **chat_body(
            "text",
            refusal="no",
            tool_calls=[
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "x"}},
            ],
            function_call={"name": "old", "arguments": "{}"},
        ),
        "usage": {
            "prompt_tokens": 1,
            "completion_tokens": 2,
            "prompt_tokens_details": {"cached_tokens": 1},
            "completion_tokens_details": {"reasoning_tokens": 1},
        },
    },
    "completions": {
        "model": "m",
        "choices": [{"text": "a", "finish_reason": "stop", "logprobs": {"token_logprobs": [-0.5, -1.0]}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    },
    "responses": {
        "status": "completed",
        "model": "m",
        "output": [
            {"type": "message", "content": [{"type": "output_text", "text": "a", "logprobs": [{"logprob": -1.0}]}]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        ],
        "usage": {"input_tokens": 1, "output_tokens": 2},
    },
}


def places(value, at=()):
    """Every place within a body, by the keys that lead there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*at, key)
        yield from places(item, (*at, key))


PLACES = [(api, place) for api, body in BODIES.items() for place in places(body)]


@given(st.sampled_from(PLACES), ODD)
def test_an_odd_value_anywhere_leaves_an_answer_that_can_be_kept_or_a_named_failure(where, odd):
    api, place = where
    body = copy.deepcopy(BODIES[api])
    inner = body
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = odd
    said = read_body(APIS[api], json.dumps(body).encode())
    response = respond(Request(example_id="x", messages=()), said, circumstances=Circumstances(latency_s=0.1))
    assert row_response(parse(dump(response_row(response)))) == response


@given(ODD, st.none() | st.integers(200, 599))
def test_an_odd_error_body_is_a_failure_that_can_be_kept(odd, status):
    for body in (odd, {"error": odd}, {"error": {"message": odd, "code": odd, "type": odd, "innererror": odd}}):
        failure = read_failure(body, status=status)
        response = respond(Request(example_id="x", messages=()), failure, circumstances=Circumstances())
        assert row_response(parse(dump(response_row(response)))) == response


def test_arguments_that_a_server_has_parsed_are_written_out_again():
    call = {"id": 7, "type": "function", "function": {"name": "f", "arguments": {"city": "東京"}}}
    (found,) = read_chat(chat_body(None, tool_calls=[call])).tool_calls
    assert (found.arguments, found.id) == ('{"city": "東京"}', "7")


def test_a_log_probability_that_is_not_finite_leaves_none_of_them():
    body = chat_body("a")
    body["choices"][0]["logprobs"] = {"content": [{"logprob": -0.5}, {"logprob": float("-inf")}]}
    assert read_chat(body).token_logprobs == ()
    body["choices"][0]["logprobs"]["content"].pop()
    assert read_chat(body).token_logprobs == (-0.5,)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_body_nested_without_end_is_a_named_failure(serve, model_at, ask, status):
    server = serve(lambda call: Reply(status=status, body=DEEP))
    (answer,) = model_at(server, limits={"deadline_s": 0.05}).answer([ask("hello")])
    assert answer.failure.kind in {"malformed", "bad_request", "server"}
    assert len(answer.failure.message) < 3_000


def test_a_stream_with_an_event_nested_without_end_is_a_named_failure(serve, model_at, ask):
    server = serve(lambda call: Reply(body=b"data: " + DEEP + b"\n\n") if call.method == "POST" else echo(call))
    model = model_at(server, limits={"deadline_s": 0.05})
    (answer,) = model.answer([ask("hello", extra={"stream": True})])
    assert answer.failure.kind == "malformed"


def test_a_failure_whose_wait_is_longer_than_the_deadline_says_so(serve, model_at, ask):
    busy = Reply(status=429, body=error_body("slow down"), headers={"retry-after": "3600"})
    (answer,) = model_at(serve(lambda call: busy), limits={"deadline_s": 60}).answer([ask("hello")])
    assert isinstance(answer.failure, Failure)
    assert answer.failure.kind == "rate_limit"
    assert "asks to wait 3,600 s, and deadline_s is 60" in answer.failure.message


def test_a_stream_that_nobody_asked_for_is_read(serve, model_at, ask):
    """As `transformers serve` answers on the Responses API where `stream` is not named."""
    chunks = [
        {"model": "m", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": end}]}
        for text, end in (("Hel", None), ("lo", "stop"))
    ]
    body = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"
    (answer,) = model_at(serve(lambda call: Reply(body=body))).answer([ask("hello")])
    assert (answer.text, answer.finish, answer.first_token_s) == ("Hello", "stop", None)
    half = body[: body.index(b"stop")]
    (answer,) = model_at(serve(lambda call: Reply(body=half)), limits={"deadline_s": 0.05}).answer([ask("hello")])
    assert answer.failure.kind == "malformed"


@pytest.mark.parametrize("stop", ["sampling", "model"])
def test_an_answer_ends_where_it_was_asked_to_stop(serve, model_at, ask, stop):
    """A server may write the stop text out, or ignore it; both arms are read alike."""
    server = serve(lambda call: Reply(body=chat_body("cold. END and more")))
    if stop == "model":
        (answer,) = model_at(server, stop=[" END"]).answer([ask("hot?")])
    else:
        (answer,) = model_at(server).answer([ask("hot?", stop=(" more", " END"))])
    assert (answer.text, answer.finish) == ("cold.", "stop")


def test_a_web_page_instead_of_an_answer_leads_to_the_base_url():
    from evalkit.models.openai.apis import APIS
    from evalkit.models.openai.read_body import read_body

    found = read_body(APIS["chat"], b"\n <!doctype html><html><body>Welcome</body></html>")
    assert (found.kind, "is base_url right" in found.message) == ("malformed", True)
    assert "base_url" not in read_body(APIS["chat"], b"Bad gateway").message
