"""The score interval of bounded values: a width always, and the values' own spread where they have one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evalkit import stats
from evalkit.stats.score import ScoreCurve


def test_all_zero_differences_leave_the_rule_of_three_of_the_score():
    z = 1.959963984540054
    for n in (1, 20, 500):
        low, high = stats.score_interval(np.zeros(n), low=-1, high=1)
        assert (-low, high) == pytest.approx((z * z / (n + z * z),) * 2, abs=1e-9)
        assert high == pytest.approx(stats.no_change_reach(n), abs=1e-9)


def test_wider_bounds_leave_more_open():
    values = np.array([0.0] * 30 + [0.5])
    near, far = (stats.score_interval(values, low=-r, high=r) for r in (1.0, 4.0))
    assert far[0] < near[0] < near[1] < far[1]


def test_with_many_moving_values_the_bounds_hardly_matter():
    values = np.random.default_rng(0).normal(0.0, 0.2, 200).clip(-1, 1)
    student = stats.paired_t(values)
    assert stats.score_interval(values, low=-1, high=1) == pytest.approx((student.low, student.high), abs=0.003)


@pytest.mark.parametrize("nudge", [0.0, 1e-16, 1e-13, 1e-9])
def test_a_value_on_its_bound_but_for_rounding_is_no_trouble(nudge):
    values = np.array([1.0 - nudge, 0.2, -1.0 + nudge, 0.0])
    low, high = stats.score_interval(values, low=-1.0, high=1.0)
    assert -1.0 <= low < values.mean() < high <= 1.0


def test_every_value_on_the_upper_bound_reaches_it():
    assert stats.score_interval(np.ones(4), low=-1, high=1)[1] == 1.0


def test_the_p_value_is_one_beyond_the_bound_and_none_below():
    curve = ScoreCurve.of(np.array([0.0, 0.1, 0.0]), low=-1.0, high=1.0)
    assert curve.p_at_most(1.0) == 1.0
    assert curve.p_at_most(-0.999) < 0.05
    assert curve.p_at_most(-1.1) == 0.0
    assert (curve.p_at_least(-1.0), curve.p_at_least(1.1)) == (1.0, 0.0)
    assert curve.p_at_least(0.1) == pytest.approx(1.0 - curve.p_at_most(0.1))
    assert math.isinf(curve.z(-1.0))


@pytest.mark.parametrize("values", [[], [2.0], [-1.5, 0.0]])
def test_values_outside_the_bounds_are_refused(values):
    with pytest.raises(ValueError, match="within bounds"):
        stats.score_interval(np.array(values), low=-1, high=1)


def test_no_unit_leaves_everything_possible():
    with pytest.raises(ValueError, match="1 or more"):
        stats.no_change_reach(0)
