"""Which result of its row a call is answered with."""

import json

from evalkit.core.exchange import Response, ToolCall
from evalkit.data.tool_results import read_tool_results
from evalkit.pipeline.asking.merge_steps import merge_steps
from evalkit.pipeline.asking.tool_loop import ToolLoop, answer_message, read_made_calls, result_messages

TOOLS = ({"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}},)


def loop(value):
    return ToolLoop(results=read_tool_results(value))


def ask(held, name, **arguments):
    response = Response(example_id="x", tool_calls=(ToolCall(name=name, arguments=json.dumps(arguments)),))
    (message,) = result_messages(read_made_calls(response, TOOLS), held)
    return message.content


def test_a_result_by_name_answers_every_call_of_that_name():
    held = loop({"f": "yes", "g": {"a": [1]}})
    assert [ask(held, "f"), ask(held, "g"), ask(held, "f", x=1)] == ["yes", '{"a": [1]}', "yes"]


def test_results_in_order_answer_one_call_each():
    held = loop(["first", "second"])
    assert [ask(held, "f"), ask(held, "g")] == ["first", "second"]
    assert "there is no result for f" in ask(held, "f")
    assert held.unknown == 1


def test_named_arguments_choose_and_others_are_free():
    held = loop(
        [
            {"name": "f", "result": "any"},
            {"name": "f", "arguments": {"id": 1}, "result": "one"},
            {"name": "f", "arguments": {"id": 1, "full": True}, "result": "one, full"},
        ]
    )
    assert ask(held, "f", id=1, page=2) == "one"
    assert ask(held, "f", id=1, full=True) == "one, full"
    assert ask(held, "f", id=2) == "any"
    assert "no result" in ask(held, "g", id=1)


def test_results_of_one_call_come_in_turn_and_the_last_again():
    held = loop([{"name": "f", "result": "pending"}, {"name": "f", "result": "done"}])
    assert [ask(held, "f") for _ in range(3)] == ["pending", "done", "done"]


def test_a_call_that_cannot_be_read_is_answered_by_name_alone():
    held = loop([{"name": "f", "arguments": {"id": 1}, "result": "one"}, {"name": "f", "result": "any"}])
    response = Response(example_id="x", tool_calls=(ToolCall(name="f", arguments='{"id": 1'),))
    (message,) = result_messages(read_made_calls(response, TOOLS), held)
    assert message.content == "any"


def test_calls_without_ids_get_ones_that_fit_their_results():
    response = Response(
        example_id="x", tool_calls=(ToolCall(name="f", arguments="{}"), ToolCall(name="f", arguments="{}"))
    )
    calls = read_made_calls(response, TOOLS)
    said, results = answer_message(response, calls), result_messages(calls, loop({"f": 1}))
    assert [call.id for call in said.tool_calls] == [one.tool_call_id for one in results] == ["call00000", "call00001"]


def test_steps_are_one_answer_with_all_their_calls():
    one = Response(example_id="x", tool_calls=(ToolCall(name="f", arguments="{}"),), latency_s=1.0, thought="hm")
    two = Response(example_id="x", text="done", latency_s=0.5)
    merged = merge_steps([one, two], one.tool_calls)
    assert (merged.text, merged.tool_calls, merged.latency_s, merged.thought) == ("done", one.tool_calls, 1.5, "hm")
    assert merge_steps([two], ()) is two
