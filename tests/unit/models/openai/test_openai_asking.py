from __future__ import annotations

import pytest

from evalkit.core.exchange import Message, Request, Sampling, ToolCall
from evalkit.models.openai.adapt import Adaptation
from evalkit.models.openai.ask_chat import chat_body
from evalkit.models.openai.ask_completions import completions_body
from evalkit.models.openai.ask_responses import responses_body
from evalkit.suite.spec import ModelSpec

SPEC = ModelSpec(provider="openai", model="m")
WEATHER = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


def asked(*messages, tools=(), **sampling):
    messages = messages or (Message(role="user", content="Hi"),)
    return Request(example_id="1", messages=messages, tools=tools, sampling=Sampling(**sampling))


def test_only_what_is_set_is_sent():
    assert chat_body(asked(temperature=None, max_tokens=None), model="m", spec=SPEC) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
    }


def test_every_parameter_reaches_the_body():
    extra = {
        "response_format": {"type": "json_object"},
        "reasoning_effort": "low",
        "logprobs": True,
        "tool_choice": "required",
        "parallel_tool_calls": False,
    }
    body = chat_body(asked(tools=(WEATHER,), top_p=0.5, seed=3, stop=("END",), extra=extra), model="m", spec=SPEC)
    assert body | {"messages": None} == {
        "model": "m", "messages": None, "temperature": 0.0, "max_tokens": 256, "top_p": 0.5, "seed": 3, "stop": ["END"],
        "tools": [{"type": "function", "function": WEATHER}], **extra,
    }  # fmt: skip


def test_a_tool_choice_without_tools_is_not_sent():
    body = chat_body(asked(extra={"tool_choice": "auto", "parallel_tool_calls": True}), model="m", spec=SPEC)
    assert "tool_choice" not in body
    assert "parallel_tool_calls" not in body


def test_the_arms_system_text_yields_to_one_in_the_prompt():
    spec = SPEC.model_copy(update={"system": "You are terse."})
    assert chat_body(asked(), model="m", spec=spec)["messages"][0] == {"role": "system", "content": "You are terse."}
    own = asked(Message(role="developer", content="Own."), Message(role="user", content="Hi"))
    assert chat_body(own, model="m", spec=spec)["messages"][0]["content"] == "Own."


def test_both_shapes_of_a_tool_reach_both_apis_alike():
    wrapped = {"type": "function", "function": WEATHER}
    for tool in (WEATHER, wrapped):
        assert chat_body(asked(tools=(tool,)), model="m", spec=SPEC)["tools"] == [wrapped]
        assert responses_body(asked(tools=(tool,)), model="m", spec=SPEC)["tools"] == [
            {"type": "function", **WEATHER, "strict": False}
        ]


def test_a_conversation_with_tools_becomes_items_of_the_responses_api():
    body = responses_body(
        asked(
            Message(role="system", content="S"),
            Message(
                role="user", content=({"type": "text", "text": "U"}, {"type": "image_url", "image_url": {"url": "u"}})
            ),
            Message(role="assistant", tool_calls=(ToolCall(name="f", arguments="{}", id="c1"),)),
            Message(role="tool", content="42", tool_call_id="c1"),
        ),
        model="m",
        spec=SPEC,
    )
    assert body["input"] == [
        {"role": "system", "content": "S"},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "U"},
                {"type": "input_image", "image_url": "u", "detail": "auto"},
            ],
        },
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "42"},
    ]
    assert body["max_output_tokens"] == 256
    assert body["store"] is False


def test_chats_parameters_find_their_place_in_the_responses_api():
    schema = {"type": "json_schema", "json_schema": {"name": "t", "schema": {}, "strict": True}}
    extra = {
        "response_format": schema,
        "reasoning_effort": "low",
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "logprobs": True,
    }
    body = responses_body(asked(tools=(WEATHER,), extra=extra), model="m", spec=SPEC)
    assert body["text"] == {"format": {"type": "json_schema", "name": "t", "schema": {}, "strict": True}}
    assert body["reasoning"] == {"effort": "low"}
    assert body["tool_choice"] == {"type": "function", "name": "f"}
    assert body["include"] == ["message.output_text.logprobs"]


def test_a_legacy_fine_tune_sees_the_separator_and_stop_it_was_trained_with():
    spec = ModelSpec(provider="openai", model="m", separator="\n\n###\n\n", stop=[" END"])
    body = completions_body(asked(stop=("x",)), model="m", spec=spec)
    assert (body["prompt"], body["stop"]) == ("Hi\n\n###\n\n", ["x", " END"])
    already = asked(Message(role="user", content="Hi\n\n###\n\n"))
    assert completions_body(already, model="m", spec=spec)["prompt"] == "Hi\n\n###\n\n"


SENT = {"model": "m", "messages": [{"role": "system", "content": "s"}], "max_tokens": 9, "temperature": 0, "seed": 1}


@pytest.mark.parametrize(
    ("message", "param", "changes"),
    [
        ("Unsupported parameter: 'max_tokens' is not supported with this model.", "max_tokens", {"max_tokens": "max_completion_tokens"}),  # noqa: E501
        ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature", {"temperature": None}),
        ("Unknown parameter: 'seed'.", "seed", {"seed": None}),
        ("Unrecognized request argument supplied: seed", None, {"seed": None}),
        ("[{'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted'}]", None, {"seed": None}),
        ("Unsupported value: 'messages[0].role' does not support 'system' with this model.", "messages[0].role", {"role:system": "developer"}),  # noqa: E501
        ("Invalid 'max_tokens': integer below minimum value. Expected a value >= 16, but got 9 instead.", "max_tokens", {"max_tokens": 16}),  # noqa: E501
    ],
)  # fmt: skip
def test_a_servers_own_words_teach_how_to_ask(message, param, changes):
    adaptation = Adaptation()
    assert adaptation.learn(message, param=param, sent=SENT)
    assert adaptation.changes == changes


@pytest.mark.parametrize(
    ("message", "param"),
    [
        (
            "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
            "temperature",
        ),
        ("Unsupported parameter: 'tools' is not supported with this model.", "tools"),
        ("Error while downloading https://example.com/x.jpg.", None),
        ("Unsupported parameter: 'top_k' is not supported.", "top_k"),
    ],
)
def test_other_refusals_stay_refusals(message, param):
    assert not Adaptation().learn(message, param=param, sent={**SENT, "tools": []})


def test_two_names_that_are_both_refused_do_not_go_in_circles():
    adaptation = Adaptation()
    assert adaptation.learn("Unsupported parameter: 'max_tokens'", param="max_tokens", sent=SENT)
    sent = {"max_completion_tokens": 9}
    assert not adaptation.learn(
        "Unsupported parameter: 'max_completion_tokens'", param="max_completion_tokens", sent=sent
    )


def test_what_was_changed_is_reported_and_nothing_else():
    adaptation = Adaptation()
    adaptation.changes.update({"temperature": None, "top_p": None, "role:system": "developer", "max_tokens": 16})
    body = {**SENT, "messages": [{"role": "system", "content": "s"}]}
    assert adaptation.apply(body) == {"temperature": None, "role:system": "developer", "max_tokens": 16}
    assert body == {"model": "m", "messages": [{"role": "developer", "content": "s"}], "max_tokens": 16, "seed": 1}
