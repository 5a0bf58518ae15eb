"""Changes over runs: drift and steps are found, no change raises few alarms, and each case is compared with itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from evalkit.stats import find_changes, sign_flip
from evalkit.stats.changes import _spend
from evalkit.stats.contrasts import contrast_runs, is_paired

Floats = NDArray[np.float64]
RUNS = 12


def history(rng: np.random.Generator, rates: Floats, *, cases: int = 400, correlation: float = 0.5) -> Floats:
    own = rng.random((cases, 1))
    fixed = rng.random((cases, rates.size)) < np.sqrt(correlation)
    return (np.where(fixed, own, rng.random(fixed.shape)) < rates).astype(np.float64)


def flat(rate: float = 0.85) -> Floats:
    return np.full(RUNS, rate)


def test_a_slow_drift_a_step_and_no_change_are_told_apart() -> None:
    rng = np.random.default_rng(1)
    drift = find_changes(history(rng, 0.85 - 0.008 * np.arange(RUNS)))
    assert [(change.kind, change.better) for change in drift.found][:1] == [("drift", False)]
    rates = np.where(np.arange(RUNS) >= 6, 0.75, 0.85)
    step = find_changes(history(rng, rates))
    (change,) = step.found
    assert (change.kind, change.better) == ("step", False)
    assert abs(change.first - 6) <= 1
    assert change.low < -0.1 < change.high
    assert change.told >= change.first
    assert find_changes(history(rng, flat())).found == ()


def test_better_and_worse_change_places_with_the_direction() -> None:
    rates = np.where(np.arange(RUNS) >= 6, 0.70, 0.85)
    scores = history(np.random.default_rng(2), rates)
    (down,) = find_changes(scores).found
    (up,) = find_changes(1.0 - scores, higher_is_better=False).found
    assert (down.better, up.better) == (False, False)
    assert (down.first, down.told) == (up.first, up.told)
    assert down.size == pytest.approx(-up.size)
    (improved,) = find_changes(1.0 - scores).found
    assert improved.better


def test_few_histories_without_change_raise_an_alarm_and_most_with_a_drift_do() -> None:
    """A small share of what benchmarks/trends.py measures."""
    rng = np.random.default_rng(3)
    alarms = sum(bool(find_changes(history(rng, flat()), draws=400, seed=n).found) for n in range(150))
    assert alarms <= 14  # 5 % of 150 are 7.5: more than 14 has a chance below 1 %
    slow = 0.85 - 0.005 * np.arange(RUNS)
    found = sum(bool(find_changes(history(rng, slow), draws=400, seed=n).found) for n in range(40))
    assert found >= 32


def test_two_runs_are_the_sign_flip_test() -> None:
    rng = np.random.default_rng(4)
    scores = history(rng, np.array([0.9, 0.8]), cases=60, correlation=0.3)
    expected = sign_flip(scores[:, 1] - scores[:, 0], exact_up_to=16, draws=20_000)
    assert find_changes(scores, draws=20_000).p == pytest.approx(expected.p, abs=0.02)


def test_flips_are_exact_where_all_are_counted() -> None:
    """Three runs, five cases: the p-value by all 32 patterns of signs."""
    scores = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 1, 0]], dtype=np.float64)
    contrasts = contrast_runs(scores, np.arange(5), range(1, 3), paired=True)
    last = contrasts.look == 2
    scaled = contrasts.parts[:, last] / np.sqrt((contrasts.parts[:, last] ** 2).sum(axis=0))
    handicap = np.where(contrasts.step[last] > 0, 0.5, 0.0)
    tops = [(np.abs(np.array(s) @ scaled) - handicap).max() for s in itertools.product((-1, 1), repeat=5)]
    observed = (np.abs(scaled.sum(axis=0)) - handicap).max()
    exact = np.mean([top >= observed - 1e-9 for top in tops])
    assert find_changes(scores, draws=40_000).p == pytest.approx(exact, abs=0.01)


def test_a_line_is_the_slope_of_ordinary_least_squares_with_a_level_for_each_case() -> None:
    rng = np.random.default_rng(5)
    scores = rng.random((30, 7))
    scores[rng.random(scores.shape) < 0.2] = np.nan
    contrasts = contrast_runs(scores, np.arange(30), range(6, 7), paired=True)
    rows, runs = np.nonzero(np.isfinite(scores))
    design = np.column_stack([runs.astype(np.float64), np.eye(30)[rows]])
    slope = np.linalg.lstsq(design, scores[rows, runs], rcond=None)[0][0]
    line = int(np.flatnonzero(contrasts.step == 0)[0])
    assert contrasts.parts[:, line].sum() / contrasts.weights[:, line].sum() == pytest.approx(slope)


def test_an_unpaired_step_is_the_difference_of_the_runs_means() -> None:
    rng = np.random.default_rng(6)
    scores = np.full((200, 4), np.nan)
    for run in range(4):
        scores[run * 50 : (run + 1) * 50, run] = rng.random(50)
    assert not is_paired(scores)
    contrasts = contrast_runs(scores, np.arange(200), range(3, 4), paired=False)
    step = int(np.flatnonzero(contrasts.step == 2)[0])
    means = np.nanmean(scores, axis=0)
    difference = means[2:].mean() - means[:2].mean()
    assert contrasts.parts[:, step].sum() / contrasts.weights[:, step].sum() == pytest.approx(difference)


def test_harder_cases_from_a_run_on_are_no_change_of_the_model() -> None:
    rng = np.random.default_rng(7)
    alarms = 0
    for number in range(20):
        easy, hard = history(rng, flat(0.9)[:6]), history(rng, flat(0.7)[:6])
        gap = np.full((400, 6), np.nan)
        scores = np.block([[easy, gap], [gap, hard]])
        alarms += bool(find_changes(scores, draws=400, seed=number).found)
    assert alarms <= 3


def test_clusters_that_move_together_count_once() -> None:
    rng = np.random.default_rng(8)
    one = history(rng, flat(), cases=20, correlation=0.0)
    scores = np.repeat(one, 20, axis=0)
    alone = find_changes(one, seed=1)
    clustered = find_changes(scores, clusters=np.repeat(np.arange(20), 20), seed=1)
    assert clustered.p == pytest.approx(alone.p)
    assert find_changes(scores, seed=1).p != pytest.approx(alone.p)


def test_the_error_is_spent_whole_at_the_end_and_little_before() -> None:
    assert _spend(1.0, 0.04) == pytest.approx(0.04)
    assert _spend(0.5, 0.04) < 0.002


@pytest.mark.parametrize("runs", [0, 1])
def test_without_two_runs_there_is_nothing_to_find(runs: int) -> None:
    found = find_changes(np.ones((5, runs)))
    assert (found.found, found.p) == ((), None)


def test_a_long_history_tells_every_step() -> None:
    rates = np.concatenate([np.full(10, 0.9), np.full(15, 0.75), np.full(15, 0.9)])
    found = find_changes(history(np.random.default_rng(9), rates)).found
    assert [change.better for change in found][:2] == [False, True]
    assert abs(found[0].first - 10) <= 1
    assert abs(found[1].first - 25) <= 1


def test_the_same_history_is_told_the_same() -> None:
    scores = history(np.random.default_rng(10), flat())
    assert find_changes(scores) == find_changes(scores)
    assert find_changes(scores[::-1]).found == find_changes(scores).found
