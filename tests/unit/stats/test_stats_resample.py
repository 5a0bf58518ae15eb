"""The cluster bootstrap as a matrix product, and what holds for many contrasts at once."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit import stats


def mean_of(totals):
    return totals[..., 1:] / totals[..., :1]


def test_weights_draw_every_cluster_count_times_in_all():
    weights = np.concatenate(list(stats.draw_weights(50, draws=400, seed=3)))
    assert weights.shape == (400, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(50), abs=0.2)
    assert weights.var(axis=0).mean() == pytest.approx(1 - 1 / 50, rel=0.05)


def test_blocks_do_not_change_the_draws():
    big = np.concatenate(list(stats.draw_weights(700_000, draws=3, seed=1)))
    assert big.shape == (3, 700_000)
    assert (big.sum(axis=1) == 700_000).all()


def test_the_bootstrap_error_of_a_mean_is_the_textbook_one():
    values = np.random.default_rng(0).normal(size=300)
    sums = np.column_stack([np.ones(300), values])
    out = stats.cluster_bootstrap(sums, mean_of, draws=4000)
    assert out.estimate[0] == pytest.approx(values.mean())
    assert out.error[0] == pytest.approx(values.std() / np.sqrt(300), rel=0.05)


def test_clusters_of_copies_have_the_error_of_one_row_each():
    values = np.random.default_rng(1).normal(size=80)
    one, many = (
        stats.cluster_bootstrap(np.column_stack([np.full(80, k), k * values]), mean_of, seed=5) for k in (1.0, 7.0)
    )
    np.testing.assert_allclose(one.draws, many.draws)


def test_the_same_seed_draws_the_same():
    sums = np.random.default_rng(2).random((30, 2))
    first, again, other = (stats.cluster_bootstrap(sums, mean_of, draws=50, seed=s) for s in (1, 1, 2))
    assert (first.draws == again.draws).all()
    assert (first.draws != other.draws).any()


def test_a_statistic_that_is_undefined_in_some_draws_is_counted_and_left_out():
    sums = np.array([[1.0, 1.0]] * 3 + [[0.0, 0.0]] * 9)
    out = stats.cluster_bootstrap(sums, mean_of, draws=2000)
    assert 0 < out.undefined[0] < 200
    low, high = stats.percentile_interval(out)
    assert (low[0], high[0]) == (1.0, 1.0)
    assert not stats.max_t(out).defined[0]


def test_a_statistic_that_is_never_defined_has_an_interval_without_ends():
    out = stats.cluster_bootstrap(np.zeros((5, 2)), mean_of, draws=20)
    held = stats.max_t(out)
    assert (held.low[0], held.high[0], held.p[0]) == (-np.inf, np.inf, 1.0)
    assert stats.percentile_interval(out)[0][0] == -np.inf


def test_shapes_that_are_no_table_are_refused():
    with pytest.raises(ValueError, match=r"\(C, K\) sums"):
        stats.cluster_bootstrap(np.zeros((0, 2)), mean_of)


def simultaneous(columns, **options):
    sums = np.column_stack([np.ones(columns.shape[0]), columns])
    return stats.max_t(stats.cluster_bootstrap(sums, mean_of, draws=4000), **options)


def test_one_contrast_needs_about_the_normal_critical_value():
    assert simultaneous(np.random.default_rng(3).normal(size=(500, 1))).critical == pytest.approx(1.96, abs=0.12)


def test_twenty_independent_contrasts_need_about_sidaks_and_copies_need_nothing_extra():
    rng = np.random.default_rng(4)
    independent, column = rng.normal(size=(500, 20)), rng.normal(size=(500, 1))
    assert simultaneous(independent).critical == pytest.approx(3.02, abs=0.15)
    assert simultaneous(np.repeat(column, 20, axis=1)).critical == pytest.approx(1.96, abs=0.12)


def test_a_contrast_that_stands_out_keeps_a_small_p_and_the_others_do_not():
    columns = np.random.default_rng(5).normal(size=(400, 10))
    columns[:, 3] -= 0.4
    held = simultaneous(columns)
    assert held.high[3] < 0.0
    assert held.p_worse[3] < 0.001
    assert held.p_better[3] > 0.9
    assert (np.delete(held.p, 3) > 0.05).all()
    assert (held.p < 0.05).tolist() == ((held.low > 0) | (held.high < 0)).tolist()


def test_a_contrast_that_never_varies_does_not_disturb_the_others():
    columns = np.random.default_rng(6).normal(size=(300, 3))
    alone = simultaneous(columns)
    beside = simultaneous(np.column_stack([columns, np.zeros(300)]))
    np.testing.assert_allclose(beside.low[:3], alone.low)
    assert beside.defined.tolist() == [True, True, True, False]
