"""Nothing that a server sends raises or hangs: streams, huge bodies, odd headers, errors of every family."""

from __future__ import annotations

import gzip
import json
import math
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_loopback import Reply, chat_body, echo, error_body

from evalkit.core.exchange import Failure
from evalkit.models.openai import body_limit
from evalkit.models.openai.adapt import Adaptation
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.apis import APIS
from evalkit.models.openai.backoff import delay, retry_after
from evalkit.models.openai.failures import parameter_of, read_failure
from evalkit.models.openai.rates import Rates
from evalkit.models.openai.read_body import read_body, read_events_of
from evalkit.models.openai.read_sse import EventLines, carries_output

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[5] / "shared" / "data"))
CASES = SHARED.parent / "cases" / "api_bodies.jsonl"
CHUNK = {"id": "x", "model": "m", "choices": [{"index": 0, "delta": {"content": "Par"}, "finish_reason": None}]}
MORE = {"id": "x", "model": "m", "choices": [{"index": 0, "delta": {"content": "is"}, "finish_reason": None}]}
END = {"id": "x", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def stream(*events: object, end: str = "\n\n", done: bool = True) -> bytes:
    lines = [f"data: {json.dumps(event)}" for event in events] + (["data: [DONE]"] if done else [])
    return (end.join(lines) + end).encode()


STREAMS = {
    "plain": stream(CHUNK, MORE, END),
    "carriage returns": stream(CHUNK, MORE, END, end="\r\r"),
    "windows": stream(CHUNK, MORE, END, end="\r\n\r\n"),
    "byte order mark": b"\xef\xbb\xbf" + stream(CHUNK, MORE, END),
    "comments first": b": OPENROUTER PROCESSING\n\n" + stream(CHUNK, MORE, END),
    "ids and retries": b"retry: 10\nid: 1\n" + stream(CHUNK, MORE, END),
    "no finish reason": stream(CHUNK, MORE),
    "no end mark": stream(CHUNK, MORE, END, done=False),
    "one body instead": json.dumps(chat_body("Paris")).encode(),
    "one body behind a mark": b"\xef\xbb\xbf" + json.dumps(chat_body("Paris")).encode(),
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("fault", ["", "drip"])
def test_a_stream_of_every_make_is_read(serve, model_at, ask, name, asked, fault):
    script = lambda call: echo(call) if call.method == "GET" else Reply(body=STREAMS[name], fault=fault)  # noqa: E731
    request = ask("capital of France", extra={"stream": True} if asked else {})
    (answer,) = model_at(serve(script)).answer([request])
    assert (answer.text, answer.failure) == ("Paris", None)


def test_a_stream_that_breaks_off_is_no_answer(serve, model_at, ask):
    script = lambda call: echo(call) if call.method == "GET" else Reply(body=stream(CHUNK, done=False))  # noqa: E731
    (answer,) = model_at(serve(script)).answer([ask("q", extra={"stream": True})])
    assert answer.failure is not None
    assert answer.failure.kind == "malformed"


@pytest.mark.parametrize("pack", ["length", "endless", "gzip"])
def test_a_body_without_end_costs_one_fetch_and_is_named(serve, model_at, ask, monkeypatch, pack):
    monkeypatch.setattr(body_limit, "LIMIT", 200_000)
    huge = json.dumps(chat_body("x" * 5_000_000)).encode()

    def script(call):
        if call.method == "GET":
            return echo(call)
        if pack == "gzip":
            return Reply(body=gzip.compress(huge), headers={"content-encoding": "gzip"})
        if pack == "endless":
            return Reply(body=b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + huge, fault="raw")
        return Reply(body=huge)

    server = serve(script)
    (answer,) = model_at(server).answer([ask("q")])
    assert answer.failure is not None
    assert "larger than" in answer.failure.message
    assert len(server.asked("/chat/completions")) == 1


def test_a_packed_body_of_usual_size_is_read(serve, model_at, ask):
    packed = Reply(body=gzip.compress(json.dumps(chat_body("Paris")).encode()), headers={"content-encoding": "gzip"})
    (answer,) = model_at(serve(lambda call: echo(call) if call.method == "GET" else packed)).answer([ask("q")])
    assert answer.text == "Paris"


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"},
        {"retry-after": "99999999999"},
        {"retry-after-ms": "1e300"},
        {
            "x-ratelimit-limit-requests": "10",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "9e9",
        },
        {"x-ratelimit-limit-tokens": "10", "x-ratelimit-remaining-tokens": "-5", "x-ratelimit-reset-tokens": "400d"},
    ],
)
def test_a_wait_beyond_every_deadline_ends_as_a_named_failure(serve, model_at, ask, headers):
    def script(call):
        if call.method == "GET":
            return echo(call)
        return Reply(status=429, body=error_body("slow down", code="rate_limit_exceeded"), headers=headers)

    model = model_at(serve(script), limits={"deadline_s": 1.0})
    answers = list(model.answer(ask(f"q{n}", id=str(n)) for n in range(3)))
    assert {answer.failure.kind for answer in answers} == {"rate_limit"}
    assert all(len(answer.failure.message) < 400 for answer in answers)


