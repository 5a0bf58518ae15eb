"""Targets and tools out of tables (Arrow holds nulls for absent members), and the order of required calls."""

from __future__ import annotations

import json

from evalkit.core.exchange import Example, Message, Response, ToolCall
from evalkit.data.table_nulls import without_table_nulls
from evalkit.scorers.tool_calls import ToolCalls
from evalkit.scorers.tool_calls.gold import problems_of_example

TOOLS = (
    {"name": "a", "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
    {"name": "b", "parameters": {"type": "object", "properties": {"y": {"type": "string"}, "x": {"type": "integer"}}}},
)


def _made(*calls):
    return Response(
        example_id="x", tool_calls=tuple(ToolCall(name=name, arguments=json.dumps(given)) for name, given in calls)
    )


def _case(target, *before):
    turns = tuple(
        Message(role="assistant", tool_calls=(ToolCall(name=name, arguments=json.dumps(given)),))
        for name, given in before
    )
    return Example(id="x", messages=turns, target=target, tools=TOOLS)


def test_a_target_out_of_a_table_says_what_it_says_without_its_nulls():
    target = {
        "tool_calls": [
            {"name": "a", "function": None, "arguments": {"x": 1, "y": None}},
            {"name": "b", "function": None, "arguments": {"x": None, "y": "t"}},
            {"name": "b", "function": None, "arguments": None},
        ],
        "order": None,
        "ask": None,
        "required": None,
        "at_most": None,
    }
    example = _case(target)
    assert problems_of_example(example) == ()
    right = _made(("a", {"x": 1}), ("b", {"y": "t"}), ("b", {}))
    assert ToolCalls().score(example, right).value == 1.0
    assert ToolCalls().score(example, _made(("a", {"x": 1}), ("b", {"x": 3, "y": "t"}), ("b", {}))).value == 0.0
    conditions = {"tool_calls": None, "required": [{"name": "a", "arguments": {"x": 1}}], "state": None}
    assert ToolCalls().score(_case(conditions), right).value == 1.0


def test_tools_out_of_a_table_are_the_schemas_they_were():
    tool = {
        "type": "function",
        "function": {
            "name": "f",
            "strict": None,
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string", "enum": None, "default": None}, "days": None},
                "required": ["city"],
            },
        },
    }
    plain = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    assert without_table_nulls(tool)["function"] == {"name": "f", "parameters": plain}
    nullable = {"name": "f", "parameters": {"properties": {"a": {"enum": ["x", None], "default": None}}}}
    assert without_table_nulls(nullable) is nullable


def test_the_scorers_order_holds_for_required_calls_too():
    target = {"required": [{"name": "a", "arguments": {"x": 1}}, {"name": "b", "arguments": {"y": "t"}}]}
    a, b, other = ("a", {"x": 1}), ("b", {"y": "t"}), ("b", {"y": "other"})
    given = ToolCalls(order="given")
    for right in (_made(a, b), _made(other, a, other, b), _made(b, a, b)):
        assert given.score(_case(target), right).value == 1.0
    for wrong in (_made(b, a), _made(b, other, a)):
        found = given.score(_case(target), wrong)
        assert (found.value, found.parts["trajectory"]) == (0.0, 0.0)
        assert ToolCalls().score(_case(target), wrong).value == 1.0
        assert given.score(_case({**target, "order": "given"}), wrong).value == 0.0


def test_the_order_of_required_calls_goes_over_the_turns_before():
    target = {"required": [{"name": "a", "arguments": {"x": 1}}, {"name": "b", "arguments": {"y": "t"}}]}
    a, b = ("a", {"x": 1}), ("b", {"y": "t"})
    given = ToolCalls(order="given")
    assert given.score(_case(target, a), _made(b)).value == 1.0
    assert given.score(_case(target, b), _made(a)).value == 0.0
    assert given.score(_case(target, b), _made(a, b)).value == 1.0
    assert given.score(_case(target, a, b), Response(example_id="x", text="Done.")).value == 1.0
    assert given.score(_case(target, b, a), Response(example_id="x", text="Done.")).value == 0.0
