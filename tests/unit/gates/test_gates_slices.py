"""no_regression with slices: alarms under a correction, slices that are required, slices too small to judge."""

import pytest
from planted_comparisons import FAILED, comparison

GATE = {"type": "no_regression", "metric": "answer", "margin": 0.05, "slices": ["intent"]}


def sliced(**changes):
    """Slices by name: (n, fixed, broken)."""
    base, candidate, tags = [], [], []
    for name, (n, fixed, broken) in changes.items():
        base += [1.0] * broken + [0.0] * fixed + [1.0] * (n - broken - fixed)
        candidate += [0.0] * broken + [1.0] * fixed + [1.0] * (n - broken - fixed)
        tags += [name] * n
    return comparison({"answer": (base, candidate)}, tags={"intent": tags})


def by_value(findings):
    return {finding.slice.value: finding for finding in findings}


def test_slices_give_one_finding_a_value_and_not_the_overall_one(judge):
    found = judge(sliced(a=(200, 0, 0), b=(200, 0, 0)), GATE)
    assert [(f.slice.value, f.state, f.alarm) for f in found] == [("a", "PASS", True), ("b", "PASS", True)]


def test_a_drop_planted_in_one_slice_is_found_there(judge):
    found = by_value(judge(sliced(a=(200, 10, 0), b=(200, 0, 30), c=(200, 3, 3)), GATE))
    assert found["b"].state == "REGRESSION"
    assert found["b"].examples[0] == "c0200"
    assert found["b"].p_adjusted >= found["b"].details["p_worse"]
    assert found["a"].state == "IMPROVED"
    assert found["c"].state == "PASS"
    assert "after Holm's correction over 3 slices" in found["b"].because


def test_what_looks_worse_in_one_of_many_slices_is_no_alarm_after_holm(judge):
    lonely = {"worse": (60, 0, 7)}
    many = lonely | {f"s{i:02d}": (60, 4, 4) for i in range(20)}
    assert by_value(judge(sliced(**lonely), GATE))["worse"].state == "REGRESSION"
    found = by_value(judge(sliced(**many), GATE))["worse"]
    assert found.p_adjusted > 0.025
    assert found.state in ("PASS", "TOO_SMALL")
    uncorrected = by_value(judge(sliced(**many), GATE, policy={"correction": "none"}))["worse"]
    assert (uncorrected.state, uncorrected.p_adjusted) == ("REGRESSION", None)


def test_an_alarm_that_cannot_be_told_passes_and_says_what_it_could_not_tell(judge):
    found = by_value(judge(sliced(a=(100, 10, 14), b=(100, 10, 10)), GATE))["a"]
    assert found.state == "PASS"
    assert {"alarm", "undecided"} <= set(found.flags)
    assert "not proven worse, and a drop of 5 points is not ruled out either" in found.because


def test_a_required_slice_must_be_proven_by_itself(judge):
    found = by_value(judge(sliced(a=(100, 10, 14), b=(400, 2, 2)), {**GATE, "mode": "require"}))
    assert found["a"].state == "INCONCLUSIVE"
    assert found["b"].state == "PASS"
    assert not found["a"].alarm
    assert found["a"].p_adjusted is None


@pytest.mark.parametrize(("mode", "state"), [("alarm", "TOO_SMALL"), ("require", "INCONCLUSIVE")])
def test_a_slice_below_min_n_is_listed_and_excused_by_an_alarm_alone(judge, mode, state):
    found = by_value(judge(sliced(tiny=(12, 0, 3), big=(200, 0, 0)), {**GATE, "mode": mode}))
    assert found["tiny"].state == state
    assert "12 pairs in intent=tiny, fewer than min_n 30" in found["tiny"].because
    assert found["tiny"].n == 12
    assert "looks_worse" in found["tiny"].flags
    assert found["big"].state == "PASS"


@pytest.mark.parametrize("mode", ["alarm", "require"])
@pytest.mark.parametrize("correction", ["holm", "max_t", "none"])
def test_a_slice_below_min_n_that_is_proven_worse_fails(judge, mode, correction):
    made = sliced(tiny=(29, 0, 29), big=(400, 0, 0))
    found = by_value(judge(made, {**GATE, "mode": mode}, policy={"correction": correction}))
    assert (found["tiny"].state, found["big"].state) == ("REGRESSION", "PASS")


def test_a_required_slice_says_how_many_cases_it_lacks(judge):
    (found,) = judge(sliced(tiny=(12, 0, 0)), {**GATE, "mode": "require"})
    assert (found.state, found.n_needed >= 30) == ("INCONCLUSIVE", True)
    assert "18 more cases" in found.because


def test_small_slices_count_in_the_family_only_where_they_could_reach_significance(judge):
    """Eight cases that moved may be proven among four slices, four may not."""
    found = judge(sliced(a=(200, 0, 20), b=(200, 0, 0), moved=(20, 4, 4), still=(20, 2, 2)), GATE)
    assert "over 3 slices" in by_value(found)["a"].because


