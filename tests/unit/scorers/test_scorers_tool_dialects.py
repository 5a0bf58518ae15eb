"""Calls written as text, one reader a dialect; and what is only prose."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Response, ToolCall
from evalkit.scorers.tool_calls.attempt import read_attempt

NAMES = {"get_weather": {}, "shop.find": {}}
TOKYO = {"city": "東京", "days": 2}
CALL = json.dumps({"name": "get_weather", "arguments": TOKYO}, ensure_ascii=False)
RAW = json.dumps(TOKYO, ensure_ascii=False)


def attempt(text):
    return read_attempt(Response(example_id="x", text=text), NAMES)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("hermes", f"<tool_call>{CALL}</tool_call>"),
        ("hermes", f"I will look.\n<tool_call>\n{CALL}\n</tool_call>"),
        ("hermes", f"<tool_call>{CALL}"),
        ("hermes", f"<function_call>{CALL}</function_call>"),
        ("mistral", f"[TOOL_CALLS] [{CALL}]"),
        ("mistral", f"[TOOL_CALLS]get_weather[ARGS]{RAW}"),
        ("mistral", f"[TOOL_CALLS]get_weather[CALL_ID]a1b2[ARGS]{RAW}</s>"),
        ("qwen_xml", f"<function=get_weather>{RAW}</function>"),
        ("llama", '<|python_tag|>get_weather(city="東京", days=2)<|eom_id|>'),
        ("llama", '<|python_tag|>{"name": "get_weather", "parameters": ' + RAW + "}"),
        ("pythonic", '[get_weather(city="東京", days=2)]'),
        ("pythonic", "get_weather(city='東京', days=2)"),
        ("pythonic", '```python\nget_weather(city="東京", days=2)\n```'),
        ("json", CALL),
        ("json", f"[{CALL}]"),
        ("json", f"```json\n{CALL}\n```"),
        (
            "json",
            '{"tool_calls": [{"type": "function", "function": {"name": "get_weather", "arguments": '
            + json.dumps(RAW)
            + "}}]}",
        ),
        ("json", '{"function": "get_weather", "args": ' + RAW + "}"),
        ("hermes", f"<tool_call>\n```json\n{CALL}\n```\n</tool_call>"),
        ("hermes", f"<|tool_call|>[{CALL}]"),
        ("hermes", f"<tool_calls>[{CALL}]</tool_calls>"),
        ("hermes", '<TOOLCALL>[get_weather(city="東京", days=2)]</TOOLCALL>'),
        ("hermes", f"<think>Is <tool_call> needed? {CALL}</think>\n<tool_call>{CALL}</tool_call>"),
        ("mistral", f"[TOOL_CALLS] [{CALL}] Done."),
        ("mistral", f"[TOOL_CALLS]get_weather{RAW} Done."),
        ("pythonic", '<think>\nHm.\n</think>\n\n[get_weather(city="東京", days=2)]'),
        ("json", f"the template opened it</think>{CALL}"),
        ("json", f"Sure! {CALL} I hope that helps."),
        ("json", f"Sure!\n```json\n{CALL}\n```\nDone."),
    ],
)
def test_every_dialect_is_read(dialect, text):
    found = attempt(text)
    assert (found.decision, found.dialect) == ("call", dialect)
    assert [(call.name, call.arguments) for call in found.calls] == [("get_weather", TOKYO)]


@pytest.mark.parametrize(
    "text",
    [
        f"<tool_call>{CALL}</tool_call><tool_call>{CALL}</tool_call>",
        f"[TOOL_CALLS][{CALL}, {CALL}]",
        f"<|python_tag|>{CALL}; {CALL}",
        '[get_weather(city="東京", days=2), get_weather(city="東京", days=2)]',
        'get_weather(city="東京", days=2)\nget_weather(city="東京", days=2)',
        f"[{CALL}, {CALL}]",
    ],
)
def test_several_calls_stay_several(text):
    assert [call.arguments for call in attempt(text).calls] == [TOKYO, TOKYO]


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "get_weather", "arguments": {"city"</tool_call>',
        "<tool_call>get_weather(東京)</tool_call>",
        "</tool_call>",
        "[TOOL_CALLS]",
        "<function=get_weather",
        "<|python_tag|>import os; os.listdir()",
        "get_weather(東京",
        "[get_weather(city=",
        '{"name": "get_weather", "arguments": {"city": ',
        '[{"name": "other", "arguments": ',
    ],
)
def test_a_call_that_fails_is_malformed_and_no_abstention(text):
    found = attempt(text)
    assert (found.decision, found.calls) == ("malformed", ())
    assert found.broken


@pytest.mark.parametrize(
    "text",
    [
        "明日の天気は晴れです。",
        "I could use get_weather for that, but you did not say where.",
        '{"answer": 42}',
        '```json\n{"temperature": 20}\n```',
        "print(1)",
        "Use f(x) = 2x.",
        "[1] 気象庁",
        "[]",
        "",
    ],
)
def test_words_and_other_json_are_no_calls(text):
    assert attempt(text).decision == "abstain"


def test_dotted_names_and_literals_of_python_are_kept():
    found = attempt("[shop.find(q=None, ok=True, tags=['a', 'b'], near={'lat': -1.5}, key=some_variable, n=-3)]")
    assert found.calls[0].name == "shop.find"
    assert found.calls[0].arguments == {
        "q": None, "ok": True, "tags": ["a", "b"], "near": {"lat": -1.5}, "key": "some_variable", "n": -3
    }  # fmt: skip


def test_native_calls_win_over_text_and_raw_arguments_are_kept():
    response = Response(
        example_id="x", text=f"<tool_call>{CALL}</tool_call>", tool_calls=(ToolCall(name="f", arguments='{"a":  1}'),)
    )
    found = read_attempt(response, NAMES)
    assert [(call.name, call.raw) for call in found.calls] == [("f", '{"a":  1}')]


def test_only_the_dialects_allowed_are_read():
    response = Response(example_id="x", text=f"```json\n{CALL}\n```")
    assert read_attempt(response, NAMES, formats=("hermes",)).decision == "unread"


def test_a_refusal_is_its_own_decision():
    assert read_attempt(Response(example_id="x", refusal="I can't."), NAMES).decision == "refusal"
    assert read_attempt(Response(example_id="x", text="", finish="content_filter"), NAMES).decision == "refusal"
    assert attempt("申し訳ありませんが、そのご質問にはお答えできません。").decision == "refusal"
    assert read_attempt(Response(example_id="x", text=None, finish="tool_calls"), NAMES).decision == "malformed"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<tool_call>",
                "</tool_call>",
                "[TOOL_CALLS]",
                "<|python_tag|>",
                "<function=",
                "```json\n",
                "```",
                "{",
                "}",
                "[",
                "]",
                '"name"',
                ":",
                '"get_weather"',
                ",",
                '"arguments"',
                "get_weather",
                "(",
                ")",
                "city=",
                "'x'",
                "東京",
                "\n",
                " ",
            ]
        ),
        max_size=14,
    )
)
def test_no_text_breaks_a_reader(pieces):
    found = attempt("".join(pieces))
    assert found.decision in ("call", "abstain", "malformed", "unread")


@pytest.mark.parametrize(
    "text",
    [
        f"<tool_call>{CALL}</tool_call>\n<tool_call>{CALL}</tool_call>",
        f"<tool_call>{CALL}\n{CALL}</tool_call>",
        f"<tool_call>[{CALL}, {CALL}]</tool_call> and [get_weather(city='x')]",
        f"[TOOL_CALLS] [{CALL}, {CALL}]",
        f"[TOOL_CALLS]get_weather[ARGS]{RAW}[TOOL_CALLS]get_weather[ARGS]{RAW}",
        f"<|python_tag|>{CALL}; {CALL}",
        "[get_weather(city='東京', days=2), get_weather(city='東京', days=2)]",
        f"{CALL}; {CALL}",
        f"{CALL}\n{CALL}",
        f"```json\n{CALL}\n```\nthen\n```json\n{CALL}\n```",
        f'```json\n{{"note": 1}}\n```\n```json\n[{CALL}, {CALL}]\n```',
    ],
)
def test_several_calls_are_all_read(text):
    assert [(call.name, call.arguments) for call in attempt(text).calls] == [("get_weather", TOKYO)] * 2


def test_braces_and_tags_inside_strings_close_nothing():
    tricky = {"city": 'a } ] </tool_call> ``` ; {"name": "x"}'}
    call = json.dumps({"name": "get_weather", "arguments": tricky})
    for text in f"<tool_call>{call}</tool_call>", f"[TOOL_CALLS] [{call}]", f"<|python_tag|>{call}", call:
        assert [c.arguments for c in attempt(text).calls] == [tricky], text


def test_a_name_alone_is_a_call_without_arguments_where_it_can_only_be_one():
    assert [(c.name, c.empty) for c in attempt('<tool_call>{"name": "anything"}</tool_call>').calls] == [
        ("anything", True)
    ]
    assert [(c.name, c.empty) for c in attempt('{"name": "get_weather"}').calls] == [("get_weather", True)]
    assert attempt('{"name": "Alice"}').decision == "abstain"
    assert attempt('{"name": "get_weather", "age": 3}').decision == "unread"


def test_a_call_of_no_offered_tool_between_words_is_an_example_and_thoughts_are_no_answer():
    other = json.dumps({"name": "other", "arguments": {}})
    assert attempt(f"One writes {other} for that.").decision == "abstain"
    assert attempt(f"<think>I could write {CALL}</think>It is sunny.").decision == "abstain"
    assert attempt(f"<think>I could write {CALL}").decision == "abstain"


@pytest.mark.parametrize("text", [f"<tool_call>{CALL} {{", f'[TOOL_CALLS] [{CALL}] {{"name', f"{CALL} [{{"])
def test_a_piece_behind_a_call_that_wanted_to_be_one_is_not_lost(text):
    assert attempt(text).broken


@pytest.mark.parametrize("text", [" " * 30_000 + "{", "<tool_call>" * 1_000, '{"name":' * 5_000, "\n" * 30_000 + "x"])
def test_a_model_in_a_loop_is_read_to_the_end(text):
    assert attempt(text).decision in ("abstain", "malformed")
