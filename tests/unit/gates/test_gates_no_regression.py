import pytest
from planted_comparisons import FAILED, comparison, paired


def only(findings):
    assert len(findings) == 1
    return findings[0]


def test_an_unchanged_model_passes(judge):
    found = only(judge(comparison({"answer": paired(400)}), {"type": "no_regression", "metric": "answer"}))
    assert found.state == "PASS"
    assert "equivalent" in found.flags
    assert found.because.endswith("a drop of 2 points or more is ruled out.")


def test_a_planted_drop_is_a_regression_and_names_what_broke(judge):
    found = only(judge(comparison({"answer": paired(400, broken=40)}), {"type": "no_regression", "metric": "answer"}))
    assert (found.state, found.broken, found.fixed) == ("REGRESSION", 40, 0)
    assert "material" in found.flags
    assert found.examples[:2] == ("c0000", "c0001")
    assert found.delta == pytest.approx(-0.1)
    assert found.high < 0 < found.n_needed


@pytest.mark.parametrize(
    ("right", "lower", "guards"), [(0, [], False), (7, [], False), (8, [], True), (400, ["answer"], False)]
)
def test_a_base_with_nothing_to_lose_cannot_pass(judge, right, lower, guards):
    made = comparison({"answer": paired(400, right=right)}, lower=lower)
    found = only(judge(made, {"type": "no_regression", "metric": "answer", "margin": 0.02}))
    assert found.state == ("PASS" if guards else "INCONCLUSIVE")
    assert ("nothing_to_lose" in found.flags) is not guards
    assert ("this gate guards nothing" in found.because) is not guards


def test_a_margin_of_more_than_half_the_scale_is_told_to_guard_nothing(judge):
    made = comparison({"answer": paired(100, broken=32, right=48)})
    found = only(judge(made, {"type": "no_regression", "metric": "answer", "margin": 0.9}))
    assert (found.state, "guards_nothing" in found.flags) == ("PASS", True)
    assert "so this gate guards nothing" in found.because


def test_a_harmless_change_is_ignored(judge):
    made = comparison({"answer": paired(2000, fixed=20, broken=20)})
    assert only(judge(made, {"type": "no_regression", "metric": "answer"})).state == "PASS"


def test_what_cannot_be_told_says_what_it_takes(judge):
    made = comparison({"answer": paired(100, fixed=5, broken=5)})
    found = only(judge(made, {"type": "no_regression", "metric": "answer"}))
    assert found.state == "INCONCLUSIVE"
    assert "underpowered" in found.flags
    assert f"{found.n_needed:,} are needed for 2 points" in found.because
    assert found.mde > found.margin


def test_a_small_proven_drop_within_the_margin_is_tolerated_and_flagged(judge):
    made = comparison({"answer": paired(4000, broken=20)})
    found = only(judge(made, {"type": "no_regression", "metric": "answer", "margin": 0.02}))
    assert found.state == "PASS"
    assert "tolerated_drop" in found.flags
    assert "a smaller one is proven" in found.because


def test_lower_is_better_turns_the_verdict_not_the_figures(judge):
    base, candidate = paired(400, fixed=40)
    made = comparison({"answer": (base, candidate)}, lower=["answer"])
    found = only(judge(made, {"type": "no_regression", "metric": "answer"}))
    assert found.state == "REGRESSION"
    assert found.delta == pytest.approx(0.1)
    assert 0 < found.low < found.high
    assert (found.fixed, found.broken) == (0, 40)
    assert "rise of 2 points" in found.because
    better = comparison({"answer": (candidate, base)}, lower=["answer"])
    assert only(judge(better, {"type": "no_regression", "metric": "answer"})).state == "IMPROVED"


def test_a_graded_metric_where_lower_is_better_keeps_its_unit(judge):
    base = [3.0 + 0.1 * (i % 7) for i in range(200)]
    candidate = [v + 1.0 for v in base]
    made = comparison({"edits": (base, candidate)}, lower=["edits"], graded=["edits"])
    found = only(judge(made, {"type": "no_regression", "metric": "edits", "margin": 0.5}))
    assert found.state == "REGRESSION"
    assert found.base == pytest.approx(sum(base) / 200)
    assert found.delta == pytest.approx(1.0)
    assert found.low <= 1.0 <= found.high


def test_several_metrics_give_one_finding_each_without_a_correction(judge):
    made = comparison({"answer": paired(400), "polite": paired(400, broken=40)})
    found = judge(made, {"type": "no_regression", "metric": ["answer", "polite"]})
    assert [(f.metric, f.state, f.p_adjusted) for f in found] == [
        ("answer", "PASS", None),
        ("polite", "REGRESSION", None),
    ]


def test_copies_in_one_cluster_do_not_make_a_drop_certain(judge):
    base, candidate = [1.0] * 400, [0.0] * 40 + [1.0] * 360
    alone = comparison({"answer": (base, candidate)})
    copies = comparison({"answer": (base, candidate)}, clusters=[f"t{i // 40}" for i in range(400)])
    gate = {"type": "no_regression", "metric": "answer"}
    assert only(judge(alone, gate)).state == "REGRESSION"
    found = only(judge(copies, gate))
    assert (found.state, found.n, found.n_clusters) == ("INCONCLUSIVE", 400, 10)


