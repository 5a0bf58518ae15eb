"""Times taken side by side: the round is the unit, and what moves a whole round proves nothing."""

import math

import numpy as np
import pytest

from evalkit.stats.ratios import paired_ratio
from evalkit.stats.rounds import FEWEST, ratio_over_rounds


def rounds(count=10, *, block=16, factor=1.0, machine=0.2, seed=0):
    """Seconds of both arms: each arm's turn of a round has its own luck with the machine, shared by its answers."""
    rng = np.random.default_rng(seed)
    length = rng.lognormal(0.0, 0.5, (count, block))
    one = length * rng.lognormal(0.0, machine, (count, 1)) * rng.lognormal(0.0, 0.05, (count, block))
    other = factor * length * rng.lognormal(0.0, machine, (count, 1)) * rng.lognormal(0.0, 0.05, (count, block))
    return one.tolist(), other.tolist()


def test_the_interval_is_students_t_on_the_log_ratios():
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    base, candidate = rounds()
    found = ratio_over_rounds(base, candidate, confidence=0.9)
    logs = np.log(np.mean(candidate, axis=1)) - np.log(np.mean(base, axis=1))
    low, high = stats.t.interval(0.9, 9, loc=logs.mean(), scale=stats.sem(logs))
    assert (math.log(found.low), math.log(found.high)) == pytest.approx((low, high), abs=1e-9)
    assert found.ratio == pytest.approx(found.candidate / found.base)
    assert (found.n, found.n_clusters, found.method) == (160, 10, "t_over_rounds")


@pytest.mark.parametrize("quantile", [None, 0.5, 0.95])
def test_the_same_arm_twice_is_seldom_called_another(quantile):
    """800 pairs: at 95 % at most 5 % may be told apart, two simulation errors allowed; answers as units say 60 %."""
    draws = 800
    told = told_by_answers = 0
    for seed in range(draws):
        base, candidate = rounds(seed=seed, block=8)
        found = ratio_over_rounds(base, candidate, quantile=quantile)
        told += found.low > 1.0 or found.high < 1.0
        if quantile is None and seed < 100:
            plain = paired_ratio(np.ravel(base), np.ravel(candidate), seed=seed, draws=400)
            told_by_answers += plain.low > 1.0 or plain.high < 1.0
    assert told / draws <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / draws)
    assert quantile is not None or told_by_answers > 40


def test_a_saving_that_is_there_is_found():
    found = [ratio_over_rounds(*rounds(factor=0.6, machine=0.1, seed=seed)).high < 0.8 for seed in range(100)]
    assert sum(found) > 90


def test_swapping_the_arms_mirrors_and_another_unit_changes_nothing():
    base, candidate = rounds(factor=1.3)
    found, swapped = ratio_over_rounds(base, candidate), ratio_over_rounds(candidate, base)
    assert (1 / swapped.high, 1 / swapped.low) == pytest.approx((found.low, found.high))
    in_ms = ratio_over_rounds(*([[1000 * v for v in one] for one in arm] for arm in (base, candidate)))
    assert (in_ms.low, in_ms.high) == pytest.approx((found.low, found.high))


@pytest.mark.parametrize("arms", [([[1.0]] * 4, [[1.0]] * 4), ([[1.0]] * 9, [[]] * 9), ([[0.0]] * 9, [[1.0]] * 9)])
def test_too_few_rounds_have_no_interval(arms):
    found = ratio_over_rounds(*arms)
    assert (found.ratio, found.low, found.high) == (None, None, None)
    assert f"{FEWEST} are needed" in found.reason
