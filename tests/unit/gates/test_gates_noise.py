import numpy as np
import pytest
from planted_comparisons import comparison, paired

from evalkit.gates.noise import noise_floors
from evalkit.gates.outcome import outcome
from evalkit.suite.spec import PolicySpec


def rerun(n=400, flips=0.05, seed=0):
    """A base compared with itself at a temperature: `flips` of the cases answer otherwise."""
    rng = np.random.default_rng(seed)
    one = (rng.random(n) < 0.7).astype(float)
    other = np.where(rng.random(n) < flips, 1.0 - one, one)
    return comparison({"answer": (one.tolist(), other.tolist())})


def test_the_floor_is_the_far_end_of_the_interval_against_itself():
    (floor,) = noise_floors(rerun(), PolicySpec())
    assert floor.floor == max(-floor.low, floor.high)
    assert floor.flipped == pytest.approx(0.05, abs=0.03)
    assert 0.01 < floor.floor < 0.06
    assert floor.repeat_flips is None


def test_more_cases_lower_the_floor_and_more_noise_raises_it():
    def at(**how):
        return noise_floors(rerun(**how), PolicySpec())[0].floor

    assert at(n=4000) < at(n=400) < at(n=400, flips=0.3)


def test_a_margin_below_the_floor_is_refused_with_the_figure(judge):
    floors = noise_floors(rerun(), PolicySpec())
    made = comparison({"answer": paired(4000)})
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.01}
    (found,) = judge(made, gate, noise=floors)
    assert found.state == "INVALID"
    assert (
        f"the margin of 1 point on answer is below the noise floor of {100 * floors[0].floor:.3g} points"
        in found.because
    )
    assert "the base differs on" in found.because
    (wide,) = judge(made, {**gate, "margin": 0.08}, noise=floors)
    assert wide.state == "PASS"


def test_repeats_show_how_often_an_answer_flips():
    values = [[1.0, 0.0], [1.0, 1.0]] * 50
    (floor,) = noise_floors(comparison({"answer": (values, values)}), PolicySpec())
    assert floor.repeat_flips == 0.5


def test_a_metric_without_pairs_has_no_floor():
    assert noise_floors(comparison({"answer": ([None], [1.0])}), PolicySpec()) == ()


def test_slices_are_not_held_against_the_floor_of_all_cases(judge):
    """A slice is smaller than what the floor was measured on: its own interval decides, as an alarm or as required."""
    floors = noise_floors(rerun(), PolicySpec())
    base, candidate = paired(4000)
    made = comparison({"answer": (base, candidate)}, tags={"intent": ["a", "b"] * 2000})
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.01, "slices": ["intent"]}
    for mode in ("alarm", "require"):
        found = judge(made, {**gate, "mode": mode}, noise=floors)
        assert [f.state for f in found] == ["PASS", "PASS"]


def test_a_gate_of_several_metrics_is_refused_for_the_one_that_is_too_noisy(judge):
    floors = noise_floors(rerun(), PolicySpec())
    made = comparison({"quiet": paired(4000), "answer": paired(4000)})
    found = judge(made, {"type": "no_regression", "metric": ["quiet", "answer"], "margin": 0.01}, noise=floors)
    assert [(f.metric, f.state) for f in found] == [("quiet", "PASS"), ("answer", "INVALID")]


@pytest.mark.parametrize("margin", [0.01, 0.02])
def test_a_proven_regression_stays_one_under_any_noise_run(judge, margin):
    floors = noise_floors(rerun(flips=0.5), PolicySpec())
    assert floors[0].floor > 0.02
    made = comparison({"answer": paired(400, broken=60)})
    gate = {"type": "no_regression", "metric": "answer", "margin": margin}
    (plain,), (found,) = judge(made, gate), judge(made, gate, noise=floors)
    assert found.state == "REGRESSION"
    assert found == plain
    assert outcome([found], PolicySpec()) == "FAIL"


def test_a_refused_margin_does_not_hide_what_another_gate_proves(judge):
    floors = noise_floors(rerun(), PolicySpec())
    made = comparison({"answer": paired(400), "other": paired(400, broken=60)})
    found = judge(made, *({"type": "no_regression", "metric": m, "margin": 0.02} for m in made.columns), noise=floors)
    assert [f.state for f in found] == ["INVALID", "REGRESSION"]
    assert "below_noise" in found[0].flags
    assert "without the noise run it would be" in found[0].because
    assert outcome(found, PolicySpec()) == "FAIL"
    assert outcome(found[:1], PolicySpec()) == "INVALID"


@pytest.mark.parametrize("n", [5, 60, 400])
def test_a_model_that_never_differs_from_itself_has_no_noise(judge, n):
    values = [float(i % 4 > 0) for i in range(n)]
    floors = noise_floors(comparison({"answer": (values, values)}), PolicySpec())
    assert [(f.floor, f.flipped) for f in floors] == [(0.0, 0.0)]
    made = comparison({"answer": paired(4000)})
    (found,) = judge(made, {"type": "no_regression", "metric": "answer", "margin": 0.001}, noise=floors)
    assert found.state != "INVALID"
