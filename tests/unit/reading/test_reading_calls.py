"""Calls that stand in the text: every format, what is broken, and what only speaks of calls."""

from __future__ import annotations

import pytest
from calls_read import CALL, JSON, ONE, TOOLS, WANT, calls

from evalkit.core.exchange import Response
from evalkit.reading.calls import FORMATS, MARKED, UNMARKED, read_calls
from evalkit.reading.response import read_response
from evalkit.scorers.tool_calls.attempt import read_attempt


def decision(text):
    return read_attempt(Response(example_id="x", text=text), TOOLS).decision


@pytest.mark.parametrize(("format", "text"), ONE, ids=range(len(ONE)))
def test_one_call_is_read_in_every_format(format, text):
    assert calls(text) == [("book_hotel", WANT)]
    read = read_calls(read_response(Response(example_id="x", text=text)).text, TOOLS)
    assert read[0] == format


def test_every_format_has_a_case():
    assert {format for format, _ in ONE} == set(FORMATS) == {*MARKED, *UNMARKED}


@pytest.mark.parametrize(
    "text",
    [
        f"<tool_call>{CALL}</tool_call>\n<tool_call>\n{CALL}\n</tool_call>",
        f"<tool_call>{CALL}\n{CALL}</tool_call>",
        f"[TOOL_CALLS]book_hotel[ARGS]{JSON}[TOOL_CALLS]book_hotel[ARGS]{JSON}",
        f"book_hotel\n{JSON}\nbook_hotel\n{JSON}",
        f"{CALL}; {CALL}",
        f"{CALL}\n{CALL}",
        "book_hotel(city='京都', nights=2)\nbook_hotel(city='京都', nights=2)",
        "1. book_hotel(city='京都', nights=2)\n2. book_hotel(city='京都', nights=2)",
        f"<function=book_hotel>{JSON}</function><function=book_hotel>{JSON}</function>",
        f">>>book_hotel\n{JSON}\n>>>book_hotel\n{JSON}",
        f"assistantcommentary to=functions.book_hotel json{JSON}assistantcommentary to=functions.book_hotel json{JSON}",
        f"<|tool_call_begin|>book_hotel:0<|tool_call_argument_begin|>{JSON}<|tool_call_end|>"
        f"<|tool_call_begin|>book_hotel:1<|tool_call_argument_begin|>{JSON}<|tool_call_end|>",
    ],
)
def test_several_calls_stay_several(text):
    assert calls(text) == [("book_hotel", WANT)] * 2


@pytest.mark.parametrize(
    "text",
    [
        "To call a tool, models write a <tool_call> tag followed by JSON.",
        "Models end a call with </tool_call> tags.",
        "The `<tool_call>` tag wraps JSON.",
        "Use <tool_call>...</tool_call> around it.",
        "Mistral's [TOOL_CALLS] token begins a call.",
        "Write <function=...> in Llama's format.",
        '{"name": "Taro", "age": 3}',
        '{"name": "Taro", "parameters": "none"}',
        '[{"city": "京都"}]',
        "I would use book_hotel for that, but you did not name a city.",
        "The tool book_hotel() needs a city.",
        "You may call `book_hotel(city='...')` yourself.",
        "Action is needed: please call the hotel.",
        "Thought: done\nFinal Answer: 42",
        "Action: None\nAction Input: None",
        "The hotel (京都) has [2] rooms; see {this}.",
        "```python\nfor i in range(3):\n    print(i)\n```",
        "```json\n{\"answer\": 42}\n```",
        '{"tool_name": "directly-answer", "parameters": {}}',
        '<function_call> {"name": "no_function", "arguments": {}}',
        "[]",
        '{"tool_calls": []}',
        "```xml\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args>}\n</tool_call>\n```",
        'Example: <tool_call>{"name": "NAME", "arguments": {}}</tool_call> is how one calls.',
        "<|tool_call_start|>[]<|tool_call_end|>",
        "I'd say f(x) = x + 1, so f(2) = 3.",
        "<div class='a'>html</div>",
        "functions of state to=be or not",
        'The only tool is {"name": "book_hotel", "parameters": {"type": "object", "properties": {"city": {}}}}.',
        "```python\ndef book_hotel(city='x'):\n    return city\n```",
    ],
)  # fmt: skip
def test_words_and_other_json_are_no_calls(text):
    assert calls(text) == []
    assert decision(text) in ("abstain", "refusal")


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>\n{\"name\": \"book_hotel\", \"arguments\": {\"city\": \"京",
        "<tool_call>\nbook a hotel\n</tool_call>",
        "<function=book_hotel>\n<parameter=city>\n京",
        "<function=book_hotel>\n<parameter=city>\n京都\n</parameter>\n",
        "<tool_call>book_hotel<arg_key>city</arg_key><arg_value>京",
        '<invoke name="book_hotel"><parameter name="city">京都</parameter>',
        "<function=book_hotel><parameter=city>a</parameter><parameter=city>b</parameter></function>",
        "[TOOL_CALLS]book_hotel[ARGS]{\"city\": ",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function",
        "<start_function_call>call:book_hotel{city:<escape>京",
        "[book_hotel(city='京都', nights=",
        "book_hotel({'city': '京都'})",
        '{"name": "book_hotel", "arguments": {"city": "京都", "ni',
        "<|python_tag|>book_hotel(city=",
        "Action: book_hotel\nAction Input: {\"city\": ",
    ],
)  # fmt: skip
def test_a_call_that_is_cut_or_broken_is_an_attempt_and_no_abstention(text):
    assert decision(text) == "malformed"


@pytest.mark.parametrize(
    "text",
    [
        'I\'ll call book_hotel(city="京都", nights=2) now.',
        "['book_hotel'(city='京都')]",
        '{"name": "book_hotel", "city": "京都"}',
        "['book_hotel(city=New York, nights=2)']",
        'book_hotel: {"city": "京都"}' if False else 'CALL book_hotel {"city": "京都", nights: 2}',
        '{"function_name": "other", "params": {"a": 1}, }',
    ],
)
def test_what_looks_like_a_call_and_is_in_no_format_is_unread(text):
    assert decision(text) == "unread"