def test_a_moment_is_read_as_the_span_until_then():
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"}
    for reset in ("1800000030", "1800000030000"):
        rates = Rates(rpm=None, tpm=None, now=0.0)
        rates.learn(
            {**headers, "x-ratelimit-reset-requests": reset}, in_flight_tokens=0, in_flight=0, now=0.0, wall=1.8e9
        )
        assert 0.0 < rates.wait(1, now=0.0) < 2.0


NAMES = st.sampled_from(
    [
        "retry-after", "retry-after-ms", "x-request-id", "x-should-retry",
        *(f"x-ratelimit-{what}-{kind}" for what in ("limit", "remaining", "reset") for kind in ("requests", "tokens")),
    ]
)  # fmt: skip
VALUES = st.text(max_size=12) | st.floats().map(str) | st.integers().map(str) | st.sampled_from(["1e400", "-0", "nan"])


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_no_header_raises_and_no_wait_is_no_number(headers):
    rates = Rates(rpm=None, tpm=None, now=0.0)
    rates.learn(headers, in_flight_tokens=3, in_flight=1, now=1.0, wall=1.8e9)
    assert not math.isnan(rates.wait(10, now=2.0))
    asked = retry_after(headers, now=1.8e9)
    assert asked is None or delay(0, asked=asked, dice=random.Random(0)) >= 0.0


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "delta", "index", "tool_calls", "type", "error", "item"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(st.lists(ODD, max_size=4), st.sampled_from(sorted(APIS)), st.booleans())
def test_no_event_raises(events, api, done):
    for event in events:
        carries_output(event)
    assert isinstance(read_events_of(APIS[api], events, done=done), (Answer, Failure))


@given(
    st.lists(
        st.binary(max_size=12) | st.sampled_from([b"data: {}\n\n", b"\r", b"\n", b"\xef\xbb", b"\xbf"]), max_size=8
    )
)
def test_a_stream_may_be_cut_anywhere(pieces):
    whole, parts = EventLines(), EventLines()
    at_once = [*whole.feed(b"".join(pieces)), *whole.close()]
    bit_by_bit = [data for piece in pieces for data in parts.feed(piece)] + list(parts.close())
    assert bit_by_bit == at_once


@given(
    ODD | st.binary(max_size=20).map(lambda raw: raw.decode("latin-1")),
    st.sampled_from([None, 200, 400, 422, 429, 500]),
)
def test_no_error_body_raises(body, status):
    found = read_failure(body, status=status)
    assert found.message
    parameter_of(body)


REFUSALS = {
    "openai": error_body("Unsupported parameter: 'seed' is not supported with this model.", param="seed"),
    "vllm": {
        "object": "error",
        "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted'}]",
    },
    "fastapi": {
        "detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]
    },
    "mistral": {
        "object": "error",
        "message": {
            "detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]
        },
    },
    "gemini": [
        {"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "seed": Cannot find field.'}}
    ],
    "bedrock": {
        "message": "Malformed input request: #: extraneous key [seed] is not permitted, please reformat your input"
    },
    "anthropic": {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "seed: Extra inputs are not permitted"},
    },
    "litellm": error_body("litellm.UnsupportedParamsError: m does not support parameters: ['seed'], for model=m"),
    "openrouter": {
        "error": {
            "message": "Provider returned error",
            "code": 400,
            "metadata": {"raw": '{"error": {"message": "Unrecognized request argument supplied: seed"}}'},
        }
    },
    "lm studio": {"error": "Unrecognized key(s) in object: 'seed'"},
    "groq": error_body("property 'seed' is unsupported, did you mean 'stop'?"),
    "ollama": {"error": "unknown field 'seed'"},
}


