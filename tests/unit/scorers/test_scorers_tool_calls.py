"""The scorer of tool calls: its layers, its options, its evidence, and what it says of targets."""

from __future__ import annotations

import json

import pytest

from evalkit.core.exchange import Example, Message, Response, ToolCall
from evalkit.scorers.tool_calls import ToolCalls, trajectory

BOOK = {
    "name": "book",
    "parameters": {
        "type": "object",
        "properties": {
            "date": {"type": "string", "format": "date"},
            "guests": {"type": "integer", "minimum": 1},
            "smoking": {"type": ["boolean", "null"]},
            "plan": {"enum": ["A", "B"], "default": "A"},
        },
        "required": ["date", "guests"],
    },
}
CANCEL = {
    "type": "function",
    "function": {"name": "cancel", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}},
}
JULY = {"date": "2025-07-01", "guests": 2}


def case(target, *tools):
    return Example(id="x", messages=(Message(role="user", content="?"),), target=target, tools=tools or (BOOK, CANCEL))


def made(*calls, text=None):
    return Response(
        example_id="x",
        text=text,
        tool_calls=tuple(
            ToolCall(name=n, arguments=a if isinstance(a, str) else json.dumps(a, ensure_ascii=False)) for n, a in calls
        ),
    )


def score(target, response, **options):
    return ToolCalls(**options).score(case(target), response)


def calls(*pairs, **more):
    return {"tool_calls": [{"name": n, "arguments": a} for n, a in pairs], **more}


def test_every_layer_has_its_number():
    found = score(calls(("book", JULY)), made(("book", {"date": "令和7年7月1日", "guests": "2"})))
    wrong = {part for part, value in found.parts.items() if value == 0.0}
    assert found.parts["decision"] == found.parts["name"] == found.parts["call_recall"] == 1.0
    assert {"schema", "arguments", "exact"} <= wrong
    assert found.parts["args_f1"] == 0.5
    assert [e["pointer"] for e in found.evidence["errors"]] == ["/date", "/guests"]


def test_a_case_that_passes_has_no_reason_and_one_that_fails_has_one():
    assert score(calls(("book", JULY)), made(("book", JULY))).reason == ""
    reasons = {
        "book.guests is wrong": made(("book", {**JULY, "guests": 3})),
        "book.guests is missing": made(("book", {"date": "2025-07-01"})),
        "book.smoking is unexpected": made(("book", {**JULY, "smoking": True})),
        "book.pets is unknown": made(("book", {**JULY, "pets": 1})),
        "no call of book meets what is expected": made(("cancel", {})),
        "book is called twice": made(("book", JULY), ("book", JULY)),
        "cancel is called, but not expected": made(("book", JULY), ("cancel", {})),
        "a call was expected, got abstain": made(text="かしこまりました。"),
        "tried to call, but the call cannot be read": made(("book", "{")),
    }
    assert {reason: score(calls(("book", JULY)), answer).reason for reason, answer in reasons.items()} == {
        r: r for r in reasons
    }


def test_a_null_that_says_nothing_is_no_extra_argument():
    assert score(calls(("book", JULY)), made(("book", {**JULY, "smoking": None, "plan": "A"}))).value == 1.0
    assert score(calls(("book", {**JULY, "plan": "A"})), made(("book", JULY))).value == 1.0
    assert score(calls(("book", JULY)), made(("book", {**JULY, "plan": None}))).value == 0.0


def test_order_is_free_unless_given():
    target = (("book", JULY), ("cancel", {"id": "7"}))
    turned = made(("cancel", {"id": "7"}), ("book", JULY))
    assert score(calls(*target), turned).value == 1.0
    assert score(calls(*target, order="given"), turned).value == 0.0
    assert score(calls(*target), turned, order="given").value == 0.0


def test_a_suite_can_choose_matchers_by_parameter():
    target = calls(("cancel", {"id": "AB-1"}))
    assert score(target, made(("cancel", {"id": "AB-12"}))).value == 0.0
    assert score(target, made(("cancel", {"id": "AB-12"})), arguments={"cancel.id": {"fuzzy": 0.8}}).value == 1.0
    assert score(target, made(("cancel", {})), arguments={"id": "ignore"}).value == 1.0
    assert score(target, made(("cancel", {"id": "ab-1"})), arguments={"id": "exact"}).value == 0.0


def test_counts_of_missing_extra_and_duplicate_calls():
    target = calls(("book", JULY), ("book", {**JULY, "guests": 4}))
    found = score(target, made(("book", JULY), ("book", JULY), ("cancel", {"id": "1"})))
    assert (found.parts["missing_calls"], found.parts["duplicate_calls"], found.parts["extra_calls"]) == (0.0, 0.0, 1.0)
    found = score(calls(("book", JULY)), made(("book", JULY), ("book", JULY), ("cancel", {"id": "1"})))
    assert (found.parts["missing_calls"], found.parts["duplicate_calls"], found.parts["extra_calls"]) == (0.0, 1.0, 1.0)


