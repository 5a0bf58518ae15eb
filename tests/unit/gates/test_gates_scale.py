"""A metric's own scale and unit: margins are in it, intervals know how much an answer can lose."""

import dataclasses

import numpy as np
import pytest
from planted_comparisons import comparison


def only(findings):
    assert len(findings) == 1
    return findings[0]


def rated(base, candidate, *, low=None, high=None, unit="", **more):
    made = comparison({"answer": (list(map(float, base)), list(map(float, candidate)))}, graded=["answer"])
    column = dataclasses.replace(made.columns["answer"], low=low, high=high, unit=unit, **more)
    return dataclasses.replace(made, columns={"answer": column})


def guard(margin, **more):
    return {"type": "no_regression", "metric": "answer", "margin": margin, **more}


STEADY = ([7.0] * 60, [7.0] * 58 + [6.0, 8.0])


def test_a_loss_that_was_not_drawn_is_not_ruled_out_on_a_declared_scale(judge):
    found = only(judge(rated(*STEADY, low=1.0, high=10.0), guard(0.2)))
    assert found.state == "INCONCLUSIVE"
    assert found.low < -0.2
    assert found.details["scale"] == [1.0, 10.0]


def test_without_a_declared_scale_the_finding_says_that_it_is_only_what_was_seen(judge):
    found = only(judge(rated(*STEADY), guard(0.2)))
    assert "its scale is only what was seen, 2 from end to end" in found.because
    assert found.details["scale"] is None
    declared = only(judge(rated(*STEADY, low=1.0, high=10.0), guard(0.2)))
    assert "only what was seen" not in declared.because


def test_a_margin_of_half_a_rating_can_pass(judge):
    rng = np.random.default_rng(1)
    base = rng.integers(4, 8, 300)
    candidate = np.clip(base + rng.choice([-1, 0, 1], 300), 1, 10)
    assert only(judge(rated(base, candidate, low=1.0, high=10.0), guard(0.5))).state == "PASS"


def test_a_margin_may_be_a_number_of_characters_or_a_share_of_the_bases_value(judge):
    rng = np.random.default_rng(2)
    base = rng.integers(280, 320, 200)
    candidate = base - rng.integers(-3, 4, 200)
    plain = only(judge(rated(base, candidate, low=0.0, unit="characters"), guard(40)))
    assert plain.state == "PASS"
    assert "drop of 40 characters" in plain.because
    share = only(judge(rated(base, candidate, low=0.0, unit="characters"), guard("5%")))
    assert share.margin == pytest.approx(0.05 * base.mean())
    assert share.state == "PASS"


def test_a_margin_wider_than_the_scale_is_invalid_and_says_what_is_allowed(judge):
    found = only(judge(rated(*STEADY, low=1.0, high=10.0), guard(12)))
    assert found.state == "INVALID"
    assert "at most 9" in found.because
    values = [1.0] * 50
    yes_no = only(judge(comparison({"answer": (values, values)}), guard(2)))
    assert (yes_no.state, "at most 1" in yes_no.because) == ("INVALID", True)


def test_a_scale_from_0_to_1_is_told_in_percent_and_every_other_in_its_unit(judge):
    values = ([0.75] * 80, [0.75] * 78 + [0.5, 1.0])
    assert "went from 75.0% to 75.0% (+0.0 points" in only(judge(rated(*values, low=0.0, high=1.0), guard(0.1))).because
    assert "a drop of 10 points" in only(judge(rated(*values, low=0.0, high=1.0), guard(0.1))).because
    assert "went from 0.75 to 0.75" in only(judge(rated(*values), guard(0.1))).because
    assert "went from 0.75 to 0.75" in only(judge(rated(*values, low=0.0, high=1.0, unit="m"), guard(0.1))).because


def test_a_share_of_nothing_is_no_margin(judge):
    found = only(judge(rated([0.0] * 40, [0.0] * 40, low=0.0, high=10.0), guard("5%")))
    assert found.state == "INVALID"
    assert "is no margin" in found.because


def test_a_value_beyond_its_scale_is_invalid(judge):
    found = only(judge(rated([7.0] * 40, [11.0] + [7.0] * 39, low=1.0, high=10.0), guard(0.5)))
    assert found.state == "INVALID"
    assert "above the high end 10" in found.because


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_scaling_a_metric_and_its_margin_scales_the_interval(judge, factor):
    rng = np.random.default_rng(3)
    base = rng.integers(1, 11, 80).astype(float)
    candidate = np.clip(base + rng.choice([-2.0, 0.0, 0.0, 1.0], 80), 1.0, 10.0)
    one = only(judge(rated(base, candidate, low=1.0, high=10.0), guard(0.5)))
    other = only(judge(rated(factor * base, factor * candidate, low=factor, high=10.0 * factor), guard(0.5 * factor)))
    assert one.state == other.state
    assert (factor * one.low, factor * one.high) == pytest.approx((other.low, other.high), rel=1e-6)


def test_swapping_the_arms_mirrors_the_interval(judge):
    rng = np.random.default_rng(4)
    base = rng.integers(1, 11, 90).astype(float)
    candidate = np.clip(base + rng.choice([-3.0, 0.0, 0.0, 1.0], 90), 1.0, 10.0)
    there = only(judge(rated(base, candidate, low=1.0, high=10.0), guard(0.5)))
    back = only(judge(rated(candidate, base, low=1.0, high=10.0), guard(0.5)))
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)


def test_a_gain_to_prove_is_in_the_unit_too(judge):
    gate = {"type": "must_improve", "metric": "answer", "min_gain": "10%"}
    rng = np.random.default_rng(5)
    base = rng.integers(3, 6, 100).astype(float)
    assert only(judge(rated(base, base + 3.0, low=1.0, high=10.0), gate)).state == "IMPROVED"
    assert only(judge(rated(base, base, low=1.0, high=10.0), gate)).state != "IMPROVED"


def test_a_scale_with_one_end_is_no_rate_though_all_values_stand_at_its_end(judge):
    perfect = rated([0.0] * 120, [0.0] * 120, low=0.0, reach=100.0, higher_is_better=False)
    found = only(judge(perfect, guard(5)))
    assert (found.state, found.base, found.candidate) == ("PASS", 0.0, 0.0)
    assert -3.2 < found.low < -2.9
    assert "its scale has one end, and 100 is what a case is counted on to lose" in found.because
    assert only(judge(perfect, guard(2))).state == "INCONCLUSIVE"
    worse = rated([0.0] * 120, [0.0] * 60 + [250.0] * 60, low=0.0, reach=100.0, higher_is_better=False)
    assert only(judge(worse, guard(5))).state == "REGRESSION"
    counts = rated([0.0] * 120, [0.0] * 120, low=0.0, higher_is_better=False)
    assert only(judge(counts, guard(2))).state == "PASS"
