"""The ten pitfalls of tool-call checkers: each test fails on the checker that a hurried person writes (`naive`)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evalkit.core.exchange import Example, Message, Response, ToolCall
from evalkit.core.verdict import Score
from evalkit.scorers.tool_calls import ToolCalls
from evalkit.scorers.tool_calls.gold import problems_of_example

STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def tool(name: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, **more}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


SUM = tool("sum", {"expression": STRING, "digits": {"type": "integer", "default": 2}}, required=["expression"])
ADD = tool("add", {"numbers": {"type": "array", "items": NUMBER}, "a": INTEGER, "b": NUMBER})


def example(target: Any, *tools: dict[str, Any]) -> Example:
    return Example(id="x", messages=(Message(role="user", content="?"),), target=target, tools=tools or (SUM, ADD))


def native(*calls: tuple[str, str], finish: str = "tool_calls") -> Response:
    return Response(
        example_id="x", finish=finish, tool_calls=tuple(ToolCall(name=n, arguments=raw) for n, raw in calls)
    )


def text(words: str) -> Response:
    return Response(example_id="x", text=words, finish="stop")


def score(target: Any, response: Response, *tools: dict[str, Any], **options: Any) -> Score:
    return ToolCalls(**options).score(example(target, *tools), response)


def expect(*calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"tool_calls": [{"name": name, "arguments": arguments} for name, arguments in calls]}


MUST_NOT_CALL = expect()


def naive(target: Any, response: Response) -> bool:
    """Parse what parses, compare as sets of (name, canonical arguments). What most first versions do."""
    made = set()
    for call in response.tool_calls:
        try:
            made.add((call.name, json.dumps(json.loads(call.arguments), sort_keys=True)))
        except ValueError:
            continue
    wanted = {(call["name"], json.dumps(call["arguments"], sort_keys=True)) for call in target["tool_calls"]}
    return made == wanted


def test_1_a_malformed_call_is_no_abstention():
    broken = native(("sum", '{"expression": "1+1"'))
    assert naive(MUST_NOT_CALL, broken)
    found = score(MUST_NOT_CALL, broken)
    assert (found.value, found.evidence["decision"], found.parts["overcall"]) == (0.0, "malformed", 1.0)
    for words in (
        '<tool_call>{"name": "sum", "argum',
        "[TOOL_CALLS][{]",
        "sum(expression=",
        '{"name": "sum", "arguments": {',
    ):
        assert naive(MUST_NOT_CALL, text(words))
        assert score(MUST_NOT_CALL, text(words)).evidence["decision"] == "malformed"
    assert score(MUST_NOT_CALL, text("I can only add numbers, sorry.")).value == 1.0


def test_2_a_turn_that_must_not_call_is_checked():
    called = native(("sum", '{"expression": "1+1"}'))
    found = score(MUST_NOT_CALL, called)
    assert (found.value, found.parts["decision"], found.parts["overcall"]) == (0.0, 0.0, 1.0)
    asking = {**MUST_NOT_CALL, "ask": ["expression", "what"]}
    assert score(asking, text("Sure.")).value == 0.0
    assert score(asking, text("Which expression should I compute?")).value == 1.0


def test_3_strings_are_not_normalised_into_each_other():
    for want, got in (
        ("x*2", "x**2"),
        ("3x^2-1", "3x^2*1"),
        ("-5", "5"),
        ("1.23.4", "12.3.4"),
        ("/home/a_b", "homeab"),
        ("x²", "x2"),
    ):
        answer = native(("sum", json.dumps({"expression": got})))
        assert score(expect(("sum", {"expression": want})), answer).value == 0.0, (want, got)
        if want != "x²":  # BFCL's folding drops the signs; that is what the compatible mode must reproduce
            assert score(expect(("sum", {"expression": want})), answer, SUM, mode="bfcl_compat").value == 1.0
    same = native(("sum", json.dumps({"expression": "ＡＢＣ　１０：００"}, ensure_ascii=False)))
    assert not naive(expect(("sum", {"expression": "abc 10:00"})), same)
    assert score(expect(("sum", {"expression": "abc 10:00"})), same).value == 1.0


def test_4_a_number_is_a_number():
    target = expect(("add", {"a": 5, "b": 0.3, "numbers": [1.5, 2]}))
    answer = native(("add", '{"a": 5.0, "b": 0.30000000000000004, "numbers": [1.5, 2.0]}'))
    assert not naive(target, answer)
    assert score(target, answer).value == 1.0
    assert score(target, native(("add", '{"a": 5.1, "b": 0.3, "numbers": [1.5, 2]}'))).value == 0.0
    assert score(target, native(("add", '{"a": true, "b": 0.3, "numbers": [1.5, 2]}'))).value == 0.0


def test_5_defaults_are_silent_and_hallucinated_parameters_are_not_merely_unexpected():
    target = expect(("sum", {"expression": "1+1"}))
    spelled_out = native(("sum", '{"expression": "1+1", "digits": 2}'))
    assert not naive(target, spelled_out)
    assert score(target, spelled_out).value == 1.0
    verdicts = {}
    for extra in ("digits", "colour"):
        found = score(target, native(("sum", json.dumps({"expression": "1+1", extra: 7}))))
        assert found.value == 0.0
        verdicts[extra] = (found.evidence["calls"][0]["arguments"][-1]["verdict"], found.parts["unknown_params"])
    assert verdicts == {"digits": ("unexpected", 0.0), "colour": ("unknown", 1.0)}
    optional = expect(("sum", {"expression": "1+1", "digits": {"any_of": [3, 4], "optional": True}}))
    assert score(optional, native(("sum", '{"expression": "1+1"}'))).value == 1.0
    assert score(optional, native(("sum", '{"expression": "1+1", "digits": 4}'))).value == 1.0
    assert score(optional, native(("sum", '{"expression": "1+1", "digits": 5}'))).value == 0.0


def test_6_parallel_calls_are_assigned_optimally_and_duplicates_count():
    either = {
        "tool_calls": [{"name": "add", "arguments": {"a": {"any_of": [1, 2]}}}, {"name": "add", "arguments": {"a": 1}}]
    }
    answer = native(("add", '{"a": 1}'), ("add", '{"a": 2}'))
    assert score(either, answer, ADD).value == 1.0  # greedy, as BFCL pairs, misses it
    assert score(either, answer, ADD, mode="bfcl_compat").value == 0.0
    once = expect(("add", {"a": 1}))
    twice = native(("add", '{"a": 1}'), ("add", '{"a": 1}'))
    assert naive(once, twice)
    found = score(once, twice)
    assert (found.value, found.parts["duplicate_calls"], found.parts["extra_calls"]) == (0.0, 1.0, 0.0)
    assert (
        score(expect(("add", {"a": 1}), ("add", {"a": 1})), native(("add", '{"a": 1}'))).parts["missing_calls"] == 1.0
    )


def test_7_extra_calls_and_extra_arguments_cost():
    target = expect(("add", {"a": 1}))
    more = score(target, native(("add", '{"a": 1}'), ("sum", '{"expression": "1"}')))
    assert (more.value, more.parts["extra_calls"], more.parts["arguments"]) == (0.0, 1.0, 1.0)
    assert more.parts["args_precision"] == 0.5
    fewer = score(target, native(("add", "{}")))
    assert (fewer.value, fewer.parts["missing_params"], fewer.parts["args_recall"]) == (0.0, 1.0, 0.0)
    assert score(target, native(("add", '{"a": 1, "b": 2}'))).parts["args_precision"] == 0.5


def test_8_nothing_expected_and_nothing_made_is_a_right_decision_and_no_perfect_match():
    found = score(MUST_NOT_CALL, text("The sky is blue."))
    assert (found.value, found.parts["decision"]) == (1.0, 1.0)
    assert {found.parts[p] for p in ("name", "arguments", "exact", "args_f1", "calls_f1", "call_recall")} == {None}
    nothing_made = score(expect(("add", {"a": 1})), text("The sky is blue."))
    assert (nothing_made.parts["args_f1"], nothing_made.parts["call_recall"], nothing_made.parts["overcall"]) == (
        0.0,
        0.0,
        None,
    )


def test_9_every_shape_is_read_and_every_drift_is_named():
    now = tool("now", {})
    no_arguments = score(expect(("now", {})), native(("now", "")), now)
    assert (no_arguments.value, no_arguments.parts["args_empty"]) == (1.0, 1.0)
    double = score(expect(("add", {"a": 1})), native(("add", '"{\\"a\\": 1}"')))
    assert (double.value, double.parts["args_double_encoded"], double.evidence["decision"]) == (0.0, 1.0, "malformed")
    for wrapper in ("multi_tool_use.parallel", "functions.add", "parallel"):
        leak = score(expect(("add", {"a": 1})), native((wrapper, '{"a": 1}')))
        assert (leak.value, leak.parts["wrapper_leak"], leak.parts["hallucinated"]) == (0.0, 1.0, 0.0)
    assert score(expect(("add", {"a": 1})), native(("subtract", '{"a": 1}'))).parts["hallucinated"] == 1.0
    cut_off = score(expect(("add", {"a": 1})), native(("add", '{"a": '), finish="tool_calls"))
    assert (cut_off.evidence["decision"], cut_off.evidence["errors"][0]["message"][:9]) == ("malformed", "truncated")
    custom = Response(example_id="x", tool_calls=(ToolCall(name="run", arguments="SELECT 1", kind="custom"),))
    sql = {"type": "custom", "custom": {"name": "run"}}
    assert score(expect(("run", {"input": "select 1"})), custom, sql).value == 1.0


def test_10_wrong_gold_is_told_before_it_judges():
    closed = tool("add", {"a": INTEGER}, required=["a"], additionalProperties=False)
    for bad in (
        expect(("add", {"a": "one"})),
        expect(("add", {})),
        expect(("add", {"a": 1, "z": 2})),
        expect(("ad", {})),
    ):
        assert problems_of_example(example(bad, closed)), bad
    assert problems_of_example(example(expect(("add", {"a": {"any_of": [1, 2]}})), closed)) == ()


def _naive_score(target: Any, response: Response, *tools: dict[str, Any], **options: Any) -> Score:
    """The naive checker in the shape of a Score: one number, and no parts but itself."""
    decision = "call" if response.tool_calls else "abstain"
    return Score(
        example_id="x", scorer="", version="0", value=float(naive(target, response)), evidence={"decision": decision}
    )


@pytest.mark.parametrize("pitfall", [f for name, f in sorted(globals().items()) if name.startswith("test_")])
def test_every_pitfall_catches_the_naive_checker(pitfall, monkeypatch):
    if pitfall is test_10_wrong_gold_is_told_before_it_judges:
        monkeypatch.setitem(globals(), "problems_of_example", lambda example: ())
    monkeypatch.setitem(globals(), "score", _naive_score)
    with pytest.raises((AssertionError, LookupError)):
        pitfall()
