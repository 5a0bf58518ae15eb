"""What servers of every habit send: thoughts beside answers, streamed calls, half answers, calls they refused."""

from __future__ import annotations

import json

import pytest

from evalkit.core.exchange import Failure
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.apis import APIS
from evalkit.models.openai.malformed_call import FINISH, malformed_call
from evalkit.models.openai.read_body import read_body


def body(message=None, *, finish="stop", **more):
    choice = {"index": 0, "finish_reason": finish, **({"message": message} if message is not None else {})}
    return {"id": "x", "model": "m", "choices": [choice], **more}


def read(value, api="chat"):
    return read_body(APIS[api], json.dumps(value).encode())


def stream(*deltas, finish="tool_calls"):
    events = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    lines = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    return read_body(APIS["chat"], lines.encode())


def part(index=None, identity=None, name=None, arguments=None):
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    found = {"function": function}
    if index is not None:
        found["index"] = index
    if identity is not None:
        found["id"] = identity
    return {"tool_calls": [found]}


@pytest.mark.parametrize(
    "message",
    [
        {"content": "4", "reasoning_content": "hm"}, {"content": "4", "reasoning": "hm"},
        {"content": "4", "thinking": "hm"}, {"content": "4", "reasoning": "hm", "reasoning_content": "hm"},
        {"content": "4", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "4"}]},
        {"content": [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": "4"}]},
        {"content": [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "4"}]},
        {"content": [{"text": "hm", "thought": True}, {"text": "4"}]},
    ],
)  # fmt: skip
def test_a_thought_stands_beside_the_answer_wherever_the_server_puts_it(message):
    found = read(body({"role": "assistant", **message}))
    assert (found.text, found.thought) == ("4", "hm")


def test_reasoning_items_of_the_responses_api_are_thoughts():
    output = [
        {
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "one"}, {"type": "summary_text", "text": "two"}],
        },
        {"type": "message", "content": [{"type": "output_text", "text": "4"}]},
    ]
    found = read({"status": "completed", "output": output, "model": "m"}, api="responses")
    assert (found.text, found.thought) == ("4", "one\ntwo")


def test_streamed_thoughts_are_put_together():
    found = stream({"reasoning_content": "h"}, {"reasoning_content": "m"}, {"content": "4"}, finish="stop")
    assert (found.text, found.thought) == ("4", "hm")


@pytest.mark.parametrize(
    ("deltas", "calls"),
    [
        ([part(0, "a", "f", ""), part(0, None, None, '{"p":'), part(0, None, None, "1}")], [("f", '{"p":1}')]),
        ([part(0, "a", "f", '{"p":1}'), part(0, "b", "g", '{"q":2}')], [("f", '{"p":1}'), ("g", '{"q":2}')]),
        ([part(0, "a", "f", '{"p":1}'), part(0, "b", "f", '{"p":2}')], [("f", '{"p":1}'), ("f", '{"p":2}')]),
        ([part(0, None, "f", '{"p":1}'), part(0, None, "f", '{"p":2}')], [("f", '{"p":1}'), ("f", '{"p":2}')]),
        ([part(None, "a", "f", '{"p":1}'), part(None, "b", "g", "{}")], [("f", '{"p":1}'), ("g", "{}")]),
        ([part(None, "a", "f", ""), part(None, "", None, '{"p":1}')], [("f", '{"p":1}')]),
        ([part(None, None, "f", '{"p":1}'), part(None, None, "g", "{}")], [("f", '{"p":1}'), ("g", "{}")]),
        ([part(0, "a", "f", ""), part(1, "a", None, '{"p":1}')], [("f", '{"p":1}')]),
        ([part(0, "a", "f", '{"p'), part(0, "a", "f", '":1}')], [("f", '{"p":1}')]),
        ([part(0, "a", "f", '{"p'), part(0, None, "f", '":1}')], [("f", '{"p":1}')]),
        ([part(0, "a", "f", {"p": 1})], [("f", '{"p": 1}')]),
        ([part("zero", "a", "f", "{}")], [("f", "{}")]),
        ([part(1, "b", "g", "{}"), part(0, "a", "f", "{}")], [("f", "{}"), ("g", "{}")]),
        ([part(0, "a", "f", ""), part(1, "b", "g", ""), part(0, None, None, '{"p":1}'), part(1, None, None, "{}")],
         [("f", '{"p":1}'), ("g", "{}")]),
    ],
)  # fmt: skip
def test_streamed_calls_are_put_together_whichever_way_they_are_numbered(deltas, calls):
    found = stream(*deltas)
    assert [(call.name, call.arguments) for call in found.tool_calls] == calls


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (body({"content": "Par"}, finish="error"), "server"),
        (body({"content": "Par"}, finish="abort"), "server"),
        (body({"content": "Par"}, error={"code": 429, "message": "slow"}), "rate_limit"),
        ({"choices": [{"message": {"content": "Par"}, "finish_reason": "error", "error": {"code": 502}}]}, "server"),
        ({"object": "error", "message": "died", "code": 500}, "server"),
        ({"error": {"code": 429, "message": "Provider returned error", "metadata": {"raw": "busy"}}}, "rate_limit"),
    ],
)
def test_half_an_answer_under_http_200_is_a_failed_call(value, kind):
    found = read(value)
    assert isinstance(found, Failure)
    assert found.kind == kind


def test_what_the_provider_behind_a_gateway_said_is_told():
    found = read({"error": {"code": 429, "message": "Provider returned error", "metadata": {"raw": "busy"}}})
    assert isinstance(found, Failure)
    assert found.message == "Provider returned error: busy"


def test_a_call_that_the_server_could_not_parse_is_an_answer():
    groq = {"error": {"code": "tool_use_failed", "message": "Failed", "failed_generation": "<function=f{}</function>"}}
    found = malformed_call(groq)
    assert isinstance(found, Answer)
    assert (found.text, found.finish) == ("<function=f{}</function>", FINISH)
    assert malformed_call({"error": {"code": "invalid_api_key"}}) is None
    gemini = read(body(finish="MALFORMED_FUNCTION_CALL"))
    assert (gemini.text, gemini.finish) == ("", FINISH)


@pytest.mark.parametrize(
    ("message", "text"),
    [({"content": {"type": "text", "text": "4"}}, "4"), ({"content": [{"type": "text", "text": "4"}]}, "4")],
)
def test_content_in_parts_is_text(message, text):
    assert read(body(message)).text == text


def test_a_call_said_twice_is_one():
    call = {"name": "f", "arguments": "{}"}
    found = read(body({"content": None, "function_call": call, "tool_calls": [{"id": "1", "function": call}]}))
    assert len(found.tool_calls) == 1
    flat = read(body({"content": None, "tool_calls": [{"id": "1", "type": "function", **call}]}))
    assert [(one.name, one.arguments) for one in flat.tool_calls] == [("f", "{}")]