@pytest.mark.parametrize("family", REFUSALS)
def test_a_refused_parameter_is_learned_from_every_family(family):
    body = REFUSALS[family]
    failure, adaptation = read_failure(body, status=400), Adaptation()
    sent = {"model": "m", "messages": [], "temperature": 0.0, "seed": 1, "stop": ["x"]}
    assert adaptation.learn(failure.message, param=parameter_of(body), sent=sent), failure
    assert adaptation.changes == {"seed": None}


def test_a_name_in_humps_is_the_one_that_was_sent():
    adaptation = Adaptation()
    said = "Argument not supported on this model: presencePenalty"
    assert adaptation.learn(said, param=None, sent={"model": "m", "presence_penalty": 0.5})
    assert adaptation.changes == {"presence_penalty": None}


CONTEXT = {"error": {"code": 400, "message": "the request exceeds the available context size"}}
FLAGGED = "Your prompt was flagged as potentially violating our usage policy"
MINUTE = {"code": 429, "message": "You exceeded your current quota", "details": [{"retryDelay": "12s"}]}
BEHIND = {"message": "Provider returned error", "metadata": {"raw": "m is temporarily rate-limited upstream"}}
TOO_MANY = {"detail": [{"loc": ["body", "max_tokens"], "msg": "Input should be less than 4096"}]}


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, CONTEXT, "context_length", "context size"),
        (400, {"message": "Input is too long for requested model."}, "context_length", "too long"),
        (400, {"object": "error", "message": "Please reduce the length of the messages."}, "context_length", "reduce"),
        (400, error_body("The response was filtered", code="content_filter"), "content_filter", "filtered"),
        (400, error_body(FLAGGED, code="invalid_prompt"), "content_filter", "flagged"),
        (402, error_body("Insufficient Balance", code="invalid_request_error"), "quota", "Balance"),
        (429, error_body("You exceeded your current quota", code="insufficient_quota"), "quota", "quota"),
        (429, [{"error": MINUTE}], "rate_limit", "quota"),
        (429, {"error": BEHIND}, "rate_limit", "upstream"),
        (404, {"error": 'model "x" not found, try pulling it first'}, "not_found", "pulling"),
        (
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            "server",
            "Overloaded",
        ),
        (503, "upstream connect error", "server", "upstream"),
        (401, {"detail": "Unauthorized"}, "auth", "Unauthorized"),
        (422, TOO_MANY, "bad_request", "max_tokens: Input"),
    ],
)
def test_the_cause_is_read_from_every_known_error_body(status, body, kind, said):
    failure = read_failure(body, status=status)
    assert failure.kind == kind
    assert said in failure.message


def test_text_of_a_responses_message_may_be_a_plain_string():
    body = {"status": "completed", "output": [{"type": "message", "content": "Paris"}]}
    assert read_body(APIS["responses"], json.dumps(body).encode()).text == "Paris"


@pytest.mark.skipif(not CASES.is_file(), reason="the cases of API bodies are not beside the checkout")
def test_the_known_bodies_are_read_as_they_should():
    wrong = {}
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["status"] != 200:
            said = read_failure(parsed(case["body"]), status=case["status"])
        elif case["stream"]:
            said = streamed(case)
        else:
            said = read_body(APIS[case["api"]], case["body"].encode())
        if not is_as_wanted(said, case["want"]):
            wrong[case["name"]] = (case["want"], said)
    assert wrong == {}


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return body


def streamed(case):
    lines = EventLines()
    events = [json.loads(data) for data in (*lines.feed(case["body"].encode()), *lines.close())]
    if not events:
        return read_body(APIS[case["api"]], case["body"].encode())
    return read_events_of(APIS[case["api"]], events, done=lines.done)


def is_as_wanted(said, want):
    """What a case wants, in the words of its file; thoughts and endings are read behind this step."""
    if want in ("rate_limit", "server", "not_found", "context_length", "content_filter", "malformed"):
        return isinstance(said, Failure) and said.kind == want
    if want.startswith(("failed call", "named failure", "rate_limit", "content_filter-like")):
        return isinstance(said, Failure)
    if want == "refusal":
        return isinstance(said, Answer) and bool(said.refusal)
    if want == "f" or "call" in want.lower().split():
        return isinstance(said, Answer) and [call.name for call in said.tool_calls] == ["f"]
    if want.startswith("Paris"):
        return isinstance(said, Answer) and "Paris" in (said.text or "")
    return isinstance(said, (Answer, Failure))
