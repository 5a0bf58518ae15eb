import datetime as dt

import pytest
from planted_comparisons import FAILED, comparison, paired, suite

from evalkit.core.columns import Coverage
from evalkit.core.verdict import Estimate, Finding
from evalkit.gates.decide import decide, outcome
from evalkit.gates.estimates import estimates
from evalkit.gates.states import under_both
from evalkit.suite.spec import PolicySpec

TODAY = dt.date(2026, 6, 1)
EVERY = (
    {"type": "must_improve", "metric": "answer"},
    {"type": "no_regression", "metric": "answer", "margin": 0.05},
    {"type": "no_regression", "metric": "answer", "margin": 0.05, "slices": ["intent"]},
    {"type": "floor", "metric": "answer", "min": 0.1},
    {"type": "fairness", "slices": ["intent"]},
    {"type": "budget", "metric": "latency_p95", "max_ratio": 1.5},
    {"type": "critical", "tag": "critical"},
)


def finding(state, **more):
    return Finding(gate="g", estimate=Estimate(metric="m"), state=state, **more)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "INVALID"),
        (["PASS", "IMPROVED", "WAIVED", "TOO_SMALL"], "PASS"),
        (["PASS", "INCONCLUSIVE"], "INCONCLUSIVE"),
        (["INCONCLUSIVE", "REGRESSION"], "FAIL"),
        (["PASS", "FLOOR_FAIL"], "FAIL"),
        (["PASS", "CRITICAL_FAIL"], "FAIL"),
        (["REGRESSION", "INVALID"], "INVALID"),
        (["TOO_SMALL", "TOO_SMALL"], "INCONCLUSIVE"),
    ],
)
def test_the_gravest_state_decides(states, expected):
    assert outcome([finding(state) for state in states], PolicySpec()) == expected


@pytest.mark.parametrize("how", ["warn", "pass"])
def test_the_policy_may_let_the_undecided_through_but_nothing_graver(how):
    policy = PolicySpec(on_inconclusive=how)
    assert outcome([finding("INCONCLUSIVE")], policy) == "PASS"
    assert outcome([finding("TOO_SMALL")], policy) == "PASS"
    assert outcome([finding("REGRESSION"), finding("INCONCLUSIVE")], policy) == "FAIL"
    assert outcome([], policy) == "INVALID"


def made(**more):
    base, candidate = paired(400, fixed=40, broken=4)
    latency = [1.0 + 0.01 * (i % 9) for i in range(400)]
    return comparison(
        {"answer": (base, candidate), "latency_s": (latency, latency)},
        tags={"intent": ["a", "b"] * 200, "critical": [None] * 399 + ["true"]},
        lower=["latency_s"],
        graded=["latency_s"],
        **more,
    )


def test_every_gate_answers_with_a_sentence_and_its_place():
    found = decide(made(), suite(EVERY), today=TODAY)
    assert {f.gate_index for f in found} == set(range(len(EVERY)))
    for f in found:
        assert f.because.endswith("."), f
        assert f.gate == EVERY[f.gate_index]["type"]
        assert "nan" not in f.because


def test_the_same_comparison_gives_the_same_findings():
    assert decide(made(), suite(EVERY), today=TODAY) == decide(made(), suite(EVERY), today=TODAY)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"unsound": ("the arms saw different prompts",)}, "the arms saw different prompts."),
        ({"coverage": Coverage(examples=400, asked=400, base_failed=9)}, "9 of 400 calls of the base failed (2.2%)"),
        ({"coverage": Coverage(examples=400, asked=400, candidate_failed=40)}, "of the candidate failed (10.0%)"),
    ],
)
def test_an_unsound_comparison_is_invalid_gate_by_gate(changes, sentence):
    found = decide(made(**changes), suite(EVERY), today=TODAY)
    assert {f.state for f in found} == {"INVALID"}
    assert {f.gate_index for f in found} == set(range(len(EVERY)))
    assert all(sentence in f.because for f in found)


def test_two_cases_of_one_id_are_invalid():
    twice = made()
    examples = (twice.examples[1], *twice.examples[1:])
    found = decide(made(examples=examples), suite(EVERY[:1]), today=TODAY)
    assert (found[0].state, "stands for more than one case" in found[0].because) == ("INVALID", True)