def test_many_parallel_calls_are_paired_optimally():
    amounts = list(range(1, 9))
    target = calls(*(("book", {**JULY, "guests": {"any_of": [n, n + 1]}}) for n in amounts))
    answer = made(*(("book", {**JULY, "guests": n}) for n in [2, 3, 4, 5, 6, 7, 8, 9]))
    assert score(target, answer).value == 1.0
    assert score(target, made(*(("book", {**JULY, "guests": 2}) for _ in amounts))).parts["missing_calls"] == 0.0


def test_evidence_shows_both_sides_argument_by_argument():
    target = calls(("book", {"date": "2025-07-01", "guests": {"any_of": [2, 3]}, "smoking": {"optional": True}}))
    found = score(target, made(("book", {"date": "2025-07-02", "guests": 2})))
    row = found.evidence["calls"][0]
    assert row["expected"] == {
        "name": "book",
        "arguments": {"date": "2025-07-01", "guests": {"any_of": [2, 3]}, "smoking": {"optional": True}},
    }
    assert row["got"] == {"name": "book", "arguments": {"date": "2025-07-02", "guests": 2}}
    assert [(a["name"], a["verdict"]) for a in row["arguments"]] == [
        ("date", "wrong"),
        ("guests", "right"),
        ("smoking", "omitted"),
    ]
    json.dumps(found.evidence)


def test_a_refusal_where_nothing_may_be_called_holds_back_as_well():
    refusal = Response(example_id="x", refusal="できません。")
    assert score(calls(), refusal).value == 1.0
    assert score(calls(("book", JULY)), refusal).evidence["decision"] == "refusal"


def test_ordinary_json_schema_never_crashes_the_scorer():
    anything = {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"$ref": "#/$defs/n"}}}]}
    schema = {
        "$defs": {"n": {"type": "array", "items": {"type": "array", "items": {"type": ["number", "null"]}}}},
        "properties": {
            "x": anything,
            "y": {"$ref": "#/$defs/n"},
            "z": {},
            "w": {"type": "object"},
            "v": {"items": {"type": "dict"}, "type": "list"},
        },
    }
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    arguments = {"x": {"a": [[1, None]]}, "y": [[1.0]], "z": None, "w": {"deep": {"er": []}}, "v": [{"k": 1}, "text"]}
    for mode in ("strict", "bfcl_compat"):
        for given in (arguments, {}, {"x": 1, "y": 2, "z": 3, "w": 4, "v": 5}, {"v": ["a"]}, {"w": "{}"}):
            found = ToolCalls(mode=mode).score(case(calls(("f", arguments)), tool), made(("f", given)))
            assert found.status == "SCORED"
    for bare in ({"name": "f"}, {"type": "function", "function": {"name": "f", "parameters": None}}):
        assert ToolCalls().score(case(calls(("f", {})), bare), made(("f", {}))).value == 1.0


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (None, "a tool target is"),
        ("text", "a tool target is"),
        ({}, "is empty"),
        ({"tool_call": []}, "did you mean 'tool_calls'"),
        ({"tool_calls": [{"arguments": {}}]}, "needs a name"),
        ({"tool_calls": [{"name": "book", "arguments": "{"}]}, "no JSON"),
        ({"tool_calls": [{"name": "book", "arguments": {"date": {"regex": "("}}}]}, "book.date"),
        ({"tool_calls": [], "order": "sorted"}, "any or given"),
        ({"tool_calls": [{"name": "bok", "arguments": {}}]}, "not among the example's tools"),
        ({"at_most": -1}, "number of calls"),
        ({"tool_calls": [], "ask": "date"}, "list of texts"),
    ],
)
def test_a_target_that_cannot_be_judged_is_told(target, says):
    assert says in ToolCalls().check(case(target))[0]


