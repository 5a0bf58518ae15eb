"""Values of calls that stand in the text, and what no text may break."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from calls_read import CALL, JSON, ONE, TOOLS, WANT, calls
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Response
from evalkit.reading.calls import MARKED, UNMARKED, read_calls
from evalkit.reading.calls.typed import type_text
from evalkit.scorers.tool_calls.attempt import read_attempt

CASES = Path(os.environ.get("EVALKIT_SHARED_CASES", Path(__file__).parents[3].parent / "shared" / "cases"))


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
    assert type_text(text, schema, schema) == value


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


HOSTILE = (
    "</tool_call>", "[TOOL_CALLS]", '[TOOL_CALLS]["', '<tool_call>["', '<tool_call>{"a": "', "Action: f(\n",
    "Action: f\nAction Input: {\n", '<|channel|>commentary to=functions.f<|message|>{"', '<|python_tag|>{"name":"',
    ">>>f\n{", "f(a=1)\n", '<invoke name="f"><parameter name="a">', "<function=f><parameter=a>",
    '{"name": "f", "arguments": {', "```json\n{",
)  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hostile_text_is_read_to_the_end(unit: str) -> None:
    """Linear: a square of the number of marks would take minutes."""
    text = unit * (1_000_000 // len(unit))
    found = read_calls(text, {"f": {"type": "object", "properties": {"a": {"type": "string"}}}})
    assert found is None or len(found[1].calls) + len(found[1].broken) > 0
