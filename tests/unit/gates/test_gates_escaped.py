"""A metric that answers may escape: what is left over must not speak for everything."""

import pytest
from planted_comparisons import FAILED, comparison

NO_REGRESSION = {"type": "no_regression", "metric": "answer", "margin": 0.15}
MUST_IMPROVE = {"type": "must_improve", "metric": "answer"}
REQUIRED = {**NO_REGRESSION, "slices": ["intent"], "mode": "require"}
ALARM = {**NO_REGRESSION, "slices": ["intent"]}


def compared(called, *, n=200, base=0.0, candidate=1.0, who="candidate", **more):
    """One arm has a value everywhere, the other in the first `called` cases only."""
    some = [candidate if i < called else None for i in range(n)]
    arms = ([base] * n, some) if who == "candidate" else (some, [base] * n)
    return comparison({"answer": arms}, **more)


def only(findings):
    assert len(findings) == 1
    return findings[0]


@pytest.mark.parametrize("gate", [NO_REGRESSION, MUST_IMPROVE])
def test_a_candidate_that_hardly_answers_does_not_pass_on_what_it_answered(judge, gate):
    found = only(judge(compared(30), gate))
    assert (found.state, found.flags, found.n) == ("INCONCLUSIVE", ("one_sided",), 30)
    assert (
        "170 cases have a value in one arm only, more than max_error_rate 2%: the 30 pairs left cannot speak for them"
        in found.because
    )
    assert found.details["one_sided"] == 170


@pytest.mark.parametrize("gate", [NO_REGRESSION, MUST_IMPROVE])
def test_a_few_cases_apart_change_nothing(judge, gate):
    assert only(judge(compared(196), gate)).state == "IMPROVED"
    assert only(judge(compared(195), gate)).state == "INCONCLUSIVE", "5 of 200 are more than 2 %"
    assert only(judge(compared(150), gate, policy={"max_error_rate": 0.3})).state == "IMPROVED"


def test_more_cases_of_the_same_kind_would_not_tell_so_no_number_is_named(judge):
    """200 unchanged pairs would pass; what is missing is not n."""
    made = compared(100, base=1.0)
    found = only(judge(made, NO_REGRESSION))
    assert (found.state, found.mde, found.n_needed) == ("INCONCLUSIVE", None, None)
    assert "are needed" not in found.because
    assert "gate on a metric that every case has" in found.because


def test_a_base_that_hardly_answered_is_no_yardstick_either(judge):
    assert only(judge(compared(100, base=1.0, who="base"), NO_REGRESSION)).state == "INCONCLUSIVE"


@pytest.mark.parametrize(("gate", "state"), [(NO_REGRESSION, "REGRESSION"), (MUST_IMPROVE, "REGRESSION")])
def test_harm_among_the_pairs_that_are_left_is_still_harm(judge, gate, state):
    assert only(judge(compared(100, base=1.0, candidate=0.0), gate)).state == state


def test_a_required_slice_is_not_proven_by_the_few_that_answered_in_it(judge):
    """Group b answers everywhere, group a in a third: only a cannot be told."""
    made = compared(200, base=1.0, tags={"intent": ["a"] * 100 + ["b"] * 100})
    assert [f.state for f in judge(made, REQUIRED)] == ["PASS", "PASS"]
    some = [1.0 if i >= 65 else None for i in range(200)]
    made = comparison({"answer": ([1.0] * 200, some)}, tags={"intent": ["a"] * 100 + ["b"] * 100})
    found = judge(made, REQUIRED, {**REQUIRED, "margin": 0.2})
    assert [f.state for f in found] == ["INCONCLUSIVE", "PASS"] * 2
    assert found[0].flags == ("one_sided",)
    assert "65 cases have a value in one arm only" in found[0].because
    assert "one_sided" not in found[1].details


def test_an_alarm_that_answers_escaped_does_not_pass_where_they_may_hide_a_drop(judge):
    made = compared(120, base=1.0, tags={"intent": ["a"] * 200})
    found = only(judge(made, ALARM))
    assert (found.state, found.flags) == ("INCONCLUSIVE", ("one_sided", "alarm"))
    assert "80 cases have a value in one arm only" in found.because


def test_an_alarm_is_undecided_where_too_few_escaped_to_hide_a_drop(judge):
    made = compared(35, n=40, base=1.0, tags={"intent": ["a"] * 40})
    found = only(judge(made, ALARM))
    assert (found.state, found.flags) == ("PASS", ("alarm", "undecided", "one_sided"))
    assert "5 cases have a value in one arm only" in found.because