def test_a_metric_nobody_measured_is_invalid_with_the_nearest_name(judge):
    found = only(judge(comparison({"answer": paired(50)}), {"type": "no_regression", "metric": "answr"}))
    assert found.state == "INVALID"
    assert "did you mean 'answer'?" in found.because


def test_a_metric_one_arm_lacks_is_invalid(judge):
    made = comparison({"answer": ([1.0] * 40, [None] * 40)})
    found = only(judge(made, {"type": "no_regression", "metric": "answer"}))
    assert found.state == "INVALID"
    assert "the candidate has no value" in found.because


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_cases_never_pass(judge, n):
    found = only(judge(comparison({"answer": ([1.0] * n, [1.0] * n)}), {"type": "no_regression", "metric": "answer"}))
    assert found.state == "INCONCLUSIVE"
    assert found.low < found.high


def test_all_cases_broken_is_a_regression_with_finite_figures(judge):
    made = comparison({"answer": ([1.0] * 60, [0.0] * 60)})
    found = only(judge(made, {"type": "no_regression", "metric": "answer"}))
    assert found.state == "REGRESSION"
    assert found.delta == -1.0
    assert found.high < -0.8


def test_nothing_to_compare_is_invalid(judge):
    found = only(judge(comparison({"answer": ([], [])}), {"type": "no_regression", "metric": "answer"}))
    assert found.state == "INVALID"
    assert "nothing to compare" in found.because


def test_fewer_pairs_than_the_policy_wants_is_invalid(judge):
    made = comparison({"answer": paired(20)})
    found = only(judge(made, {"type": "no_regression", "metric": "answer"}, policy={"min_pairs": 50}))
    assert found.state == "INVALID"
    assert "20 complete pairs, but the policy wants at least 50" in found.because


def test_unequal_repeats_are_averaged_within_the_case(judge):
    base = [[1.0, 1.0, 0.0]] * 100
    candidate = [[1.0, 1.0, None], [1.0, 0.0, 0.0]] * 50
    found = only(judge(comparison({"answer": (base, candidate)}), {"type": "no_regression", "metric": "answer"}))
    assert found.n == 100
    assert found.base == pytest.approx(2 / 3)
    assert found.candidate == pytest.approx((1.0 + 1 / 3) / 2)


def test_cases_that_apply_to_one_arm_only_are_counted_openly(judge):
    base = [1.0] * 200
    candidate = [None] * 30 + [1.0] * 170
    found = only(judge(comparison({"answer": (base, candidate)}), {"type": "no_regression", "metric": "answer"}))
    assert found.n == 170
    assert found.details["one_sided"] == 30
    assert "30 cases with a value in one arm only left out" in found.because


def test_failed_calls_that_could_hide_a_drop_leave_it_open(judge):
    base = [1.0] * 1000
    candidate = [FAILED] * 15 + [1.0] * 985
    made = comparison({"answer": (base, candidate)})
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.02}
    found = only(judge(made, gate))
    assert found.state == "INCONCLUSIVE"
    assert "failed_calls" in found.flags
    assert found.details["missing"]["worst_delta"] == pytest.approx(-0.015)
    assert only(judge(made, {**gate, "margin": 0.05})).state == "PASS"


def test_failed_calls_above_the_limit_are_invalid_never_wrong_answers(judge):
    made = comparison({"answer": ([1.0] * 100, [FAILED] * 5 + [1.0] * 95)})
    found = only(judge(made, {"type": "no_regression", "metric": "answer"}))
    assert found.state == "INVALID"
    assert "5.0% of the candidate's answers" in found.because


GATE = {"type": "no_regression", "metric": "answer", "margin": 0.05}


@pytest.mark.parametrize(("n", "margin"), [(60, 0.05), (60, 0.03), (300, 0.01)])
def test_what_cannot_be_told_on_unchanged_cases_needs_more_of_them(judge, n, margin):
    found = only(judge(comparison({"answer": paired(n)}), {**GATE, "margin": margin}))
    assert (found.state, found.n_needed > n) == ("INCONCLUSIVE", True)
    assert f"about {found.n_needed:,} are needed" in found.because
    enough = only(judge(comparison({"answer": paired(found.n_needed)}), {**GATE, "margin": margin}))
    assert enough.state == "PASS"


def test_a_single_case_can_tell_no_difference_and_says_so(judge):
    found = only(judge(comparison({"answer": ([1.0], [0.0])}), GATE))
    assert "1 case can tell no difference at all" in found.because


def test_a_measured_metric_that_one_arm_lacks_is_named_as_such(judge):
    made = comparison({"answer": paired(50)})
    found = only(judge(made, {**GATE, "metric": "latency_s", "margin": 0.5}))
    assert found.state == "INVALID"
    assert found.because == "latency_s is not known for both arms: the answers of one or both do not carry it."
