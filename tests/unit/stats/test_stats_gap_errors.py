"""Groups lend each other what they show of the spread of a row, as far as they are alike, and nothing beyond."""

import numpy as np
import pytest

from evalkit.stats.disparity import gap_changes
from evalkit.stats.gap_errors import draw_together
from evalkit.stats.gap_moves import Moves


def moves(freedom, one_row=None):
    freedom = np.asarray(freedom, dtype=float)
    none = np.zeros(freedom.size)
    rows = np.full(freedom.size, 0.01) if one_row is None else np.asarray(one_row)
    return Moves((none[None], none[None]), none.astype(int), none.astype(int), none, freedom, rows)


def drawn(error, freedom, *, alike=None, one_row=None, wanted=None):
    error = np.asarray(error, dtype=float)
    alike = np.eye(error.size) if alike is None else alike
    wanted = np.ones(error.size, dtype=bool) if wanted is None else wanted
    return draw_together(error, moves(np.broadcast_to(freedom, error.shape), one_row), alike, wanted)


def test_groups_that_are_alike_have_each_others_clusters_as_well_but_no_more_than_their_own():
    found = drawn(np.full(10, 0.04), 40.0)
    assert found.error == pytest.approx(np.full(10, 0.04))
    assert found.freedom == pytest.approx(np.full(10, 80.0))


def test_variances_are_compared_by_the_row():
    rows = np.array([200.0, 50.0, 800.0, 100.0, 400.0, 25.0])
    found = drawn(0.5 / np.sqrt(rows), 40.0, one_row=1.0 / rows)
    assert found.error == pytest.approx(0.5 / np.sqrt(rows))
    assert found.freedom == pytest.approx(np.full(6, 80.0))


def test_chance_between_variances_is_smoothed_and_more_of_it_less():
    """Drawn from one true variance the mixed errors are nearer to it; of variances four times apart hardly moved."""
    rng = np.random.default_rng(0)
    for truth, least, most in ((np.ones(10), 0.25, 0.6), (np.where(np.arange(10) % 2, 4.0, 1.0), 0.95, 1.1)):
        seen = np.sqrt(truth * rng.chisquare(40, (200, 10)) / 40)
        mixed = np.array([drawn(row, 40.0).error for row in seen])
        ratio = ((mixed - np.sqrt(truth)) ** 2).mean() / ((seen - np.sqrt(truth)) ** 2).mean()
        assert least < ratio < most


def test_what_others_are_worth_agrees_with_the_moments_of_the_moderated_t():
    """Oracle: Smyth (2004) solves trigamma(d / 2) = excess of the spread; 2 / d is its first term."""
    from scipy import special, stats

    variance = np.exp(np.linspace(-0.4, 0.4, 12))
    found = drawn(np.sqrt(variance), 60.0)
    spread = ((np.log(variance) - np.log(variance).mean()) ** 2).sum() / stats.chi2.ppf(0.35, 11)
    excess = spread - special.polygamma(1, 30.0)
    added = found.freedom[0] - 60.0
    assert 20.0 < added < 60.0
    assert special.polygamma(1, added / 2.0) == pytest.approx(excess, rel=0.06)
    common = variance.mean()
    assert found.error**2 == pytest.approx((added * common + 60.0 * variance) / (added + 60.0))


def test_two_groups_and_groups_faced_with_the_same_rows_keep_their_own():
    mirrored = np.array([[1.0, -1.0], [-1.0, 1.0]])
    found = drawn([0.04, 0.04], 30.0, alike=mirrored)
    assert found.freedom.tolist() == [30.0, 30.0]
    faced = np.full((6, 6), 0.98) + 0.02 * np.eye(6)
    found = drawn(np.full(6, 0.04), 30.0, alike=faced)
    assert (found.freedom < 33.0).all(), "errors that come from one reference show the same thing six times"


def test_groups_that_nothing_is_known_of_neither_give_nor_take():
    """Nothing moved, a single cluster, not judged: they keep what they have, and the others are as without them."""
    error = np.array([0.04, 0.05, 0.045, 0.05, 0.0, 0.4, 0.9])
    freedom = np.array([40.0, 40.0, 40.0, 40.0, 40.0, 1.0, 40.0])
    wanted = np.array([True] * 6 + [False])
    found = drawn(error, freedom, wanted=wanted)
    alone = drawn(error[:4], freedom[:4])
    assert found.error[:4] == pytest.approx(alone.error)
    assert found.error[4:].tolist() == error[4:].tolist()
    assert found.freedom[4:].tolist() == freedom[4:].tolist()


def nested(rng, *, noisy=0.4, lead=0.0, loss=0.0):
    """Ten groups of 40 clusters of five rows; the first is more often drawn anew, leads, and loses."""
    clusters = np.arange(2_000) // 5
    groups = clusters % 10
    first = groups == 0
    rate = 1.0 / (1.0 + np.exp(-(1.3 + rng.normal(0.0, 0.8, 400)[clusters])))
    before = np.clip(np.clip(rate, lead, 1.0 - lead) + lead * first, 0.0, 1.0)
    after = np.clip(before - loss * first, 0.0, 1.0)
    one = rng.random(2_000)
    two = np.where(rng.random(2_000) < np.where(first, noisy, 0.6), rng.random(2_000), one)
    return (one < before).astype(float), (two < after).astype(float), groups, clusters


def judged(data, seed):
    base, candidate, groups, clusters = data
    return gap_changes(base, candidate, groups, count=10, clusters=clusters, draws=300, seed=seed)


@pytest.mark.slow
def test_a_group_that_varies_more_than_the_others_brings_no_more_false_alarms():
    """Nothing changes in 100 evaluations, nominally 5 % to either side: at most 18 of 200 with probability .99."""
    rng = np.random.default_rng(5)
    found = [judged(nested(rng, noisy=1.0), seed) for seed in range(100)]
    assert sum(bool((one.high < 0.0).any()) + bool((one.low > 0.0).any()) for one in found) <= 18


@pytest.mark.slow
def test_a_lead_that_became_as_large_a_lag_is_seldom_accused_and_a_fall_from_level_often():
    """Of 100 evaluations each: at 5 % at most 11 accused with probability .99; a plain interval sees 47 % of falls."""
    rng = np.random.default_rng(6)
    reversals = [judged(nested(rng, noisy=0.6, lead=0.1, loss=0.2), seed) for seed in range(100)]
    assert sum(bool((one.loss_low > 0.0).any()) for one in reversals) <= 11
    falls = [judged(nested(rng, noisy=0.6, loss=0.1), seed) for seed in range(100)]
    assert sum(bool(one.loss_low[0] > 0.0) for one in falls) >= 32


def test_a_group_that_falls_farther_is_never_accused_less():
    """A lead of any size, and ever more answers lost: once accused, it stays so."""
    rng = np.random.default_rng(7)
    groups = np.arange(1_200) % 6
    mine = np.flatnonzero(groups == 0)
    seen = 0
    for lead in (0.0, 0.05, 0.1, 0.2):
        base = (rng.random(1_200) < np.where(groups == 0, 0.7 + lead, 0.7)).astype(float)
        candidate = np.where(rng.random(1_200) < 0.3, rng.random(1_200) < 0.7, base).astype(float)
        order = rng.permutation(mine[candidate[mine] > 0.0])
        accused = []
        for lost in range(0, order.size + 1, 8):
            after = candidate.copy()
            after[order[:lost]] = 0.0
            found = gap_changes(base, after, groups, count=6, draws=200, seed=1)
            accused.append(bool(found.loss_low[0] > 0.0))
        assert accused == sorted(accused)
        seen += any(accused)
    assert seen == 4
