from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_loopback import chat_body

from evalkit.core.exchange import Failure, ToolCall, Usage
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.apis import APIS
from evalkit.models.openai.read_body import read_body, read_events_of
from evalkit.models.openai.read_chat import read_chat, read_completion
from evalkit.models.openai.read_responses import read_responses
from evalkit.models.openai.read_sse import EventLines, read_events, whole_chat, whole_response
from evalkit.models.openai.read_usage import read_usage

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "message", "content", "tool_calls", "function", "error", "output", "type", "text", "usage",
             "refusal", "finish_reason", "status", "delta", "index", "custom", "logprobs", "code", "function_call"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


def call(name, arguments, id="c1"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_parallel_custom_and_legacy_calls_keep_their_order_and_raw_arguments():
    custom = {"id": "c2", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}
    body = chat_body(None, tool_calls=[call("f", '{"a": 1'), custom], function_call={"name": "old", "arguments": ""})
    assert read_chat(body).tool_calls == (
        ToolCall(name="f", arguments='{"a": 1', id="c1"),
        ToolCall(name="sql", arguments="select 1", id="c2", kind="custom"),
        ToolCall(name="old", arguments="", kind="legacy"),
    )
    assert read_chat(body).text is None


def test_a_refusal_is_an_answer_without_text():
    said = read_chat(chat_body(None, refusal="I cannot help with that."))
    assert (said.text, said.refusal, said.finish) == (None, "I cannot help with that.", "stop")


def test_an_empty_answer_is_empty_text_not_nothing():
    assert read_chat(chat_body(None)).text == ""


def test_a_filtered_choice_without_message_is_a_named_failure():
    body = chat_body("x")
    body["choices"] = [{"index": 0, "finish_reason": "content_filter"}]
    assert read_chat(body).kind == "content_filter"


def test_an_answer_cut_by_the_filter_keeps_what_was_said():
    body = chat_body("half")
    body["choices"][0]["finish_reason"] = "content_filter"
    assert (read_chat(body).text, read_chat(body).finish) == ("half", "content_filter")


def test_an_error_under_http_200_is_a_failure():
    body = {"error": {"message": "filtered", "code": "content_filter", "status": 400}}
    assert read_chat(body) == Failure(kind="content_filter", message="filtered [content_filter]", status=400)


def test_an_answer_cut_by_length_says_so():
    body = chat_body("half")
    body["choices"][0]["finish_reason"] = "length"
    assert read_chat(body).finish == "length"


def test_content_in_parts_is_joined():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert read_chat(chat_body(parts)).text == "ab"


def test_log_probabilities_are_kept():
    body = chat_body("ab")
    body["choices"][0]["logprobs"] = {"content": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1}]}
    assert read_chat(body).token_logprobs == (-0.5, -1.0)


@pytest.mark.parametrize("body", [None, 3, "text", [], {}, {"choices": []}, {"choices": [None]}, {"choices": [{}]}])
def test_bodies_of_no_shape_are_malformed(body):
    assert read_chat(body).kind == "malformed"
    assert read_completion(body).kind == "malformed"


@given(JSON)
def test_no_body_whatsoever_is_lost(body):
    for api in APIS.values():
        assert isinstance(read_body(api, json.dumps(body).encode()), Answer | Failure)
        assert isinstance(read_events_of(api, [body]), Answer | Failure)


def test_usage_has_one_name_for_all_apis():
    assert read_usage({"prompt_tokens": 5, "completion_tokens": 2}) == Usage(input=5, output=2)
    details = {"input_tokens_details": {"cached_tokens": 3}, "output_tokens_details": {"reasoning_tokens": 1}}
    assert read_usage({"input_tokens": 5, "output_tokens": 2, **details}) == Usage(
        input=5, output=2, cached_input=3, reasoning=1
    )
    assert read_usage(None) is None


def test_a_responses_body_speaks_chats_language():
    body = {
        "status": "completed",
        "model": "m",
        "output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "content": [{"type": "output_text", "text": "I call. "}]},
            {"type": "function_call", "call_id": "call_1", "id": "fc_1", "name": "f", "arguments": "{}"},
            {"type": "custom_tool_call", "call_id": "call_2", "name": "sql", "input": "select 1"},
        ],
    }
    said = read_responses(body)
    assert said.text == "I call. "
    assert said.tool_calls[0] == ToolCall(name="f", arguments="{}", id="call_1")
    assert said.tool_calls[1].kind == "custom"
    assert said.finish == "tool_calls"


@pytest.mark.parametrize(("reason", "finish"), [("max_output_tokens", "length"), ("content_filter", "content_filter")])
def test_an_incomplete_response_names_its_reason(reason, finish):
    message = {"type": "message", "content": [{"type": "output_text", "text": "half"}]}
    body = {"status": "incomplete", "incomplete_details": {"reason": reason}, "output": [message]}
    assert read_responses(body).finish == finish


def test_a_failed_response_is_named_by_its_error():
    body = {"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "slow"}, "output": []}
    assert read_responses(body).kind == "rate_limit"


def events_of(*objects):
    return b"".join(b"data: " + json.dumps(o, ensure_ascii=False).encode() + b"\r\n\r\n" for o in objects)


@given(st.lists(st.text(max_size=6), min_size=1, max_size=6), st.integers(1, 9))
def test_events_are_the_same_however_the_bytes_are_cut(texts, width):
    stream = b": comment\n\n" + events_of(*({"t": text} for text in texts)) + b"data: [DONE]"
    lines, found = EventLines(), []
    for at in range(0, len(stream), width):
        found += lines.feed(stream[at : at + width])
    found += lines.close()
    assert [json.loads(f)["t"] for f in found[:-1]] == texts
    assert found[-1] == "[DONE]"


def chunk(delta, finish=None, **more):
    return {"id": "x", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def test_interleaved_tool_calls_of_a_stream_are_put_together():
    def part(index, **function):
        return chunk({"tool_calls": [{"index": index, "function": function}]})

    opening = chunk(
        {"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}]}
    )
    second = chunk(
        {"tool_calls": [{"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": ""}}]}
    )
    events = [
        opening,
        second,
        part(0, arguments='{"a"'),
        part(1, arguments="{}"),
        part(0, arguments=": 1}"),
        chunk({}, "tool_calls"),
    ]
    assert read_chat(whole_chat(events)).tool_calls == (
        ToolCall(name="f", arguments='{"a": 1}', id="a"),
        ToolCall(name="g", arguments="{}", id="b"),
    )


def test_a_stream_without_its_end_is_no_answer():
    assert whole_chat([chunk({"content": "half"})]) is None
    assert whole_response([{"type": "response.created", "response": {}}]) is None


def test_an_error_in_a_stream_is_a_failure():
    assert (
        read_chat(whole_chat([chunk({"content": "a"}), {"error": {"message": "overloaded", "code": 503}}])).kind
        == "server"
    )
    assert (
        read_responses(whole_response([{"type": "error", "code": "server_error", "message": "oops"}])).kind == "server"
    )


def test_events_read_whole_equal_the_body_asked_unstreamed():
    usage = {"prompt_tokens": 4, "completion_tokens": 2}
    stream = events_of(
        chunk({"role": "assistant", "content": "日"}),
        chunk({"content": "本"}),
        chunk({}, "stop"),
        {"choices": [], "usage": usage},
    )
    said = read_chat(whole_chat(read_events(stream + b"data: [DONE]\n\n")))
    assert (said.text, said.finish, said.usage, said.served_model) == ("日本", "stop", Usage(input=4, output=2), "m")
