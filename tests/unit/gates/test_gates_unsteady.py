"""No "not worse" of a mean whose answers became a matter of luck, and none of it where the mean itself explains it."""

import numpy as np
import pytest
from planted_comparisons import FAILED, comparison

GATE = {"type": "no_regression", "metric": "answer", "margin": 0.1}
ALWAYS = [[1.0] * 5 if i % 5 else [0.0] * 5 for i in range(200)]
LUCK = [[float((i + k) % 5 != 0) for k in range(5)] for i in range(200)]


def test_always_right_on_80_percent_against_right_80_percent_of_the_time_is_not_a_pass(judge):
    (found,) = judge(comparison({"answer": (ALWAYS, LUCK)}), GATE, repeats=5)
    assert (found.state, found.flags) == ("INCONCLUSIVE", ("unsteady",))
    assert "every repeat is right in 80.0% of the base's cases and in 0.0% of the candidate's" in found.because
    assert "flip_rate" in found.details["settle"]


@pytest.mark.parametrize("kind", ["pass_all", "pass_2", "flip_rate"])
def test_a_gate_that_looks_at_consistency_leaves_the_mean_alone(judge, kind):
    columns = {"answer": (ALWAYS, LUCK), f"answer.{kind}": ([1.0] * 200, [1.0] * 200)}
    found = judge(comparison(columns), GATE, {**GATE, "metric": f"answer.{kind}"}, repeats=5)
    assert found[0].state == "PASS"


def test_another_metrics_gate_on_consistency_excuses_nothing(judge):
    columns = {"answer": (ALWAYS, LUCK), "other.pass_all": ([1.0] * 200, [1.0] * 200)}
    found = judge(comparison(columns), GATE, {**GATE, "metric": "other.pass_all"}, repeats=5)
    assert "unsteady" in found[0].flags


@pytest.mark.parametrize("arms", [(LUCK, ALWAYS), (LUCK, LUCK), (ALWAYS, ALWAYS)])
def test_a_candidate_that_is_as_steady_passes(judge, arms):
    (found,) = judge(comparison({"answer": arms}), GATE, repeats=5)
    assert found.state == "PASS"


def test_a_tolerated_drop_that_falls_on_single_repeats_is_no_luck(judge):
    """2 points of the mean are up to 10 points of five repeats all right: the margin on the mean allowed them."""
    base = [[1.0] * 5 for _ in range(2000)]
    slip = [[0.0] + [1.0] * 4 if i < 200 else [1.0] * 5 for i in range(2000)]
    (found,) = judge(comparison({"answer": (base, slip)}), {**GATE, "margin": 0.05}, repeats=5)
    assert found.state == "PASS"


def test_where_less_is_better_a_pass_is_a_zero(judge):
    flipped = [[[1.0 - v for v in row] for row in arm] for arm in (ALWAYS, LUCK)]
    (found,) = judge(comparison({"answer": tuple(flipped)}, lower=["answer"]), GATE, repeats=5)
    assert found.flags == ("unsteady",)


def test_failed_calls_alone_make_no_luck(judge):
    holes = [[*row[:4], FAILED] for row in ALWAYS]
    (found,) = judge(comparison({"answer": (ALWAYS, holes)}), GATE, repeats=5, policy={"max_error_rate": 1.0})
    assert "unsteady" not in found.flags


def test_one_lucky_slice_of_forty_is_not_accused_by_chance(judge):
    """Forty slices under alarm are forty looks: what one look would call proven is not enough."""
    rng, told = np.random.default_rng(4), 0
    rows = [[float(v) for v in row] for row in rng.random((1200, 3)) < 0.8]
    again = [[float(v) for v in row] for row in rng.random((1200, 3)) < 0.8]
    tags = {"g": [f"g{i % 40}" for i in range(1200)]}
    found = judge(comparison({"answer": (rows, again)}, tags=tags), {**GATE, "slices": ["g"]}, repeats=3)
    told = sum("unsteady" in one.flags for one in found)
    assert len(found) == 40
    assert told == 0
