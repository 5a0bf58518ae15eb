"""What must hold of every set of calls."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Example, Response, ToolCall
from evalkit.scorers.tool_calls import ToolCalls
from evalkit.scorers.tool_calls.gold import gold_response

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 2.0])
    | st.sampled_from(["a", "Ａ", "b", "東京", "2024-05-01"])
)
DEEP = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("pq"), inner, max_size=2),
    max_leaves=4,
)
CALLS = st.lists(
    st.tuples(st.sampled_from("fg"), st.dictionaries(st.sampled_from("xyz"), DEEP, max_size=3)), max_size=4
)
SCORER = ToolCalls()


def response(calls):
    made = tuple(ToolCall(name=name, arguments=json.dumps(given, ensure_ascii=False)) for name, given in calls)
    return Response(example_id="x", tool_calls=made)


def example(calls):
    return Example(id="x", messages=(), target={"tool_calls": [{"name": n, "arguments": a} for n, a in calls]})


@settings(max_examples=150, deadline=None)
@given(CALLS)
def test_the_target_itself_always_passes(calls):
    case = example(calls)
    found = SCORER.score(case, gold_response(case))
    assert found.value == 1.0
    if calls:
        assert found.parts["calls_f1"] == found.parts["exact"] == found.parts["args_f1"] == 1.0


@settings(max_examples=150, deadline=None)
@given(CALLS, CALLS, st.randoms(use_true_random=False))
def test_the_order_of_calls_changes_nothing(expected, made, rng):
    turned = list(made)
    rng.shuffle(turned)
    first, second = (SCORER.score(example(expected), response(calls)) for calls in (made, turned))
    assert first.value == second.value
    for part in ("exact", "name", "arguments", "missing_calls", "call_recall", "overcall"):
        assert first.parts[part] == second.parts[part]


@settings(max_examples=150, deadline=None)
@given(CALLS, CALLS)
def test_every_number_is_in_its_range_and_the_layers_agree(expected, made):
    found = SCORER.score(example(expected), response(made))
    counts = {"missing_calls", "extra_calls", "duplicate_calls", "missing_params", "unknown_params"}
    for part, value in found.parts.items():
        assert value is None or value >= 0
        assert value is None or part in counts or value <= 1
    if expected:
        assert found.value == found.parts["exact"]
        assert found.parts["exact"] <= min(found.parts["arguments"], found.parts["name"])
        assert (found.parts["calls_f1"] == 1.0) == (found.parts["exact"] == 1.0)
    json.dumps(found.evidence)


@settings(max_examples=100, deadline=None)
@given(CALLS.filter(bool), st.sampled_from("fg"))
def test_one_call_more_never_passes(calls, name):
    more = [*calls, (name, {"x": "more"})]
    assert SCORER.score(example(calls), response(more)).value == 0.0
    assert SCORER.score(example(calls), response(calls[1:])).value == 0.0
