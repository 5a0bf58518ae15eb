"""The interval of one mean: it chooses like the paired comparison, and never leaves the metric's bounds."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit import stats

SHARE = (0.0, 1.0)


def test_a_single_value_is_nearly_unknown():
    one = stats.mean_interval(np.array([1.0]), bounds=SHARE)
    assert (one.low, one.high) == pytest.approx(stats.wilson(1, 1), abs=1e-6)
    assert "a single unit" in one.reason


def test_all_right_is_wilson_not_certainty():
    full = stats.mean_interval(np.ones(40), bounds=SHARE)
    assert full.low == pytest.approx(stats.wilson(40, 40)[0], abs=1e-6)
    assert full.high == 1.0


@pytest.mark.parametrize(("n", "method"), [(60, "bca_bootstrap"), (900, "paired_t")])
def test_many_values_use_their_own_spread(n, method):
    values = np.random.default_rng(0).beta(2, 2, n)
    found = stats.mean_interval(values, bounds=SHARE)
    student = stats.paired_t(values)
    assert found.method == method
    assert (found.low, found.high) == pytest.approx((student.low, student.high), abs=0.01)


def test_intervals_stay_within_the_bounds():
    values = np.array([0.0] * 12 + [1.0] * 14)
    found = stats.mean_interval(values, bounds=SHARE, clusters=[0] * 13 + [1] * 13)
    assert 0.0 <= found.low < found.mean < found.high <= 1.0
    assert found.n_clusters == 2


def test_clusters_widen_the_interval_of_a_mean():
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(40), 6)
    values = np.clip(0.5 + 0.2 * rng.normal(size=40)[clusters] + 0.05 * rng.normal(size=240), 0, 1)
    rows, clustered = (stats.mean_interval(values, bounds=SHARE, clusters=c) for c in (None, clusters))
    assert clustered.high - clustered.low > 1.8 * (rows.high - rows.low)
    assert clustered.method == "bca_bootstrap_of_cluster_means"


def test_the_design_effect_is_one_without_clusters_and_their_size_for_copies():
    values = np.random.default_rng(2).normal(size=50)
    assert stats.design_effect(values, np.arange(50)) == pytest.approx(1.0)
    assert stats.design_effect(np.repeat(values, 4), np.repeat(np.arange(50), 4)) == pytest.approx(4.0)
    assert stats.design_effect(np.ones(9), np.arange(9) // 3) is None
