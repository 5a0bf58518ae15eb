"""Graded differences in clusters on a known scale: how wide what was not seen makes the interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit import stats
from evalkit.stats.clusters import ClusterSums
from evalkit.stats.curves import TCurve
from evalkit.stats.together import UnitsTCurve, _chance, _rows_a_unit, graded_curve


def half(step, codes, *, scale=(1.0, 10.0)):
    base = np.where(step < -4.0, 9.0, 5.0)
    found = stats.compare_paired(base, base + step, clusters=codes, scale=scale, margin=0.5)
    return (found.high - found.low) / 2.0, found


def noisy(count, size, *, likeness, seed=0):
    """Steps of sd 1.1, rounded to halves; `likeness` of their variance is that of whole clusters."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(count), size)
    step = rng.normal(0, likeness**0.5, count)[codes] + rng.normal(0, (1 - likeness) ** 0.5, codes.size)
    return np.round(2.2 * step) / 2.0, codes


def test_many_rows_of_templates_are_not_drowned_by_one_row_that_was_not_seen():
    step, codes = noisy(60, 50, likeness=0.2)
    sums = ClusterSums.of(step, codes, 60)
    low, high = TCurve(sums.mean, sums.jackknife_error(), 59).interval(0.95)
    assert 1.0 < half(step, codes)[0] / ((high - low) / 2.0) < 1.5


def test_where_nothing_moved_the_width_is_that_of_clusters_that_may_each_lose_all():
    step, codes = np.zeros(250), np.arange(250) // 10
    assert half(step, codes)[0] == pytest.approx(9 * 3.8415 / (25 + 3.8415), rel=1e-3)
    one = step.copy()
    one[0] = 0.5
    assert half(one, codes)[0] > 0.6 * half(step, codes)[0], "a single row that moved says little of clusters"


def test_clusters_that_move_as_wholes_count_as_single_units():
    rng = np.random.default_rng(3)
    codes = np.arange(400) // 10
    step = rng.choice([-1.0, 0.0, 1.0], 40)[codes]
    sums = ClusterSums.of(step, codes, 40)
    assert _rows_a_unit(step, codes, sums) == pytest.approx(10.0, rel=1e-6)


def test_likeness_of_small_clusters_is_carried_to_large_ones_that_kept_still():
    sizes = np.array([50] * 4 + [2] * 60)
    codes = np.repeat(np.arange(64), sizes)
    rng = np.random.default_rng(1)
    step = np.where((codes >= 4) & (codes < 16), -8.0, rng.choice([-1.0, 0.0, 1.0], codes.size))
    sums = ClusterSums.of(step, codes, 64)
    design = stats.design_effect(step, codes)
    assert design is not None
    assert _rows_a_unit(step, codes, sums) > 3.0 * design


@pytest.mark.parametrize("count", [12, 40, 200])
def test_rare_whole_losses_hide_less_easily_than_in_a_t_interval(count):
    """One cluster in forty loses 8 of 9; rows move by chance. 150 draws: t alone passes ten times as often."""
    passed = {"t": 0, "ours": 0}
    rng = np.random.default_rng(5)
    codes = np.arange(5 * count) // 5
    for _ in range(150):
        step = np.where((rng.random(count) < 0.025)[codes], -8.0, rng.choice([-1.0, 0.0, 1.0], codes.size))
        sums = ClusterSums.of(step, codes, count)
        if np.ptp(sums.totals) > 0.0:
            passed["t"] += TCurve(sums.mean, sums.jackknife_error(), count - 1).interval(0.95)[0] > -0.2
        passed["ours"] += half(step, codes)[1].low > -0.2
    assert passed["ours"] <= 0.1 * 150
    assert passed["ours"] <= passed["t"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 30), st.floats(0.0, 1.0))
def test_swapping_arms_mirrors_and_scaling_scales(seed, count, likeness):
    step, codes = noisy(count, 4, likeness=likeness, seed=seed)
    base = np.full(step.size, 5.0)
    step = np.clip(step, -4.0, 5.0)
    there = stats.compare_paired(base, base + step, clusters=codes, scale=(1.0, 10.0), margin=0.5)
    back = stats.compare_paired(base + step, base, clusters=codes, scale=(1.0, 10.0), margin=0.5)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)
    large = stats.compare_paired(7 * base, 7 * (base + step), clusters=codes, scale=(7.0, 70.0), margin=3.5)
    assert (7 * there.low, 7 * there.high) == pytest.approx((large.low, large.high), rel=1e-9)
    assert there.p_noninferior == pytest.approx(large.p_noninferior, rel=1e-6, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(-0.5, 0.5), st.floats(0.001, 0.5), st.integers(1, 200), st.floats(1.0, 5_000.0))
def test_p_values_and_intervals_agree(estimate, error, df, units):
    curve = UnitsTCurve(estimate, error, float(df), units, 2.0)
    for confidence in (0.8, 0.95, 0.99):
        low, high = curve.interval(confidence)
        assert curve.p_at_most(low) == pytest.approx((1 - confidence) / 2, rel=1e-6)
        assert curve.p_at_least(high) == pytest.approx((1 - confidence) / 2, rel=1e-6)
        assert curve.p_at_least(low) == pytest.approx((1 + confidence) / 2, rel=1e-6)
    assert curve.p_at_most(estimate) == pytest.approx(0.5)


@pytest.mark.parametrize(("f", "df", "rest"), [(0.3, 4, 20), (1.0, 24, 500), (2.33, 24, 575), (9.5, 7, 30)])
def test_the_p_value_of_f_is_scipys(f, df, rest):
    from scipy import stats as scipy_stats

    assert _chance(f, 1.0, df, rest) == pytest.approx(scipy_stats.f.sf(f, df, rest), rel=1e-9)


def test_the_curve_of_clusters_says_why():
    step, codes = noisy(30, 6, likeness=0.3)
    found = half(step, codes)[1]
    assert (found.method, found.n_clusters) == ("clustered_t", 30)
    assert "move with it" in found.reason
    sums = ClusterSums.of(np.round(step, 12), codes, 30)
    assert (found.low, found.high) == pytest.approx(graded_curve(step, codes, sums, reach=9.0).interval(0.95))
