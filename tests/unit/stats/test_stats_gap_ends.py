"""The two ends of a gap's interval: one accuses as a plain bootstrap does, one acquits and fades as clusters move."""

import numpy as np
import pytest

from evalkit.stats.disparity import gap_changes
from evalkit.stats.gap_planning import expected_width
from evalkit.stats.score import no_change_reach
from evalkit.stats.sign_flips import flip_p


def small_moves(each, *, count=4, move=0.03, seed=0):
    """Graded scores in nested clusters of four rows, all of which move a little."""
    clusters = np.repeat(np.arange(each * count), 4)
    base = np.full(clusters.size, 0.5)
    shift = np.random.default_rng(seed).normal(0.0, move, each * count)[clusters]
    return base, base + shift, clusters % count, clusters


def half(found):
    return (found.high - found.low) / 2.0


@pytest.mark.parametrize("each", [25, 60, 200])
def test_where_every_cluster_moves_the_width_is_nearly_that_of_resampling(each):
    base, candidate, groups, clusters = small_moves(each)
    found = gap_changes(base, candidate, groups, count=4, clusters=clusters)
    nothing = gap_changes(base, base, groups, count=4, clusters=clusters)
    plain = found.critical * 0.03 / np.sqrt(each) * np.sqrt(4.0 / 3.0)
    assert half(found).mean() < 1.25 * plain
    assert half(nothing).mean() > 3.0 * half(found).mean(), "nothing seen to move proves less than small moves seen"


def test_the_part_that_was_not_seen_fades_with_each_cluster_that_moves():
    base = np.ones(120)
    groups, clusters = np.arange(120) % 2, np.arange(120) // 2
    unseen = []
    for moved in (0, 2, 5, 20):
        candidate = base - 0.1 * ((clusters < moved) & (groups == 0))
        unseen.append(gap_changes(base, candidate, groups, count=2, clusters=clusters).unseen[0])
    assert unseen[0] == pytest.approx(no_change_reach(60), rel=0.01)
    assert unseen == sorted(unseen, reverse=True)
    assert unseen[-1] < 0.15 * unseen[0]


def test_one_broken_cluster_among_many_that_stay_keeps_the_scale():
    base = np.ones(120)
    groups, clusters = np.arange(120) % 2, np.arange(120) // 2
    candidate = base - 1.0 * ((clusters < 1) & (groups == 0))
    found = gap_changes(base, candidate, groups, count=2, clusters=clusters)
    assert found.unseen[0] == pytest.approx(no_change_reach(60), rel=0.06)


def test_a_declared_scale_counts_before_the_one_that_was_seen():
    base, _, groups, clusters = small_moves(30)
    still = gap_changes(base, base, groups, count=4, clusters=clusters, reach=9.0)
    assert still.unseen == pytest.approx(9.0 * gap_changes(base, base, groups, count=4, clusters=clusters).unseen)


def test_sign_flips_are_exact_where_few_clusters_moved():
    five, six = (np.array([[1.0, -1.0]] * k + [[0.0, 0.0]] * 10) for k in (5, 6))
    assert flip_p(five) == pytest.approx([2 / 32, 2 / 32])
    assert flip_p(six) == pytest.approx([2 / 64, 2 / 64])
    assert flip_p(np.zeros((4, 2))).tolist() == [1.0, 1.0]


def test_sign_flips_hold_their_level_with_few_clusters():
    """At most 5% of 300 evaluations without a difference: no more than 24 with probability 0.99."""
    rng = np.random.default_rng(0)
    rejected = sum(bool((flip_p(rng.normal(size=(12, 3)), seed=i) <= 0.05).any()) for i in range(300))
    # three sums, each to its own side: both sides are looked at here, so twice 5%
    assert rejected <= 48


def test_a_group_in_one_cluster_is_not_accused_however_much_it_moved():
    clusters = np.r_[np.repeat(np.arange(40), 5), np.full(50, 40)]
    groups = np.r_[np.zeros(200, dtype=int), np.ones(50, dtype=int)]
    base = np.ones(250)
    candidate = np.where(groups == 1, 0.0, base)
    found = gap_changes(base, candidate, groups, count=2, clusters=clusters)
    assert found.change[1] == -1.0
    assert found.loss_low[1] <= 0.0


