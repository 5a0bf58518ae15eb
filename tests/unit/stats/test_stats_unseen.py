"""What units that did not change may still hide: widths in clusters, on known scales, and that they never narrow."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit import stats
from evalkit.stats.clusters import ClusterSums
from evalkit.stats.curves import TCurve
from evalkit.stats.unseen import _count_freedom, clustered_curve


def half(base, candidate, clusters, **how):
    found = stats.compare_paired(base, candidate, clusters=clusters, **how)
    return (found.high - found.low) / 2, found


def changed(sizes, ups, downs):
    """Yes/no rows in clusters; `ups` and `downs` say how many rows of a cluster are fixed and broken."""
    codes = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(codes.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    step = np.where(place < np.asarray(ups)[codes], 1.0, 0.0)
    step -= np.where((place >= np.asarray(ups)[codes]) & (place < (np.asarray(ups) + downs)[codes]), 1.0, 0.0)
    base = np.where(step > 0.0, 0.0, 1.0)
    return base, base + step, codes


@pytest.mark.parametrize("sizes", [[3] * 50, [3] * 45, [5] * 40, list(range(1, 10)) * 10])
@pytest.mark.parametrize("whole", [False, True])
def test_balanced_changes_never_narrow_the_interval_of_clusters(sizes, whole):
    widths = []
    for each in range(len(sizes) // 4):
        ups, downs = np.zeros(len(sizes), dtype=int), np.zeros(len(sizes), dtype=int)
        for k in range(each):
            # two clusters of one size, one each way
            first, second = (2 * k, 2 * k + 1) if len(set(sizes)) == 1 else (k, k + 9 * (len(sizes) // 18))
            amount = min(sizes[first], sizes[second]) if whole else 1
            ups[first], downs[second] = amount, amount
        width, found = half(*changed(sizes, ups, downs))
        if abs(found.delta) < 1e-12 and found.discordance <= 0.5:
            widths.append(width)
    assert widths == sorted(widths)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(8, 40), st.integers(2, 5))
def test_a_pair_of_changes_more_never_narrows_it(data, count, size):
    sizes = [size] * count
    pairs = data.draw(st.lists(st.integers(1, size), min_size=1, max_size=count // 4))
    ups, downs = np.zeros(count, dtype=int), np.zeros(count, dtype=int)
    widths = []
    for k, amount in enumerate([0, *pairs]):
        if amount:
            ups[2 * k], downs[2 * k + 1] = amount, amount
        width, found = half(*changed(sizes, ups, downs))
        if found.discordance <= 0.5:
            widths.append(width)
    assert all(after >= before - 1e-9 for before, after in pairwise(widths))


def test_a_few_large_clusters_do_not_drown_a_rate_that_does_not_move():
    rng = np.random.default_rng(1)
    sizes = np.maximum(1, rng.lognormal(3.9, 0.9, 125)).astype(int)
    base, candidate, codes = changed(sizes, np.r_[1, np.zeros(124, dtype=int)], np.zeros(125, dtype=int))
    width, _ = half(base, candidate, codes)
    assert width < 0.04


def test_large_clusters_that_could_have_broken_still_widen_a_loss_seen():
    sizes = [50] * 5 + [1] * 95
    small, _ = half(*changed(sizes, np.zeros(100, dtype=int), np.r_[np.zeros(90), np.ones(10)].astype(int)))
    equal, _ = half(*changed([3] * 100, np.zeros(100, dtype=int), np.r_[np.zeros(98), 3, 3].astype(int)))
    assert small > 0.5 * equal


@settings(max_examples=30, deadline=None)
@given(st.data(), st.lists(st.integers(1, 6), min_size=2, max_size=20))
def test_swapping_arms_mirrors_clusters(data, sizes):
    ups = np.array([data.draw(st.integers(0, size)) for size in sizes])
    downs = np.array([data.draw(st.integers(0, size - up)) for size, up in zip(sizes, ups.tolist(), strict=True)])
    base, candidate, codes = changed(sizes, ups, downs)
    there, back = (stats.compare_paired(*arms, clusters=codes) for arms in ((base, candidate), (candidate, base)))
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)
    assert there.p_worse is not None


@pytest.mark.parametrize("factor", [0.01, 7.0])
def test_scaling_values_margin_and_scale_scales_the_interval(factor):
    rng = np.random.default_rng(2)
    base, candidate = rng.integers(1, 11, (2, 70)).astype(float)
    one = stats.compare_paired(base, candidate, scale=(1, 10), margin=0.5)
    other = stats.compare_paired(factor * base, factor * candidate, scale=(factor, 10 * factor), margin=0.5 * factor)
    assert (factor * one.low, factor * one.high) == pytest.approx((other.low, other.high), rel=1e-6)
    assert one.p_noninferior == pytest.approx(other.p_noninferior, rel=1e-5)


def test_a_known_scale_never_narrows_an_interval():
    rng = np.random.default_rng(3)
    for n in (12, 40, 120, 400):
        base = rng.integers(3, 8, n).astype(float)
        candidate = base + rng.choice([-1.0, 0.0, 1.0], n)
        seen, known = (stats.compare_paired(base, candidate, scale=scale) for scale in (None, (1, 10)))
        assert known.low <= seen.low
        assert known.high >= seen.high
        assert (known.scale_known, seen.scale_known) == (True, False)


def test_the_interval_and_the_p_value_of_a_margin_agree():
    rng = np.random.default_rng(4)
    base = rng.integers(1, 11, 150).astype(float)
    candidate = np.clip(base + rng.choice([-1.0, 0.0, 1.0], 150), 1, 10)
    found = stats.compare_paired(base, candidate, scale=(1, 10), margin=0.3)
    assert (found.low > -0.3) == (found.p_noninferior < 0.025)


def test_a_few_large_clusters_that_moved_are_worth_few_degrees_of_freedom():
    """Of 125 clusters two large ones made nearly all that moved: t has 4 degrees of freedom, not 124."""
    sizes = np.array([50, 50, *[1] * 123])
    codes = np.repeat(np.arange(125), sizes)
    step = np.where(codes == 0, -1.0, np.where(codes == 1, 1.0, 0.0))
    sums = ClusterSums.of(step, codes, 125)
    seen = clustered_curve(sums, reach=1.0).interval(0.95)
    plain = TCurve(sums.mean, sums.jackknife_error(), 124).interval(0.95)
    assert seen[0] < 1.3 * plain[0] < 0.0 < 1.3 * plain[1] < seen[1]


def test_equal_clusters_have_their_full_degrees_of_freedom():
    codes = np.repeat(np.arange(60), 4)
    step = np.where(codes < 10, -1.0, np.where(codes < 20, 1.0, 0.0))
    sums = ClusterSums.of(step, codes, 60)
    expected = TCurve(sums.mean, sums.jackknife_error(), 59).interval(0.95)
    found = clustered_curve(sums, reach=1.0).interval(0.95)
    assert found[0] <= expected[0]
    assert _count_freedom(sums.totals - sums.mean * sums.sizes, equal=True) == 59.0