@pytest.mark.parametrize("allowed", [0.02, 1.0])
@pytest.mark.parametrize("n", [5, 40])
def test_an_alarm_does_not_pass_a_slice_that_vanished_in_the_candidate(judge, n, allowed):
    """A base that was always wrong cannot get worse, yet nothing at all was compared."""
    made = compared(40, n=40 + n, candidate=0.0, tags={"intent": ["b"] * 40 + ["a"] * n})
    found = next(
        f for f in judge(made, {**ALARM, "min_n": 5}, policy={"max_error_rate": allowed}) if f.slice.value == "a"
    )
    assert (found.state, found.flags, found.n) == ("INCONCLUSIVE", ("one_sided", "alarm"), 0)
    assert f"each of {n} cases has a value in one arm only, so nothing was compared; to settle it" in found.because


@pytest.mark.parametrize("gate", [ALARM, REQUIRED])
def test_a_slice_that_loses_more_answers_is_not_excused_by_its_size(judge, gate):
    """29 pairs are fewer than min_n, 31 are not; the slice has a hundred cases either way."""
    found = [only(judge(compared(n, n=100, base=1.0, tags={"intent": ["a"] * 100}), gate)) for n in (0 + 29, 31)]
    assert [one.state for one in found] == ["INCONCLUSIVE"] * 2


def test_a_fairness_gate_is_not_acquitted_by_a_group_that_escaped(judge):
    gate = {"type": "fairness", "metrics": ["answer"], "slices": ["gender"], "max_change": 0.1}
    gender = {"gender": ["f", "m"] * 300}
    whole = comparison({"answer": ([1.0] * 600, [1.0] * 600)}, tags=gender)
    assert {f.state for f in judge(whole, gate)} == {"PASS"}
    some = [None if i % 2 == 0 and i < 300 else 1.0 for i in range(600)]
    found = {f.slice.value: f for f in judge(comparison({"answer": ([1.0] * 600, some)}, tags=gender), gate)}
    assert (found["f"].state, found["f"].flags) == ("INCONCLUSIVE", ("one_sided",))
    assert "150 cases have a value in one arm only" in found["f"].because


def test_a_critical_case_that_escapes_has_not_passed(judge):
    gate = {"type": "critical", "tag": "critical", "metrics": ["answer"]}
    tags = {"critical": ["true"] * 4 + ["false"] * 16}
    found = only(judge(comparison({"answer": ([1.0] * 20, [1.0, None, *[1.0] * 18])}, tags=tags), gate))
    assert (found.state, found.flags) == ("INCONCLUSIVE", ("one_sided",))
    assert found.because == (
        "none of 3 cases tagged critical that the base passes on answer is broken, but 1 case got no value in the "
        "candidate: c0001; to settle it: gate on a metric that every case has, or see why one arm gives such answers "
        "nothing to judge."
    )
    both = only(judge(comparison({"answer": ([1.0] * 20, [FAILED, None, *[1.0] * 18])}, tags=tags), gate,
                      policy={"max_error_rate": 0.1}))  # fmt: skip
    assert both.flags == ("failed_calls", "one_sided")
    assert "2 cases had a failed call or got no value in the candidate: c0000, c0001;" in both.because
    broken = only(judge(comparison({"answer": ([1.0] * 20, [0.0, None, *[1.0] * 18])}, tags=tags), gate))
    assert broken.state == "CRITICAL_FAIL"
    unguarded = only(judge(comparison({"answer": ([0.0] * 2 + [1.0] * 18, [None] * 2 + [1.0] * 18)}, tags=tags), gate))
    assert unguarded.state == "PASS", "the base does not pass these cases either"


def test_a_floor_counts_what_escaped_against_the_candidate(judge):
    gate = {"type": "floor", "metric": "answer", "min": 0.9}
    found = only(judge(compared(30), gate))
    assert (found.state, found.flags, found.n) == ("INCONCLUSIVE", ("one_sided",), 30)
    assert "that the candidate gave less to judge than the base counted against it" in found.because
    few = only(judge(comparison({"answer": ([1.0] * 100, [None] * 5 + [1.0] * 95)}), gate))
    assert (few.state, few.n) == ("PASS", 95), "with five more wrong it is 95 % still"
    both = only(judge(comparison({"answer": ([None] * 70 + [1.0] * 30, [None] * 70 + [1.0] * 30)}), gate))
    assert both.state == "PASS", "what applies to neither arm is no escape"
    most = only(judge(comparison({"answer": ([0.0] * 100, [None] * 40 + [0.0] * 60)}, lower=["answer"]),
                      {"type": "floor", "metric": "answer", "max": 0.2}))  # fmt: skip
    assert most.state == "INCONCLUSIVE"


def test_failed_calls_are_no_escape(judge):
    made = comparison({"answer": ([1.0] * 1000, [FAILED] * 10 + [1.0] * 990)})
    found = only(judge(made, NO_REGRESSION))
    assert found.state == "PASS"
    assert "one_sided" not in found.details
