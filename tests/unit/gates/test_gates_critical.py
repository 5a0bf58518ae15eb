import pytest
from planted_comparisons import FAILED, comparison

GATE = {"type": "critical", "tag": "critical"}


def only(findings):
    assert len(findings) == 1
    return findings[0]


def cases(base, candidate, **more):
    tagged = ["true"] * len(base)
    rest = [1.0] * 20
    return comparison(
        {"answer": (list(base) + rest, list(candidate) + rest)},
        tags={"critical": [*tagged, *["false"] * 10, *[None] * 10]},
        **more,
    )


def test_one_broken_critical_case_fails_and_is_named(judge):
    found = only(judge(cases([1, 1, 1], [1, 0, 1]), GATE))
    assert (found.state, found.broken, found.examples) == ("CRITICAL_FAIL", 1, ("c0001",))
    assert found.because == (
        "1 of 3 cases tagged critical that the base passes on answer, the candidate breaks: c0001."
    )


def test_all_that_passed_still_pass(judge):
    found = only(judge(cases([1, 1, 0], [1, 1, 0]), GATE))
    assert (found.state, found.n, found.broken) == ("PASS", 3, 0)


def test_what_the_base_fails_is_not_guarded_and_a_case_outside_the_tag_may_break(judge):
    made = comparison({"answer": ([0, 1, 1], [0, 1, 0])}, tags={"critical": ["yes", "yes", "no"]})
    assert only(judge(made, GATE)).state == "PASS"


def test_a_base_that_passes_none_guards_nothing(judge):
    found = only(judge(cases([0, 0], [0, 1]), GATE))
    assert found.state == "INCONCLUSIVE"
    assert "nothing is guarded" in found.because


@pytest.mark.parametrize(("tag", "n"), [("risk=high", 2), ("risk", 3)])
def test_a_tag_may_ask_for_a_value(judge, tag, n):
    made = comparison({"answer": ([1, 1, 1, 1], [1, 1, 1, 0])}, tags={"risk": ["high", "high", "low", None]})
    found = only(judge(made, {**GATE, "tag": tag}))
    assert (found.state, found.n) == ("PASS", n)


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("critcal", "did you mean 'critical'?"),
        ("critical=never", "values of critical are: false, true"),
    ],
)
def test_a_tag_no_case_has_is_invalid(judge, tag, sentence):
    found = only(judge(cases([1], [1]), {**GATE, "tag": tag}))
    assert found.state == "INVALID"
    assert sentence in found.because


def test_a_tag_that_always_says_no_is_invalid(judge):
    made = comparison({"answer": ([1], [1])}, tags={"critical": ["false"]})
    assert "says no on every case" in only(judge(made, GATE)).because


def test_every_repeat_must_pass(judge):
    found = only(judge(cases([[1, 1], [1, 1]], [[1, 1], [1, 0]]), GATE))
    assert (found.state, found.examples) == ("CRITICAL_FAIL", ("c0001",))


def test_a_failed_call_is_neither_broken_nor_safe(judge):
    found = only(judge(cases([1, 1], [FAILED, 1]), GATE, policy={"max_error_rate": 0.5}))
    assert (found.state, found.broken, found.n) == ("INCONCLUSIVE", 0, 1)
    assert found.details["open"] == ["c0000"]
    both = only(judge(cases([1, 1], [FAILED, 0]), GATE, policy={"max_error_rate": 0.5}))
    assert (both.state, both.examples) == ("CRITICAL_FAIL", ("c0001",))


def test_a_case_that_the_base_has_no_value_on_and_the_candidate_fails_stays_open(judge):
    found = only(judge(cases([None, 1], [0, 1]), GATE))
    assert (found.state, found.broken, found.flags) == ("INCONCLUSIVE", 0, ("one_sided",))
    assert found.details["open"] == ["c0000"]
    assert "got no value in the base and is failed by the candidate: c0000" in found.because
    assert only(judge(cases([None, 1], [1, 1]), GATE)).state == "PASS", "what it passes it does not break"


