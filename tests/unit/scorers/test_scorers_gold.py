"""Gold data judged before it judges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalkit.core.exchange import Example, Message
from evalkit.data.read import read_examples
from evalkit.scorers.gold import baselines, gold_of_example, gold_problems
from evalkit.scorers.json_schema import JsonSchema
from evalkit.scorers.schemas.strict_subset import editions, strict_faults
from evalkit.scorers.tool_calls import ToolCalls
from evalkit.scorers.tool_calls.gold import strict_problems

PARAMETERS = {
    "type": "object",
    "properties": {"n": {"type": "integer", "maximum": 9}, "t": {"type": "string"}},
    "required": ["n"],
}
TOOL = {"type": "function", "function": {"name": "f", "parameters": PARAMETERS}}
TOOLS_JA = Path(__file__).parents[3] / "suites" / "data" / "tools_ja.jsonl"


def case(target, identity="x", tools=(TOOL,)):
    return Example(id=identity, messages=(Message(role="user", content="?"),), target=target, tools=tuple(tools))


def expect(**arguments):
    return {"tool_calls": [{"name": "f", "arguments": arguments}]}


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (expect(n=10), "accepted value 10 is not valid"),
        (expect(n={"any_of": [1, "2"]}), 'accepted value "2" is not valid'),
        (expect(t="a"), "requires n"),
        (expect(n={"value": 1, "optional": True}), "requires n"),
        (expect(n=1, z=2), "no parameter z"),
        (expect(n=1, t={"regex": 1}), "regular expression"),
        ({"tool_calls": [{"name": "g"}]}, "not among"),
        ({**expect(n=1), "at_most": 0}, "its own target does not pass: 1 calls, at most 0"),
        ({**expect(n=1), "forbidden": ["f"]}, "forbidden f was called"),
    ],
)
def test_gold_calls_that_cannot_be_right_are_told(target, says):
    assert any(says in sentence for sentence in gold_of_example(ToolCalls(), case(target))), target


@pytest.mark.parametrize(
    "target",
    [
        expect(n=1),
        expect(n=1.0),
        expect(n={"any_of": [1, 2]}, t={"regex": "a+"}),
        {"tool_calls": []},
        {"tool_calls": [], "ask": ["n"]},
    ],
)
def test_gold_calls_that_can_be_right_are_not(target):
    assert gold_of_example(ToolCalls(), case(target)) == ()


def test_a_gold_answer_must_pass_its_own_scorer():
    schema = {"properties": {"a": {"type": "integer"}}}
    assert gold_of_example(JsonSchema(schema=schema), case({"a": 1})) == ()
    assert "at /a" in "".join(JsonSchema(schema=schema).check(case({"a": "x"})))


def test_a_suite_that_a_mindless_model_passes_is_flagged():
    quiet = [case({"tool_calls": []}, f"q{i}") for i in range(6)]
    busy = [case(expect(n=i), f"b{i}") for i in range(4)]
    scorers = {"calls": (ToolCalls(), lambda e: True)}
    shares = {b.model: (b.passed, b.n) for b in baselines([*quiet, *busy], scorers)}
    assert shares == {"do-nothing": (6, 10), "always-call": (0, 10)}
    told = gold_problems([*quiet, *busy], scorers)
    assert ["do-nothing model passes 6 of 10" in str(problem) for problem in told] == [True]
    assert gold_problems([*quiet, *busy, *[case(expect(n=1), f"c{i}") for i in range(9)]], scorers) == ()
    bare = [case({"tool_calls": [{"name": "f"}]}, f"e{i}", tools=[{"name": "f"}]) for i in range(3)]
    assert "always-call" in str(gold_problems(bare, scorers)[0])


def test_saying_the_commonest_target_to_everything_is_a_mindless_model_too():
    rows = [case({"label": "ok"}, f"o{i}") for i in range(6)] + [case({"label": f"{i}"}, f"l{i}") for i in range(4)]
    scorers = {"json": (JsonSchema(), lambda e: True)}
    shares = {b.model: (b.passed, b.n) for b in baselines(rows, scorers)}
    assert shares == {"do-nothing": (0, 10), "always-same": (6, 10)}
    assert ["always-same model passes 6 of 10" in str(problem) for problem in gold_problems(rows, scorers)] == [True]
    assert gold_problems(rows[5:], scorers) == (), "no two of these share a target"


def test_targets_that_are_empty_altogether_are_counted_and_no_fault_of_the_gold():
    rows = [case({"names": []}, "none"), case({}, "bare"), case({"names": ["Ryoma"]}, "one")]
    told = gold_problems(rows, {"json": (JsonSchema(), lambda e: True)})
    assert ["2 of 3 targets are empty altogether (none, bare)" in str(problem) for problem in told] == [True]
    counting = {"json": (JsonSchema(empty_counts=True), lambda e: True)}
    assert gold_problems(rows, counting) == ()
    assert {b.model: (b.passed, b.n) for b in baselines(rows, counting)}["do-nothing"] == (0, 3)


def test_scorers_see_only_the_examples_they_apply_to():
    wrong = case(expect(n="ten"), "wrong")
    assert gold_problems([wrong], {"calls": (ToolCalls(), lambda e: e.id != "wrong")}) == ()


def test_the_japanese_suite_is_sound():
    examples = read_examples(TOOLS_JA, format="evalkit")
    assert len(examples) >= 80
    scorers = {"calls": (ToolCalls(), lambda e: True)}
    assert gold_problems(examples, scorers) == ()
    assert {b.model: b.share < 0.25 for b in baselines(examples, scorers)} == {"do-nothing": True, "always-call": True}
    categories = {e.tags["category"] for e in examples}
    assert {"date", "number", "place", "honorific", "parallel", "must_not_call", "missing_slot"} <= categories
    assert len({str(e.messages) for e in examples}) == len(examples)


STRICT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"additionalProperties": True}, "/: additionalProperties must be false"),
        ({"required": []}, "missing: a"),
        ({"type": "array"}, "root must be an object"),
        ({"anyOf": [{"type": "object"}]}, "root must not be an anyOf"),
        ({"allOf": []}, "allOf is not supported"),
        ({"properties": {"a": {"type": "string", "minLength": 1}}}, "/properties/a: minLength is not supported"),
        ({"properties": {"a": {"type": "string", "format": "uri"}}}, "format uri is not supported"),
        ({"properties": {"a": {"type": "string", "oneOf": []}}}, "oneOf is not supported"),
        ({"properties": {"a": {}}}, "type is missing"),
        (
            {"properties": {"a": {"$ref": "#/$defs/x", "description": "d"}}, "$defs": {"x": {"type": "string"}}},
            "$ref must stand alone",
        ),
        ({"properties": {"a": {"type": "object", "properties": {}}}}, "/properties/a: additionalProperties"),
        ({"properties": {"a": {"enum": [str(i) for i in range(1001)]}}}, "1,001 enum values, at most 1,000"),
        ({"properties": {"a": {"enum": ["x" * 60 + str(i) for i in range(251)]}}}, "an enum of 251 texts"),
        ({"properties": {"a": {"const": "x" * 120_001}}}, "characters of names and values"),
    ],
)
def test_strict_mode_says_what_it_refuses(change, says):
    assert strict_faults(STRICT) == ()
    assert any(says in fault for fault in strict_faults({**STRICT, **change}))


def test_limits_are_dated():
    deep = STRICT
    for _ in range(7):
        deep = {**STRICT, "properties": {"a": deep}}
    assert strict_faults(deep) == ()
    assert "8 levels of objects, at most 5" in strict_faults(deep, as_of="2024-08")[0]
    assert [row["as_of"] for row in editions()] == sorted(row["as_of"] for row in editions())


def test_recursive_schemas_are_fine():
    node = {**STRICT, "properties": {"a": {"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}}}
    assert strict_faults({**node, "$defs": {"n": node}}) == ()


def test_fine_tuned_models_take_less_and_lose_strict_mode_in_parallel_calls():
    schema = {**STRICT, "properties": {"a": {"type": "string", "pattern": "^x"}}}
    tool = {"type": "function", "function": {"name": "f", "strict": True, "parameters": schema}}
    assert strict_problems([tool]) == ()
    told = strict_problems([tool], fine_tuned=True)
    assert ["pattern" in told[0], "parallel_tool_calls" in told[1], len(told)] == [True, True, 2]
    assert len(strict_problems([tool], fine_tuned=True, parallel=False)) == 1
    loose = json.loads(json.dumps(tool).replace('"strict": true', '"strict": false'))
    assert strict_problems([loose], fine_tuned=True) == ()
    assert "OpenAI strict mode" in str(gold_problems([case(expect(a="x"), tools=[tool])], {}, fine_tuned=True)[0])
