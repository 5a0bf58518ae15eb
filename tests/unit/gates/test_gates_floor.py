import pytest
from planted_comparisons import FAILED, comparison


def only(findings):
    assert len(findings) == 1
    return findings[0]


def made(passed, n, **more):
    values = [1.0] * passed + [0.0] * (n - passed)
    return comparison({"answer": (values, values)}, **more)


def floor(**limits):
    return {"type": "floor", "metric": "answer", **limits}


@pytest.mark.parametrize(("passed", "state"), [(95, "PASS"), (94, "FLOOR_FAIL")])
def test_a_point_floor_compares_the_value(judge, passed, state):
    found = only(judge(made(passed, 100), floor(min=0.95)))
    assert (found.state, found.candidate) == (state, passed / 100)


@pytest.mark.parametrize(("limit", "n"), [(0.90, 29), (0.95, 59), (0.99, 299)])
def test_zero_failures_prove_a_floor_from_the_binomials_n_on(judge, limit, n):
    gate = floor(min=limit, basis="proven")
    assert only(judge(made(n, n), gate)).state == "PASS"
    found = only(judge(made(n - 1, n - 1), gate))
    assert (found.state, found.n_needed) == ("FLOOR_FAIL", n)
    assert "is met but not proven" in found.because
    assert "unproven" in found.flags


def test_a_proven_floor_uses_the_lower_bound(judge):
    found = only(judge(made(960, 1000), floor(min=0.95, basis="proven")))
    assert found.details["bound_low"] == pytest.approx(0.9484, abs=1e-3)
    assert found.state == "FLOOR_FAIL"
    assert found.n_needed > 1000
    assert only(judge(made(970, 1000), floor(min=0.95, basis="proven"))).state == "PASS"


def test_copies_prove_no_more_than_their_clusters(judge):
    gate = floor(min=0.95, basis="proven")
    assert only(judge(made(60, 60), gate)).state == "PASS"
    found = only(judge(made(60, 60, clusters=[f"t{i // 6}" for i in range(60)]), gate))
    assert (found.state, found.n_clusters) == ("FLOOR_FAIL", 10)


def test_a_maximum_holds_where_lower_is_better(judge):
    values = [1.0] * 2 + [0.0] * 98
    harmless = comparison({"answer": (values, values)}, lower=["answer"])
    assert only(judge(harmless, floor(max=0.05))).state == "PASS"
    found = only(judge(harmless, floor(max=0.01)))
    assert (found.state, found.candidate) == ("FLOOR_FAIL", 0.02)
    assert "it must be at most 1.0%" in found.because
    clean = comparison({"answer": ([0.0] * 299, [0.0] * 299)}, lower=["answer"])
    assert only(judge(clean, floor(max=0.01, basis="proven"))).state == "PASS"
    fewer = comparison({"answer": ([0.0] * 298, [0.0] * 298)}, lower=["answer"])
    assert only(judge(fewer, floor(max=0.01, basis="proven"))).n_needed == 299


def test_a_graded_floor_is_proven_by_the_interval_of_the_mean(judge):
    values = [4.0 + 0.1 * (i % 5) for i in range(100)]
    graded = comparison({"answer": (values, values)}, graded=["answer"])
    assert only(judge(graded, floor(min=4.1, basis="proven"))).state == "PASS"
    assert only(judge(graded, floor(min=4.19, basis="proven"))).state == "FLOOR_FAIL"


def test_slices_have_floors_and_small_ones_are_too_small(judge):
    values = [1.0] * 150 + [0.0] * 30 + [1.0] * 5
    tags = {"intent": ["a"] * 100 + ["b"] * 80 + ["tiny"] * 5}
    found = judge(comparison({"answer": (values, values)}, tags=tags), floor(min=0.9, slices=["intent"]))
    assert [(f.slice.value, f.state) for f in found] == [("a", "PASS"), ("b", "FLOOR_FAIL"), ("tiny", "TOO_SMALL")]
    more = judge(
        comparison({"answer": (values, values)}, tags=tags),
        floor(min=0.9, slices=["intent"]),
        slices=[{"by": "intent", "min_n": 5}],
    )
    assert more[-1].state == "PASS"


def test_a_slice_to_which_the_metric_does_not_apply_is_not_judged(judge):
    values = [1.0] * 50 + [None] * 40
    tags = {"task": ["a"] * 50 + ["b"] * 40}
    found = judge(comparison({"answer": (values, values)}, tags=tags), floor(min=0.9, slices=["task"]))
    assert [(f.slice.value, f.state) for f in found] == [("a", "PASS"), ("b", "TOO_SMALL")]
    lost = comparison({"answer": ([1.0] * 90, [1.0] * 50 + [None] * 40)}, tags=tags)
    assert [f.state for f in judge(lost, floor(min=0.9, slices=["task"]))] == ["PASS", "INVALID"]


def test_a_floor_that_hangs_on_failed_calls_is_open(judge):
    values = [1.0] * 960 + [0.0] * 40
    made_ = comparison({"answer": (values, [FAILED] * 15 + values[15:])})
    assert only(judge(made_, floor(min=0.95))).state == "INCONCLUSIVE"
    assert only(judge(made_, floor(min=0.90))).state == "PASS"
    assert only(judge(made_, floor(min=0.99))).state == "FLOOR_FAIL"


def test_a_candidate_without_values_is_invalid(judge):
    found = only(judge(comparison({"answer": ([1.0] * 9, [None] * 9)}), floor(min=0.5)))
    assert found.state == "INVALID"