def test_few_failed_calls_are_tolerated_up_to_the_limit():
    coverage = Coverage(examples=400, asked=400, candidate_failed=8)
    assert "INVALID" not in {f.state for f in decide(made(coverage=coverage), suite(EVERY), today=TODAY)}


def test_several_candidates_share_the_chance_of_error():
    one = decide(made(), suite(EVERY[:1]), today=TODAY)[0]
    four = decide(made(), suite(EVERY[:1]), today=TODAY, family=4)[0]
    assert one.confidence == 0.95
    assert four.confidence == pytest.approx(0.9875)
    assert four.low < one.low < one.high < four.high


def test_the_confidence_of_the_policy_can_be_overridden():
    wide = decide(made(), suite(EVERY[:1]), today=TODAY, confidence=0.999)[0]
    assert wide.confidence == pytest.approx(0.999)
    assert wide.low < decide(made(), suite(EVERY[:1]), today=TODAY)[0].low


@pytest.mark.parametrize(
    ("complete", "worst", "held"),
    [
        ("PASS", None, "PASS"),
        ("IMPROVED", "IMPROVED", "IMPROVED"),
        ("IMPROVED", "PASS", "PASS"),
        ("PASS", "INCONCLUSIVE", "INCONCLUSIVE"),
        ("PASS", "REGRESSION", "INCONCLUSIVE"),
        ("INCONCLUSIVE", "REGRESSION", "INCONCLUSIVE"),
        ("REGRESSION", "REGRESSION", "REGRESSION"),
        ("PASS", "FLOOR_FAIL", "INCONCLUSIVE"),
    ],
)
def test_a_verdict_holds_with_and_without_what_failed_or_is_open(complete, worst, held):
    assert under_both(complete, worst) == held


def test_estimates_cover_every_metric_overall_and_by_slice():
    found = estimates(made(), suite(EVERY))
    overall = {e.metric: e for e in found if e.slice is None}
    assert set(overall) == {"answer", "latency_s", "latency_p50", "latency_p95"}
    assert (overall["answer"].fixed, overall["answer"].broken, overall["answer"].n) == (40, 4, 400)
    assert overall["answer"].base_low < overall["answer"].base < overall["answer"].base_high
    assert overall["answer"].p_adjusted is None
    sliced = [e for e in found if e.slice is not None]
    assert {(e.metric, e.slice.by, e.slice.value) for e in sliced} >= {
        ("answer", "intent", "a"),
        ("answer", "intent", "b"),
    }
    assert all(e.metric == "answer" for e in sliced), "costs are shown overall only"
    assert all(e.p_adjusted >= e.p for e in sliced)


def test_an_estimate_that_cannot_be_has_a_reason_and_no_number():
    none = comparison({"answer": ([None] * 5, [1.0] * 5)})
    (only,) = estimates(none, suite(EVERY[:1]))
    assert (only.n, only.delta, only.low, only.p) == (0, None, None, None)
    assert only.because == "no case has a value in both arms"
    failed = comparison({"answer": ([FAILED] * 5, [1.0] * 5)})
    assert "5 cases had a failed call" in estimates(failed, suite(EVERY[:1]))[0].because


def test_small_intersections_show_their_count_only():
    tags = {"a": ["x"] * 90 + ["y"] * 10}
    small = comparison({"answer": ([1.0] * 100, [1.0] * 100)}, tags=tags)
    crossed = comparison(
        {"answer": ([1.0] * 100, [1.0] * 100)}, tags=tags, levels={"a*b": ("x*1",) * 90 + ("y*1",) * 10}
    )
    assert all(e.base is not None for e in estimates(small, suite(EVERY[:1])))
    hidden = next(e for e in estimates(crossed, suite(EVERY[:1])) if e.slice and e.slice.value == "y*1")
    assert (hidden.n, hidden.base, hidden.delta) == (10, None, None)
    assert "fewer than min_n 30: not shown" in hidden.because


def test_lower_is_better_estimates_keep_their_direction():
    base, candidate = paired(200, fixed=40)
    found = estimates(comparison({"answer": (base, candidate)}, lower=["answer"]), suite(EVERY[:1]))[0]
    assert found.delta == pytest.approx(0.2)
    assert found.low < 0.2 < found.high
    assert found.base_low < found.base < found.base_high
    assert (found.fixed, found.broken) == (0, 40)