def test_a_broken_schema_is_told_and_a_good_one_is_not():
    broken = {"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "strnig"}}}}
    assert "no valid schema" in ToolCalls().check(case(calls(), broken))[0]
    assert ToolCalls().check(case(calls(("book", JULY)))) == ()
    assert ToolCalls().check(Example(id="x", messages=(), target=calls(("any", {})))) == ()


def test_targets_in_the_shapes_of_apis_are_read():
    openai = {
        "tool_calls": [{"id": "1", "type": "function", "function": {"name": "book", "arguments": json.dumps(JULY)}}]
    }
    for target in (openai, openai["tool_calls"], {"name": "book", "arguments": JULY}):
        assert score(target, made(("book", JULY))).value == 1.0


def test_a_trajectory_names_conditions_instead_of_one_right_list():
    target = {"required": [{"name": "cancel", "arguments": {"id": "7"}}], "forbidden": ["book"], "at_most": 2}
    assert score(target, made(("cancel", {"id": "7"}))).value == 1.0
    assert score(target, made(("cancel", {"id": "6"}), ("cancel", {"id": "7"}))).value == 1.0
    assert score(target, made(("cancel", {"id": "7"}), ("book", JULY))).evidence["conditions"] == [
        "forbidden book was called"
    ]
    assert score(target, made(*[("cancel", {"id": "7"})] * 3)).reason == "3 calls, at most 2 allowed"
    found = score(target, made(("cancel", {"id": "6"})))
    assert (found.value, found.parts["trajectory"], found.reason) == (0.0, 0.0, "required cancel is missing")


def test_required_calls_in_order_may_have_others_between_them():
    target = {
        "required": [{"name": "book", "arguments": JULY}, {"name": "cancel", "arguments": {"id": "7"}}],
        "order": "given",
    }
    book, cancel, other = ("book", JULY), ("cancel", {"id": "7"}), ("cancel", {"id": "1"})
    assert score(target, made(book, other, cancel)).value == 1.0
    assert score(target, made(cancel, other, book)).value == 0.0


def _ledger(initial, made_calls):
    """A state: the set of open bookings."""
    rooms = set(initial or ())
    for call in made_calls:
        if call["name"] == "book":
            rooms.add(call["arguments"]["date"])
        elif call["name"] == "cancel":
            rooms.discard(call["arguments"].get("id"))
    return sorted(rooms)


@pytest.fixture
def installed_state(monkeypatch):
    class Point:
        name, value = "ledger", "hotel.states:ledger"

        def load(self):
            return _ledger

    monkeypatch.setattr(trajectory, "entry_points", lambda group: [Point()] if group == "evalkit.states" else [])


def test_different_ways_to_the_same_final_state_pass(installed_state):
    target = {"state": ["2025-07-01"], "initial_state": ["2025-06-01"]}
    both = made(("cancel", {"id": "2025-06-01"}), ("book", JULY))
    assert score(target, both, state="ledger").value == 1.0
    detour = made(
        ("book", {"date": "x", "guests": 1}), ("cancel", {"id": "x"}), ("book", JULY), ("cancel", {"id": "2025-06-01"})
    )
    assert score(target, detour, state="hotel.states:ledger").value == 1.0
    found = score(target, made(("book", JULY)), state="ledger")
    assert (found.value, found.parts["state"], found.reason) == (0.0, 0.0, "the final state differs")


def test_the_expected_calls_give_the_state_where_the_target_names_none(installed_state):
    target = calls(("book", JULY))
    assert score(target, made(("book", {**JULY, "guests": 9})), state="ledger").value == 1.0
    assert score(target, made(text="はい。"), state="ledger").value == 0.0


def test_a_state_function_must_be_installed():
    with pytest.raises(ValueError, match="no entry point 'os:system'"):
        ToolCalls(state="os:system")


def test_every_part_is_declared_and_declared_parts_are_there():
    found = score(calls(("book", JULY)), made(("book", JULY)))
    assert {metric.part for metric in ToolCalls().metrics()} == {"", *found.parts}
    compat = score(calls(("book", JULY)), made(("book", JULY)), mode="bfcl_compat")
    assert {metric.part for metric in ToolCalls(mode="bfcl_compat").metrics()} == {"", *compat.parts}


def test_denominators_depend_on_the_example_not_on_the_answer():
    """All but call_precision and the faults of calls that were made: otherwise two arms would not pair."""
    answers = [made(("book", JULY)), made(("book", "{")), made(text="いいえ"), made(("x", {}), ("y", {}))]
    by_answer = {
        "call_precision",
        "hallucinated",
        "wrapper_leak",
        "args_malformed",
        "args_double_encoded",
        "args_empty",
        "unknown_params",
    }
    for target in (calls(("book", JULY)), calls(), calls(ask=["いつ"])):
        applied = [{p for p, v in score(target, a).parts.items() if v is not None} - by_answer for a in answers]
        assert all(parts == applied[0] for parts in applied)


def test_a_trajectory_goes_over_several_turns_with_tool_results(installed_state):
    earlier = (
        Message(role="user", content="7番を取り消して、7月1日に取り直してください。"),
        Message(role="assistant", tool_calls=(ToolCall(name="cancel", arguments='{"id": "7"}', id="c1"),)),
        Message(role="tool", content="ok", tool_call_id="c1"),
    )

    def judged(target, response, **options):
        tools = ({"name": "cancel", "parameters": {}}, {"name": "book", "parameters": {}})
        example = Example(id="x", messages=earlier, target=target, tools=tools)
        return ToolCalls(**options).score(example, response)

    both = {"required": [{"name": "cancel", "arguments": {"id": "7"}}, {"name": "book", "arguments": JULY}]}
    assert judged(both, made(("book", JULY))).value == 1.0
    assert judged(both, made(text="取り直しました。")).reason == "required book is missing"
    assert judged({"required": both["required"][:1]}, made(text="取り消しました。")).value == 1.0
    assert judged({"forbidden": ["cancel"]}, made(("book", JULY))).value == 0.0
    assert judged({"at_most": 1}, made(("book", JULY))).reason == "2 calls, at most 1 allowed"
    state = {"state": ["2025-07-01"], "initial_state": ["7"]}
    assert judged(state, made(("book", JULY)), state="ledger").value == 1.0
    assert judged(state, made(text="はい。"), state="ledger").value == 0.0