def test_a_gap_that_changed_sides_is_hardly_ever_called_grown():
    """+10 points, then -10: growth 0. 100 runs of 2,000 rows in four groups, two of which change sides."""
    rng = np.random.default_rng(1)
    groups = np.arange(2_000) % 4
    rate = np.where(groups < 2, 0.8, 0.7)
    wrong = 0
    for seed in range(100):
        base = (rng.random(2_000) < rate).astype(float)
        candidate = (rng.random(2_000) < 1.5 - rate).astype(float)
        found = gap_changes(base, candidate, groups, count=4, draws=300, seed=seed)
        wrong += bool((found.loss_low[:2] > 0.0).any() or (found.growth_low > 0.0).any())
    assert wrong <= 9


def test_no_interval_calls_a_small_lead_that_became_a_lag_grown():
    """+5 points, then -5, below what chance makes of groups of 200: the fall may accuse, growth is not proven."""
    rng = np.random.default_rng(3)
    groups = np.arange(2_000) % 10
    grown = away = 0
    for seed in range(60):
        base = (rng.random(2_000) < np.where(groups == 0, 0.8, 0.75)).astype(float)
        candidate = np.where(rng.random(2_000) < 0.7, base, (rng.random(2_000) < 0.75).astype(float))
        candidate = np.where((groups == 0) & (rng.random(2_000) < 0.1), 0.0, candidate)
        found = gap_changes(base, candidate, groups, count=10, draws=300, seed=seed)
        grown, away = grown + bool((found.growth_low > 0.0).any()), away + bool(found.away.any())
    assert grown <= 6
    assert grown <= away, "what is proven to have grown moved away beyond chance as well"


def test_several_that_changed_sides_together_are_not_accused():
    """Five groups of ten lead by 10 points, then lag by 10: 60 evaluations, at most 5 % each."""
    rng = np.random.default_rng(4)
    groups = np.arange(2_000) % 10
    leads = np.where(groups % 2, 0.1, -0.1)
    wrong = 0
    for seed in range(60):
        base = (rng.random(2_000) < 0.75 + leads).astype(float)
        candidate = (rng.random(2_000) < 0.75 - leads).astype(float)
        wrong += bool((gap_changes(base, candidate, groups, count=10, draws=300, seed=seed).loss_low > 0.0).any())
    assert wrong <= 8


def test_growth_past_the_other_side_is_seen():
    rng = np.random.default_rng(2)
    groups = np.arange(4_000) % 2
    base = (rng.random(4_000) < np.where(groups == 0, 0.8, 0.75)).astype(float)
    candidate = (rng.random(4_000) < np.where(groups == 0, 0.6, 0.85)).astype(float)
    found = gap_changes(base, candidate, groups, count=2)
    assert found.growth[0] == pytest.approx(0.2, abs=0.05)
    assert found.loss_low[0] > 0.1


def test_a_reference_is_what_the_others_are_compared_with():
    base = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    candidate = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    groups = np.array([0, 0, 1, 1, 2, 2])
    found = gap_changes(base, candidate, groups, count=3, reference=2)
    assert found.base.tolist() == [0.5, -0.5, 0.0]
    assert found.candidate == pytest.approx([-0.5, -1.0, 0.75])


def test_the_width_that_plan_expects_is_the_one_that_compare_finds():
    rng = np.random.default_rng(3)
    n, groups = 3_000, np.arange(3_000) % 2
    base = (rng.random(n) < 0.7).astype(float)
    candidate = np.where(rng.random(n) < 0.1, 1.0 - base, base)
    found = gap_changes(base, candidate, groups, count=2)
    planned = expected_width(1_500, 1_500, spread=0.1, noise=2.0)
    assert planned.at(1.0, power=0.5) == pytest.approx(half(found)[0], rel=0.1)
    still = gap_changes(base, base, groups, count=2)
    assert expected_width(1_500, 1_500, spread=0.0, noise=2.0).at(1.0) == pytest.approx(half(still)[0], rel=0.5)


def test_the_examples_that_are_needed_rule_the_margin_out():
    width = expected_width(100, 100, spread=0.1)
    times = width.times_for(0.05)
    assert width.at(times) == pytest.approx(0.05)
    assert width.times_for(0.0) is None
