"""Proven floors of clustered rates: never tighter than independence, equal to it with one case a cluster, valid."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evalkit.gates.one_side import one_sided
from evalkit.stats import floors
from evalkit.stats.floors import likeness, lower_bound
from evalkit.stats.proportions import clopper_pearson, wilson


def rows(sizes, fails):
    """Values and cluster codes: the first rows of a cluster fail."""
    codes = np.repeat(np.arange(len(sizes)), sizes)
    place = np.concatenate([np.arange(size) for size in sizes])
    return (place >= np.asarray(fails)[codes]).astype(float), codes


def bound(sizes, fails, **how):
    values, codes = rows(sizes, fails)
    return lower_bound(values, codes, len(sizes), **how)


CLUSTERS = st.lists(st.integers(1, 12), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(CLUSTERS, st.data())
def test_a_cluster_label_never_tightens_a_floor(sizes, data):
    fails = [data.draw(st.integers(0, size)) for size in sizes]
    values, codes = rows(sizes, fails)
    alone = lower_bound(values, np.arange(values.size), values.size).low
    assert lower_bound(values, codes, len(sizes)).low <= alone


@pytest.mark.parametrize("failed", [0, 1, 7, 60])
def test_one_case_a_cluster_is_the_independent_bound(failed):
    values = np.r_[np.zeros(failed), np.ones(60 - failed)]
    found = lower_bound(values, np.arange(60), 60).low
    expected = wilson(60 - failed, 60, confidence=0.9) if failed else clopper_pearson(60, 60, confidence=0.9)
    assert found == pytest.approx(expected[0], abs=1e-12)


@pytest.mark.parametrize(("broken", "clusters", "size"), [(1, 40, 5), (3, 60, 4), (2, 30, 7)])
def test_copies_of_one_row_are_one_observation(broken, clusters, size):
    found = bound([size] * clusters, [size] * broken + [0] * (clusters - broken))
    assert found.correlation == 1.0
    assert found.low == pytest.approx(clopper_pearson(clusters - broken, clusters, confidence=0.9)[0], abs=1e-8)


def test_without_a_failure_the_clusters_are_the_sample():
    assert bound([3] * 59, [0] * 59).low == pytest.approx(0.05 ** (1 / 59), abs=1e-12)
    assert bound([9, 1, 1, 4] * 10, [0] * 40).low == pytest.approx(0.05 ** (1 / 40), abs=1e-12)


def test_failures_that_stand_together_are_worth_less_than_scattered_ones():
    together, apart = bound([5] * 100, [5] * 4 + [0] * 96), bound([5] * 100, [1] * 20 + [0] * 80)
    assert together.low < apart.low
    assert together.correlation > 0.9 > 0.2 > apart.correlation


def test_the_likeness_of_rows_is_the_share_of_pairs_that_fail_together():
    sizes, fails = np.array([2] * 1000), np.array([2] * 100 + [1] * 200 + [0] * 700)
    # of 400 failing rows 200 have a failing neighbour: (1/2 - 1/5) / (4/5) = .375, drawn a little towards 1
    assert likeness(sizes, fails) == pytest.approx(0.375 + 0.63 / 300**1.2 * 0.625, abs=1e-9)
    assert likeness(np.array([1, 1, 4]), np.array([1, 0, 0])) == 1.0


@settings(max_examples=25, deadline=None)
@given(CLUSTERS, st.data())
def test_the_chance_by_counting_and_by_the_saddlepoint_agree(sizes, data):
    assume(len(sizes) >= 5)  # it is an approximation for many, and used for thousands of rows alone
    fails = [data.draw(st.integers(0, size)) for size in sizes]
    total, count = sum(sizes), sum(fails)
    distinct, times = np.unique(sizes, return_counts=True)
    rate = min(0.9, 1.3 * (count + 1) / total)
    exact = floors._tail_by_transform(distinct, times, count, rate, 0.3)
    near = floors._tail_by_saddlepoint(distinct, times, count, rate, 0.3)
    assert exact == pytest.approx(1.0, abs=1e-9) or near == 1.0 or near == pytest.approx(exact, abs=0.06)


def test_many_rows_by_the_saddlepoint_meet_the_counted_bound(monkeypatch):
    sizes = list(range(1, 61))
    fails = [size // 20 for size in sizes]
    exact = bound(sizes, fails).low
    monkeypatch.setattr(floors, "COUNTED_UP_TO", 10)
    floors._find_rate.cache_clear()
    assert bound(sizes, fails).low == pytest.approx(exact, abs=2e-4)
    floors._find_rate.cache_clear()


def test_false_proofs_stay_at_the_nominal_rate_for_unequal_clusters():
    """40 clusters of 1 to 9 rows, true rate .95, ICC .3: the clustered t of old proved it in 16 % of draws."""
    rng, proven = np.random.default_rng(7), 0
    for _ in range(400):
        sizes = rng.integers(1, 10, 40)
        fails = rng.binomial(sizes, rng.beta(0.05 * 7 / 3, 0.95 * 7 / 3, 40))
        proven += bound(sizes, fails).low >= 0.95
    assert proven / 400 <= 0.065


@settings(max_examples=25, deadline=None)
@given(CLUSTERS, st.data())
def test_the_upper_bound_mirrors_the_lower_one(sizes, data):
    values, codes = rows(sizes, [data.draw(st.integers(0, size)) for size in sizes])
    up = one_sided(values, codes, binary=True, confidence=0.95, seed=0)
    down = one_sided(1.0 - values, codes, binary=True, confidence=0.95, seed=0)
    assert (up.low, up.high) == pytest.approx((1.0 - down.high, 1.0 - down.low), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(1, 10), min_size=2, max_size=30), st.integers(2, 5))
def test_a_cluster_label_never_tightens_a_graded_floor(values, size):
    values = np.asarray(values)
    labelled = one_sided(values, np.arange(values.size) // size, binary=False, confidence=0.95, seed=0)
    alone = one_sided(values, np.arange(values.size), binary=False, confidence=0.95, seed=0)
    assert labelled.low <= alone.low <= alone.high <= labelled.high


def test_everything_failed_has_no_floor():
    assert bound([4, 2, 3], [4, 2, 3]).low == 0.0
