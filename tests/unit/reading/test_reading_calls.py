"""Calls that stand in the text: every format, what is broken, and what only speaks of calls."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Response
from evalkit.reading.calls import FORMATS, MARKED, UNMARKED, read_calls
from evalkit.reading.calls.typed import typed
from evalkit.reading.response import read_response
from evalkit.scorers.tool_calls.attempt import read_attempt

CASES = Path(os.environ.get("EVALKIT_SHARED_CASES", Path(__file__).parents[3].parent / "shared" / "cases"))
BOOK = {
    "type": "object",
    "properties": {
        "city": {"type": "string"}, "nights": {"type": "integer"}, "smoking": {"type": "boolean"},
        "budget": {"type": ["number", "null"]}, "guests": {"type": "array", "items": {"type": "string"}},
        "code": {"type": "string"}, "room": {"$ref": "#/$defs/room"}, "level": {"enum": [1, 2, "top"]},
    },
    "$defs": {"room": {"anyOf": [{"type": "object"}, {"type": "null"}]}},
}  # fmt: skip
TOOLS = {"book_hotel": BOOK, "now": {"type": "object", "properties": {}}, "shop.find-item": {}}
WANT = {"city": "京都", "nights": 2}
JSON = '{"city": "京都", "nights": 2}'
CALL = '{"name": "book_hotel", "arguments": ' + JSON + "}"


def calls(text):
    """What a text calls: thoughts apart, arguments parsed; an assertion where a piece is broken."""
    read = read_response(Response(example_id="x", text=text))
    found = read_calls(read.text or "", TOOLS)
    if found is None:
        return []
    assert found[1].broken == ()
    return [(name, json.loads(raw) if raw else {}) for name, raw in found[1].calls]


def decision(text):
    return read_attempt(Response(example_id="x", text=text), TOOLS).decision


ONE = [
    ("hermes", f"<tool_call>{CALL}</tool_call>"),
    ("hermes", f"Let me book it.\n<tool_call>\n{CALL}\n</tool_call>\nDone."),
    ("hermes", f"<tool_call>\n```json\n{CALL}\n```\n</tool_call>"),
    ("hermes", f"<function_call>\n{CALL}\n</function_call>"),
    ("hermes", f"<TOOLCALL>[{CALL}]</TOOLCALL>"),
    ("hermes", f"<|tool_call|>[{CALL}]"),
    ("hermes", f"<tool_calls>\n[{CALL}]\n</tool_calls>"),
    ("hermes", f"<longcat_tool_call>{CALL}</longcat_tool_call>"),
    ("hermes", "<tool_call>{'name': 'book_hotel', 'arguments': {'city': '京都', 'nights': 2}}</tool_call>"),
    ("hermes", '<tool_call>{{"name": "book_hotel", "arguments": {{"city": "京都", "nights": 2}}}}</tool_call>'),
    ("hermes", "<tool_call>book_hotel\n" + JSON + "\n</tool_call>"),
    ("hermes", '<tool_call>book_hotel(city="京都", nights=2)</tool_call>'),
    ("hermes", "<tool_call>book_hotel<arg_key>city</arg_key><arg_value>京都</arg_value>"
               "<arg_key>nights</arg_key><arg_value>2</arg_value></tool_call>"),
    ("hermes", '<|tool_call_start|>[book_hotel(city="京都", nights=2)]<|tool_call_end|>'),
    ("hermes", '<minimax:tool_call><invoke name="book_hotel"><parameter name="city">京都</parameter>'
               '<parameter name="nights">2</parameter></invoke></minimax:tool_call>'),
    ("qwen_xml", "Sure.\n<function=book_hotel><parameter=city>京都</parameter>"
                 "<parameter=nights>2</parameter></function>"),
    ("qwen_xml", "<function=book_hotel>\n<parameter=city>\n京都\n<parameter=nights>\n2\n</parameter>\n</function>"),
    ("qwen_xml", f"<function=book_hotel>{JSON}</function>"),
    ("qwen_xml", f"<function=book_hotel{JSON}</function>"),
    ("qwen_xml", f"<function(book_hotel)>{JSON}<function>"),
    ("invoke", '<invoke name="book_hotel">\n<parameter name="city">京都</parameter>\n'
               '<parameter name="nights">2</parameter>\n</invoke>'),
    ("deepseek", "<|tool_calls_begin|><|tool_call_begin|>book_hotel<|tool_sep|>" + JSON + "<|tool_call_end|>"),
    ("deepseek", "OK.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>book_hotel\n```json\n" + JSON
                 + "\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>"),
    ("deepseek", '<｜DSML｜function_calls><｜DSML｜invoke name="book_hotel">'
                 '<｜DSML｜parameter name="city" string="true">京都</｜DSML｜parameter>'
                 '<｜DSML｜parameter name="nights" string="false">2</｜DSML｜parameter></｜DSML｜invoke>'),
    ("kimi", "<|tool_calls_section_begin|><|tool_call_begin|>book_hotel:3<|tool_call_argument_begin|>" + JSON),
    ("harmony", f"<|channel|>commentary to=functions.book_hotel<|message|>{JSON}<|call|>"),
    ("harmony", f"<|start|>assistant<|channel|>commentary to=functions.book_hotel json<|message|>{JSON}"),
    ("harmony", f"<|channel|>analysis to=functions.book_hotel code<|message|>{JSON}<|call|>"),
    ("harmony", f"analysis予約する。assistantcommentary to=functions.book_hotel json{JSON}"),
    ("harmony", f"assistant to=functions.book_hotelcommentary json{JSON}"),
    ("llama", f'<|python_tag|>{{"name": "book_hotel", "parameters": {JSON}}}<|eom_id|>'),
    ("llama", '<|python_tag|>book_hotel(city="京都", nights=2)'),
    ("llama", "<|python_start|>[book_hotel(city='京都', nights=2)]<|python_end|>"),
    ("mistral", f"[TOOL_CALLS][{CALL}]</s>"),
    ("mistral", f"[TOOL_CALLS]book_hotel[CALL_ID]a1B2[ARGS]{JSON}"),
    ("mistral", f"I'll book it.[TOOL_CALLS]book_hotel{JSON}"),
    ("gemma", "```tool_code\nresult = book_hotel(city='京都', nights=2)\nprint(result)\n```"),
    ("gemma", "<start_function_call>call:book_hotel{city:<escape>京都<escape>,nights:2}<end_function_call>"),
    ("gemma", '<|tool_call>call:book_hotel{city:<|"|>京都<|"|>,nights:2}<tool_call|>'),
    ("cohere", 'Action:\n```json\n[{"tool_name": "book_hotel", "parameters": ' + JSON + "}]\n```"),
    ("cohere", '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "book_hotel", '
               f'"parameters": {JSON}}}]<|END_ACTION|>'),
    ("internlm", '好的。<|action_start|><|plugin|>{"name": "book_hotel", '
                 f'"parameters": {JSON}}}<|action_end|>'),
    ("functionary", f">>>book_hotel\n{JSON}"),
    ("functionary", f">>>all\nOne moment.\n>>>book_hotel\n{JSON}"),
    ("functionary", f"<|from|>assistant\n<|recipient|>book_hotel\n<|content|>{JSON}<|stop|>"),
    ("phi", f"functools[{CALL}]"),
    ("invoke", '<function name="book_hotel"><parameter name="city">京都</parameter>'
               '<parameter name="nights">2</parameter></function>'),
    ("harmony", f"assistantcommentary to=functions.book_hotel <|constrain|>json<|message|>{JSON}"),
    ("gemma", 'call:book_hotel{city:"京都",nights:2}'),
    ("glm", "book_hotel\n<arg_key>city</arg_key>\n<arg_value>京都</arg_value>\n<arg_key>nights</arg_key>\n"
            "<arg_value>2</arg_value>\n</tool_call>"),
    ("hermes", "<longcat_tool_call>book_hotel\n<longcat_arg_key>city</longcat_arg_key>\n<longcat_arg_value>京都"
               "</longcat_arg_value>\n<longcat_arg_key>nights</longcat_arg_key>\n<longcat_arg_value>2"
               "</longcat_arg_value>\n</longcat_tool_call>"),
    ("pythonic", "result = book_hotel(city='京都', nights=2)"),
    ("pythonic", "await book_hotel(city='京都', nights=2)"),
    ("pythonic", "(book_hotel(city='京都', nights=2))"),
    ("react", f"Thought: book it\nAction: book_hotel\nAction Input: {JSON}\nObservation: booked"),
    ("react", f"**Action:** book_hotel\n**Action Input:** {JSON}"),
    ("glm", f"book_hotel\n{JSON}"),
    ("glm", f"I will book it.\n\nbook_hotel\n{JSON}\n"),
    ("pythonic", "[book_hotel(city='京都', nights=2)]"),
    ("pythonic", "book_hotel(city='京都',\n  nights=2)"),
    ("pythonic", "```book_hotel(city='京都', nights=2)```"),
    ("pythonic", "`book_hotel(city='京都', nights=2)`"),
    ("pythonic", "I will look.\n\n[book_hotel(city='京都', nights=2)]\n\nThis books it."),
    ("pythonic", "[\"book_hotel(city='京都', nights=2)\"]"),
    ("pythonic", "[book\\_hotel(city='京都', nights=2)]"),
    ("pythonic", "book_hotel(**{'city': '京都', 'nights': 2})"),
    ("json", CALL), ("json", f"```\n{CALL}\n```"), ("json", f"Here it is: {CALL} - done"),
    ("json", f'{{"arguments": {JSON}, "name": "book_hotel"}}'),
    ("json", f'{{"tool": "book_hotel", "tool_input": {JSON}}}'),
    ("json", f'{{"action": "book_hotel", "action_input": {JSON}}}'),
    ("json", f'{{"function": "book_hotel", "args": {JSON}}}'),
    ("json", f'{{"type": "function", "function": {{"name": "book_hotel", "parameters": {JSON}}}}}'),
    ("json", f'{{"tool_calls": [{CALL}]}}'),
    ("json", f'[{{"book_hotel": {JSON}}}]'),
    ("json", f'{{"name": "book_hotel", "arguments": {json.dumps(JSON)}}}'),
]  # fmt: skip


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


def test_values_of_formats_that_write_text_are_typed_by_the_schema():
    text = "<function=book_hotel>" + "".join(
        f"<parameter={name}>{value}</parameter>"
        for name, value in {
            "city": "2", "nights": "2", "smoking": "false", "budget": "null", "guests": '["a"]',
            "code": "if a:\n\n    b()", "room": "{'beds': 2}", "level": "2", "more": "3", "note": "3 days",
        }.items()
    ) + "</function>"  # fmt: skip
    assert calls(text) == [(
        "book_hotel",
        {"city": "2", "nights": 2, "smoking": False, "budget": None, "guests": ["a"], "code": "if a:\n\n    b()",
         "room": {"beds": 2}, "level": 2, "more": 3, "note": "3 days"},
    )]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("3", {"type": "string"}, "3"), ("3.5", {"type": "integer"}, "3.5"), ("3", {"type": "number"}, 3),
        ("True", {"type": "boolean"}, True), ("yes", {"type": "boolean"}, "yes"), ("null", {"type": "string"}, "null"),
        ("null", {"type": ["string", "null"]}, None), ("x", {"type": ["integer", "null"]}, "x"),
        ("{'a': True}", {"type": "object"}, {"a": True}), ("top", {"enum": [1, "top"]}, "top"),
        ("[1, 2", {"type": "array"}, "[1, 2"), ("3", {"anyOf": [{"type": "integer"}, {"type": "string"}]}, 3),
        ("3", {"type": "dict"}, "3"), ("1e400", {"type": "number"}, "1e400"), ("3", {"$ref": "#/nowhere"}, 3),
    ],
)  # fmt: skip
def test_a_text_is_the_value_its_schema_wants(text, schema, value):
    assert typed(text, schema, schema) == value


def test_a_mark_inside_another_formats_text_is_only_text():
    inner = json.dumps({"city": "a </tool_call> [TOOL_CALLS]now[ARGS]{} <function=now>", "nights": 2})
    assert calls(f'<tool_call>{{"name": "book_hotel", "arguments": {inner}}}</tool_call>') == [
        ("book_hotel", json.loads(inner))
    ]


def test_calls_in_thoughts_are_none_but_for_a_thought_that_never_closed():
    assert calls(f"<think><tool_call>{CALL}</tool_call></think>No need.") == []
    assert calls(f"<think>I should <tool_call>{CALL}</tool_call>") == [("book_hotel", WANT)]
    assert calls("[THINK]book_hotel(city='大阪')[/THINK][TOOL_CALLS]book_hotel[ARGS]" + JSON) == [("book_hotel", WANT)]


def test_a_call_of_a_tool_that_was_not_offered_is_a_call_where_it_is_all_there_is():
    assert calls("find_prime(number=100)") == [("find_prime", {"number": 100})]
    assert calls('{"name": "find_prime", "arguments": {"number": 100}}') == [("find_prime", {"number": 100})]


def test_a_call_that_the_server_could_not_parse_is_malformed():
    refused = Response(example_id="x", text=f"<function=book_hotel>{JSON}</function>", finish="malformed_function_call")
    assert read_attempt(refused, TOOLS).decision == "malformed"
    silent = Response(example_id="x", text="", finish="MALFORMED_FUNCTION_CALL")
    assert read_attempt(silent, TOOLS).decision == "malformed"


@pytest.mark.parametrize(("format", "text"), ONE, ids=range(len(ONE)))
def test_half_of_a_call_is_never_another_call(format, text):
    """However a call is cut, what is read of it is whole, or an attempt, or words: no value is made up."""
    for end in range(0, len(text), 7):
        attempt = read_attempt(Response(example_id="x", text=text[:end]), TOOLS)
        if attempt.decision == "call":
            assert all(
                call.arguments is None or set(call.arguments.items()) <= {("city", "京都"), ("nights", 2)}
                for call in attempt.calls
            ), (text[:end], attempt.calls)


MARKS = st.sampled_from(
    ["<tool_call>", "</tool_call>", "<function=f>", "</function>", "<parameter=a>", "</parameter>", "<invoke name='f'>",
     "<arg_key>a</arg_key>", "<arg_value>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", '<｜DSML｜invoke name="f">',
     "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|channel|>commentary to=functions.f<|message|>",
     "<|python_tag|>", "[TOOL_CALLS]", "[ARGS]", "```tool_code\n", "```json\n", "```", "<start_function_call>call:f{",
     "<escape>", "Action: f\n", "Action Input: ", "<|action_start|>", ">>>f\n", "functools[", "book_hotel(", "now()",
     "book_hotel\n{", '{"name": "f", ', '"arguments": {', "}}", "[", "]", "'", '"', "\\",
     "\\_", "\ud800", "\x00", "\\u12",
     "a=1", ", ", ")", "<think>", "</think>", "assistantcommentary to=f json{"]
)  # fmt: skip


@given(st.lists(MARKS | st.text(max_size=8), max_size=16))
@settings(max_examples=500, deadline=None)
@example(["book_hotel(", "a=1", "\ud800", ")"])
@example(["<tool_call>", '{"name": "f", ', '"arguments": {', '"a": "\\ud800"', "}}"])
def test_no_text_breaks_a_reader(pieces):
    text = "".join(pieces)
    attempt = read_attempt(Response(example_id="x", text=text), TOOLS)
    assert attempt.decision in ("call", "abstain", "malformed", "refusal", "unread")
    for reader in (*(marked.read for marked in MARKED.values()), *UNMARKED.values()):
        reader(text, TOOLS)


@given(st.text(max_size=80).filter(lambda text: "</" not in text and "<|" not in text))
@settings(max_examples=200, deadline=None)
def test_adding_a_thought_changes_no_call(thought):
    for _, text in ONE[::6]:
        with_thought = f"<think>{thought}</think>\n\n{text}"
        if not text.startswith(("<|start|>", "<|channel|>", "analysis", "assistant")):
            assert calls(with_thought) == [("book_hotel", WANT)]


def test_the_shared_cases_are_read_right():
    file = CASES / "calls_as_text.jsonl"
    if not file.exists():
        pytest.skip("the shared cases are not here: set EVALKIT_SHARED_CASES to the folder that holds them")
    head, *rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    tools = {tool["function"]["name"]: tool["function"]["parameters"] for tool in head["tools"]}
    for row in rows:
        attempt = read_attempt(Response(example_id="x", text=row["text"]), tools)
        made = [{"name": call.name, "arguments": call.arguments} for call in attempt.calls]
        assert made == row["calls"], row["format"]
        assert (attempt.decision == "call") == bool(row["calls"]), row["format"]
        assert attempt.decision in ("call", "abstain", "refusal"), row["format"]
