"""The change of every group's gap to the rest: what is accused, what is acquitted, and how often wrongly."""

import numpy as np
import pytest

from evalkit.stats.disparity import gap_changes
from evalkit.stats.states import classify
from evalkit.stats.swap import spread_swap_p


def flipped(rng, base, share):
    """A rerun: as many flip up as down."""
    p = base.mean()
    chance = np.where(base == 1.0, share / 2 / p, share / 2 / (1 - p))
    return np.where(rng.random(base.size) < chance, 1.0 - base, base)


def test_gaps_are_those_of_the_group_less_the_rest():
    base = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 1.0])
    candidate = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    found = gap_changes(base, candidate, np.array([0, 0, 1, 1, 2, 2]), count=3)
    assert found.base.tolist() == [0.5, -1.0, 0.5]
    assert found.candidate == pytest.approx([0.0, -0.75, 0.75])
    assert found.change == pytest.approx([-0.5, 0.25, 0.25])
    assert found.growth == pytest.approx([-0.5, -0.25, 0.25])
    assert found.n.tolist() == [2, 2, 2]
    assert (found.low < found.change).all()
    assert (found.change < found.high).all()


def test_two_groups_mirror_each_other():
    rng = np.random.default_rng(0)
    base = (rng.random(300) < 0.7).astype(float)
    found = gap_changes(base, flipped(rng, base, 0.2), np.arange(300) % 2, count=2)
    assert found.change[0] == pytest.approx(-found.change[1])
    assert found.low[0] == pytest.approx(-found.high[1])
    assert found.growth[0] == pytest.approx(found.growth[1])


def test_copies_in_a_cluster_add_nothing():
    rng = np.random.default_rng(1)
    base = (rng.random(200) < 0.7).astype(float)
    candidate, groups = flipped(rng, base, 0.2), np.arange(200) % 2
    once = gap_changes(base, candidate, groups, count=2, clusters=np.arange(200))
    five = gap_changes(
        np.repeat(base, 5),
        np.repeat(candidate, 5),
        np.repeat(groups, 5),
        count=2,
        clusters=np.repeat(np.arange(200), 5),
    )
    assert five.n_clusters == once.n_clusters == 200
    assert five.high[0] - five.low[0] == pytest.approx(once.high[0] - once.low[0], rel=0.1)


def test_drawing_kinds_of_rows_and_drawing_rows_is_the_same_bootstrap():
    rng = np.random.default_rng(2)
    base = (rng.random(900) < 0.6).astype(float)
    candidate, groups = flipped(rng, base, 0.15), rng.integers(0, 3, 900)
    kinds = gap_changes(base, candidate, groups, count=3, draws=4_000)
    # a cluster of two keeps the rows from being drawn by kind
    rows = gap_changes(base, candidate, groups, count=3, draws=4_000, clusters=np.r_[0, 0, np.arange(2, 900)])
    assert kinds.n_clusters == 900
    assert rows.n_clusters == 899
    assert kinds.low == pytest.approx(rows.low, abs=0.006)
    assert kinds.high == pytest.approx(rows.high, abs=0.006)


def test_where_nothing_moves_the_interval_keeps_a_width():
    base = np.ones(120)
    found = gap_changes(base, base, np.arange(120) % 2, count=2)
    assert found.change.tolist() == [0.0, 0.0]
    assert (found.low < -0.03).all()
    assert (found.high > 0.03).all()
    assert found.swap_p == 1.0


def test_a_group_that_is_empty_or_everything_has_no_gap():
    base = np.array([1.0, 0.0, 1.0])
    found = gap_changes(base, base, np.zeros(3, dtype=np.int64), count=2)
    assert not found.defined.any()
    assert found.low.tolist() == [-np.inf, -np.inf]
    alone = gap_changes(base, base, np.array([0, 1, 1]), count=2, clusters=np.zeros(3, dtype=np.int64))
    assert not alone.defined.any()


def test_a_gap_near_zero_is_not_acquitted_by_the_side_it_happened_to_be_seen_on():
    """The group was seen 4 points ahead and is now 1 behind: it may truly have fallen from level to 5 behind."""
    n = 200
    base = np.array([1.0] * 158 + [0.0] * 42 + [1.0] * 150 + [0.0] * 50)
    candidate = np.array([1.0] * 148 + [0.0] * 52 + [1.0] * 150 + [0.0] * 50)
    found = gap_changes(base, candidate, np.repeat([0, 1], n), count=2)
    assert found.growth[0] < 0.0
    assert found.growth_high[0] > 0.05


def test_the_swap_test_sees_a_planted_spread_and_not_a_general_gain():
    rng = np.random.default_rng(3)
    base = (rng.random(600) < 0.7).astype(float)
    groups = np.arange(600) % 3
    worse = np.where((groups == 0) & (rng.random(600) < 0.3), 0.0, base)
    better = np.where(rng.random(600) < 0.3, 1.0, base)
    assert gap_changes(base, worse, groups, count=3).swap_p < 0.01
    assert gap_changes(base, better, groups, count=3).swap_p > 0.05
    assert spread_swap_p(np.ones((5, 1)), np.ones((5, 1)), np.zeros((5, 1))) == 1.0


@pytest.mark.parametrize("clustered", [False, True])
def test_a_rerun_is_hardly_ever_accused(clustered):
    """At most 2.5% a side over all groups; 200 simulated reruns, so at most 11 with probability 0.99."""
    rng = np.random.default_rng(4)
    accused = 0
    for seed in range(200):
        groups, families = np.tile([0, 1, 2], 100), np.repeat(np.arange(100), 3)
        base = (rng.random(300) < 0.75).astype(float)
        clusters = families if clustered else np.arange(300)
        found = gap_changes(base, flipped(rng, base, 0.1), groups, count=3, clusters=clusters, draws=400, seed=seed)
        states = {classify(-found.growth_high[g], -found.growth_low[g], 0.02)[0] for g in range(3)}
        accused += "REGRESSION" in states
    assert accused <= 11


def test_a_harm_as_large_as_the_margin_is_hardly_ever_acquitted():
    rng = np.random.default_rng(5)
    acquitted = 0
    for seed in range(150):
        groups = np.repeat([0, 1], 500)
        base = (rng.random(1000) < 0.75).astype(float)
        candidate = flipped(rng, base, 0.03)
        candidate = np.where((groups == 0) & (rng.random(1000) < 0.05 / 0.75), 0.0, candidate)
        found = gap_changes(base, candidate, groups, count=2, draws=300, seed=seed)
        acquitted += classify(-found.growth_high[0], -found.growth_low[0], 0.05)[0] in ("PASS", "IMPROVED")
    assert acquitted <= 9