def test_a_small_slice_does_not_count_in_the_family(judge):
    found = by_value(judge(sliced(a=(200, 0, 20), b=(200, 0, 0), tiny=(5, 0, 0)), GATE))
    assert "over 2 slices" in found["a"].because


def test_a_slice_where_too_few_cases_differ_is_too_small_to_raise_an_alarm(judge):
    found = by_value(judge(sliced(**{f"s{i}": (40, 1, 2) for i in range(20)}), GATE))
    assert {f.state for f in found.values()} == {"TOO_SMALL"}
    assert "no regression could be proven among 20 slices" in found["s0"].because


def test_a_required_slice_is_never_excused_for_hardly_differing(judge):
    found = by_value(judge(sliced(**{f"s{i}": (40, 1, 2) for i in range(20)}), {**GATE, "mode": "require"}))
    assert {f.state for f in found.values()} == {"INCONCLUSIVE"}


def test_cases_without_the_tag_are_a_slice_of_their_own(judge):
    made = comparison({"answer": ([1.0] * 100, [1.0] * 100)}, tags={"intent": ["a"] * 60 + [None] * 40})
    assert set(by_value(judge(made, GATE))) == {"a", "(missing)"}


def test_max_t_finds_the_planted_drop_too(judge):
    made = sliced(a=(200, 10, 0), b=(200, 0, 30), c=(200, 3, 3))
    found = by_value(judge(made, GATE, policy={"correction": "max_t"}))
    assert [found[name].state for name in "abc"] == ["IMPROVED", "REGRESSION", "PASS"]
    assert "the max-T correction over 3 slices" in found["b"].because


def test_two_gates_on_one_slice_are_one_hypothesis(judge):
    found = judge(sliced(a=(200, 0, 20), b=(200, 2, 2)), GATE, {**GATE, "margin": 0.02})
    assert {f.p_adjusted for f in found if f.slice.value == "a"} == {found[0].p_adjusted}
    assert "over 2 slices" in found[0].because


def test_alarms_of_all_metrics_and_gates_are_one_family(judge):
    base, candidate = [1.0] * 200, [0.0] * 8 + [1.0] * 192
    tags = {"intent": ["a"] * 100 + ["b"] * 100, "shop": ["x", "y"] * 100}
    made = comparison({"answer": (base, candidate), "polite": (base, base)}, tags=tags)
    gate = {"type": "no_regression", "metric": ["answer", "polite"], "margin": 0.02, "slices": ["intent"]}
    found = judge(made, gate, {**gate, "metric": "answer", "slices": ["shop"]})
    assert len(found) == 6
    worst = next(f for f in found if f.slice.value == "a" and f.metric == "answer")
    assert worst.p_adjusted == pytest.approx(6 * worst.details["p_worse"])


def test_a_tag_nobody_has_is_invalid_with_the_nearest_one(judge):
    (found,) = judge(sliced(a=(50, 0, 0)), {**GATE, "slices": ["intnet"]})
    assert found.state == "INVALID"
    assert "no case has the tag 'intnet' (did you mean 'intent'?)" in found.because


def test_a_tag_that_is_missing_everywhere_is_invalid(judge):
    made = comparison({"answer": ([1.0] * 50, [1.0] * 50)}, tags={"intent": [None] * 50})
    (found,) = judge(made, GATE)
    assert found.state == "INVALID"


def test_failed_calls_in_a_slice_cannot_raise_an_alarm_but_are_told(judge):
    base = [1.0] * 1000
    candidate = [FAILED] * 8 + [1.0] * 92 + [1.0] * 900
    made = comparison({"answer": (base, candidate)}, tags={"intent": ["a"] * 100 + ["b"] * 900})
    found = by_value(judge(made, GATE))["a"]
    assert (found.state, "failed_calls" in found.flags) == ("INCONCLUSIVE", True), "8 broken ones would be proven"
    few = [FAILED] * 4 + [1.0] * 996
    made = comparison({"answer": (base, few)}, tags={"intent": ["a"] * 100 + ["b"] * 900})
    few_found = by_value(judge(made, GATE))["a"]
    assert few_found.state == "PASS"
    assert {"failed_calls", "undecided"} <= set(few_found.flags)
    required = by_value(judge(made, {**GATE, "mode": "require"}))["a"]
    assert required.state == "INCONCLUSIVE"


def test_graded_slices_are_judged_too(judge):
    base = [0.5 + 0.001 * (i % 50) for i in range(200)]
    candidate = [v - (0.2 if i < 100 else 0.0) for i, v in enumerate(base)]
    made = comparison(
        {"answer": (base, candidate)}, tags={"intent": ["a", "b"][:1] * 100 + ["b"] * 100}, graded=["answer"]
    )
    found = by_value(judge(made, GATE))
    assert (found["a"].state, found["b"].state) == ("REGRESSION", "PASS")
    assert found["a"].broken is None