def test_every_yes_no_main_metric_counts_by_default(judge):
    made = comparison(
        {"answer": ([1], [1]), "polite": ([1], [0]), "length": ([9.0], [3.0]), "answer.part": ([1], [0])},
        tags={"critical": ["1"]},
        graded=["length"],
    )
    assert [(f.metric, f.state) for f in judge(made, GATE)] == [("answer", "PASS"), ("polite", "CRITICAL_FAIL")]
    (graded,) = judge(made, {**GATE, "metrics": ["length"]})
    assert (graded.state, "graded" in graded.because) == ("INVALID", True)
    (unknown,) = judge(made, {**GATE, "metrics": ["polit"]})
    assert "did you mean 'polite'?" in unknown.because


def test_a_metric_that_does_not_apply_to_the_tagged_cases_is_not_asked(judge):
    made = comparison({"answer": ([1, 1], [1, 1]), "calls": ([None, 1], [None, 1])}, tags={"critical": ["1", None]})
    assert [(f.metric, f.state) for f in judge(made, GATE)] == [("answer", "PASS")]
    (named,) = judge(made, {**GATE, "metrics": ["calls"]})
    assert (named.state, named.because) == ("INVALID", "calls applies to no case tagged critical.")


def test_a_metric_on_which_the_base_passes_nothing_is_only_listed_beside_one_that_guards(judge):
    made = comparison({"answer": ([1, 1], [1, 1]), "calls": ([0, 0], [0, 1])}, tags={"critical": ["1", "1"]})
    assert [(f.metric, f.state) for f in judge(made, GATE)] == [("answer", "PASS"), ("calls", "TOO_SMALL")]


def test_where_lower_is_better_a_case_passes_at_zero(judge):
    made = comparison({"answer": ([0, 1], [1, 1])}, tags={"critical": ["1", "1"]}, lower=["answer"])
    found = only(judge(made, GATE))
    assert (found.state, found.examples, found.base) == ("CRITICAL_FAIL", ("c0000",), 0.5)


def test_cases_that_nothing_guards_are_listed(judge):
    """The base passes the second in two of three repeats, the third never: neither could break."""
    base = [[1, 1, 1], [1, 1, 0], [0, 0, 0]]
    found = only(judge(comparison({"answer": (base, base)}, tags={"critical": ["yes"] * 3}), GATE))
    assert (found.state, found.details["guarded"]) == ("PASS", 1)
    assert (found.details["unguarded"], found.details["unguarded_total"]) == (["c0001", "c0002"], 2)
    assert found.because.endswith(
        "2 tagged cases are guarded by nothing, for the base does not always pass them: c0001, c0002."
    )


def test_where_every_case_is_guarded_nothing_is_said_of_it(judge):
    found = only(judge(cases([1, 1, 1], [1, 1, 1]), GATE))
    assert found.details["unguarded"] == []
    assert "guarded by nothing" not in found.because


def test_cases_that_the_base_passes_now_and_then_may_not_all_die_unseen(judge):
    """Nothing guards them, but 12 of 12 that fell are more than chance."""
    now_and_then, dead = [[1.0, 1.0, 0.0]] * 12, [[0.0, 0.0, 0.0]] * 12
    found = only(judge(cases([[1.0] * 3] * 8 + now_and_then, [[1.0] * 3] * 8 + dead), GATE, repeats=3))
    assert (found.state, found.flags) == ("INCONCLUSIVE", ("looks_worse",))
    assert "12 cases fell and 0 rose, beyond chance" in found.because
    assert "no_regression" in found.details["settle"]
    alone = only(judge(cases(now_and_then, dead), GATE, repeats=3))
    assert alone.state == "INCONCLUSIVE"


def test_cases_that_waver_in_both_arms_are_only_listed(judge):
    one, other = [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]
    base, candidate = [[1.0] * 3] * 8 + [one, other] * 6, [[1.0] * 3] * 8 + [other, one] * 6
    found = only(judge(cases(base, candidate), GATE, repeats=3))
    assert (found.state, found.details["unguarded_total"]) == ("PASS", 12)
    few = only(judge(cases([[1.0] * 3] * 8 + [one] * 5, [[1.0] * 3] * 8 + [other] * 5), GATE, repeats=3))
    assert few.state == "PASS", "5 all one way come by chance in 3 % of runs"
