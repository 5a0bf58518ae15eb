"""Planning, repeats, ratios, judges: the edges that the published numbers do not show."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evalkit import stats
from evalkit.core.errors import UsageError
from evalkit.stats.distributions import normal_quantile
from evalkit.stats.planning import paired_cells


def test_all_tables_together_are_certain():
    for n, b, c in ((1, 0.3, 0.2), (200, 0.05, 0.05), (5000, 0.02, 0.0)):
        assert paired_cells(n, fixed=b, broken=c).probability.sum() == pytest.approx(1.0, abs=1e-12)


def test_more_examples_mean_more_power():
    power = [stats.noninferiority_power(n, margin=0.05, discordance=0.1) for n in (100, 200, 400, 1600)]
    assert power == sorted(power)
    assert power[-1] > 0.99


def test_the_published_formula_promises_too_much_at_small_n():
    power = [
        stats.noninferiority_power(stats.examples_needed(margin, spread=0.10), margin=margin, discordance=0.10)
        for margin in (0.10, 0.05, 0.03, 0.01)
    ]
    assert [round(100 * p, 1) for p in power] == [69.9, 76.3, 78.7, 79.9]


@pytest.mark.parametrize("alpha", [0.025, 0.05])
@pytest.mark.parametrize("discordance", [0.001, 0.02, 0.1, 0.32, 1.0])
@pytest.mark.parametrize("margin", [0.05, 0.1, 0.2, 0.5, 1.0])
def test_the_planned_n_is_the_first_without_a_worse_one_beyond(margin, discordance, alpha):
    """By a scan of every n: the curve is a saw-tooth, so the first n with the power may have a worse one after it."""
    needed = stats.noninferiority_examples(margin, discordance=discordance, alpha=alpha)
    assert needed <= 3200
    first = max(1, needed - 40)
    scan = range(first, needed + math.ceil(12.0 / margin))
    power = {n: stats.noninferiority_power(n, margin=margin, discordance=discordance, alpha=alpha) for n in scan}
    assert needed == max((n + 1 for n in scan if power[n] < 0.8), default=1)


def test_the_first_n_with_the_power_may_have_a_worse_one_after_it():
    at = {n: stats.noninferiority_power(n, margin=0.1, discordance=0.1) for n in range(90, 110)}
    assert min(n for n in at if at[n] >= 0.8) == 97
    assert at[99] < 0.8
    assert stats.noninferiority_examples(0.1, discordance=0.1) == 100


@pytest.mark.parametrize(("margin", "discordance"), [(0.01, 0.5), (0.01, 1.0), (0.002, 0.1)])
def test_very_many_pairs_are_planned_to_one_in_two_thousand(margin, discordance):
    n = stats.noninferiority_examples(margin, discordance=discordance)
    assert n > 20_000
    assert stats.noninferiority_power(n, margin=margin, discordance=discordance) == pytest.approx(0.8, abs=2e-3)
    assert n == pytest.approx(stats.examples_needed(margin, spread=discordance), rel=5e-3)


@pytest.mark.parametrize("margin", [1e-3, 1e-4, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("discordance", [1e-6, 0.001, 0.1, 1.0])
def test_a_margin_of_next_to_nothing_needs_very_many_pairs_and_no_memory(margin, discordance):
    needed = stats.noninferiority_examples(margin, discordance=discordance)
    assert needed >= stats.unchanged_examples(margin)
    assert needed >= 0.99 * stats.examples_needed(margin, spread=discordance)


def test_a_power_is_a_chance():
    for n in range(40, 80):
        assert stats.noninferiority_power(n, margin=0.5, discordance=0.1) <= 1.0
    with pytest.raises(ValueError, match="alpha"):
        stats.noninferiority_power(10, margin=0.1, discordance=0.1, alpha=0.6)


@pytest.mark.parametrize("n", [1, 2, 17, 80, 200])
@pytest.mark.parametrize(("discordance", "delta"), [(0.02, 0.0), (0.1, -0.05), (0.5, 0.2), (1.0, 0.0), (0.0, 0.0)])
def test_power_is_the_sum_over_all_tables(n, discordance, delta):
    cells = paired_cells(n, fixed=(discordance + delta) / 2.0, broken=(discordance - delta) / 2.0)
    for margin in (0.02, 0.1, 1.0):
        proven = stats.tango_z(n, cells.fixed, cells.broken, -margin) > normal_quantile(0.975)
        power = stats.noninferiority_power(n, margin=margin, discordance=discordance, delta=delta)
        assert power == pytest.approx(float(cells.probability[proven].sum()), abs=1e-10)


def test_an_unchanged_model_passes_as_often_as_planned():
    """Drawn, not computed: 80 and 100 cases of which a tenth differ, judged by the interval that gates look at."""
    rng = np.random.default_rng(7)
    for n in (80, 100):
        drawn = rng.multinomial(n, [0.05, 0.05, 0.9], 40_000)
        low, _ = stats.tango_interval(n, drawn[:, 0], drawn[:, 1])
        planned = stats.noninferiority_power(n, margin=0.1, discordance=0.1)
        assert (low > -0.1).mean() == pytest.approx(planned, abs=0.01)


def test_detectable_and_needed_are_inverse():
    n = stats.examples_needed(0.03, spread=0.2)
    assert stats.smallest_detectable(n, spread=0.2) <= 0.03 < stats.smallest_detectable(n - 1, spread=0.2)


def test_a_mid_p_test_has_more_power_than_the_exact_one():
    exact, mid = (stats.mcnemar_power(200, fixed=0.10, broken=0.04, mid_p=m) for m in (False, True))
    assert mid > exact


@pytest.mark.parametrize(
    "call",
    [
        lambda: stats.smallest_detectable(0, spread=0.1),
        lambda: stats.examples_needed(0.0, spread=0.1),
        lambda: stats.zero_failure_examples(1.0),
        lambda: stats.fewest_discordant(0),
        lambda: stats.noninferiority_power(100, margin=0.05, discordance=0.01, delta=0.05),
        lambda: paired_cells(0, fixed=0.1, broken=0.1),
        lambda: paired_cells(5, fixed=0.7, broken=0.7),
    ],
)
def test_plans_that_make_no_sense_are_refused(call):
    with pytest.raises(ValueError, match=r"[a-z]"):
        call()


def test_flip_rate_with_unequal_repeats():
    raw = [[1, 1, 0], [1, 1, 1], [0, 1, 0], [1, 0, 0]]
    scored = [[True] * 3, [True] * 3, [True, True, False], [True, False, False]]
    flips = stats.flip_rate(raw, scored)
    assert flips.per_example.tolist() == pytest.approx([2 / 3, 0.0, 1.0])
    assert flips.examples.tolist() == [0, 1, 2]
    assert flips.rate == pytest.approx(5 / 9)
    assert flips.flipped == pytest.approx(2 / 3)


def test_without_repeats_there_is_no_flip_rate():
    flips = stats.flip_rate([[1.0], [0.0]])
    assert (flips.rate, flips.flipped, flips.per_example.size) == (None, None, 0)


def test_the_noise_floor_is_the_far_end_of_an_a_against_a_interval():
    assert stats.noise_floor(-0.031, 0.024) == 0.031
    assert stats.noise_floor(-0.01, 0.024) == 0.024


@pytest.mark.parametrize(("n", "passed", "k"), [(4, 5, 1), (4, -1, 1), (4, 2, 5), (4, 2, 0)])
def test_drawing_more_than_there_is_is_refused(n, passed, k):
    with pytest.raises(ValueError, match=r"of n 4|passed is -1|k is 0"):
        stats.pass_at_k(n, passed, k=k)


def test_pass_at_k_of_a_thousand_answers_does_not_overflow():
    assert stats.pass_at_k(1000, 10, k=100) == pytest.approx(0.6529, abs=1e-3)


def latencies(n=400, factor=1.0, seed=0):
    rng = np.random.default_rng(seed)
    base = rng.lognormal(0, 0.8, n)
    return base, base * factor * rng.lognormal(0, 0.2, n)


@pytest.mark.parametrize("quantile", [None, 0.5, 0.95])
def test_a_slower_candidate_has_a_ratio_above_one(quantile):
    slower = stats.paired_ratio(*latencies(factor=1.5), quantile=quantile)
    assert slower.low > 1.2
    assert slower.low < slower.ratio < slower.high


def test_pairing_makes_the_ratio_precise():
    base, candidate = latencies()
    paired = stats.paired_ratio(base, candidate)
    shuffled = stats.paired_ratio(base, np.random.default_rng(1).permutation(candidate))
    assert paired.high - paired.low < 0.5 * (shuffled.high - shuffled.low)


def test_clustered_ratios_are_wider():
    base, candidate = (np.repeat(x, 5) for x in latencies(80))
    rows = stats.paired_ratio(base, candidate)
    clustered = stats.paired_ratio(base, candidate, clusters=np.repeat(np.arange(80), 5))
    assert clustered.n_clusters == 80
    assert clustered.high - clustered.low > 1.5 * (rows.high - rows.low)


@pytest.mark.parametrize("quantile", [None, 0.95])
def test_equal_arms_have_a_ratio_of_one_with_a_width(quantile):
    base, _ = latencies()
    result = stats.paired_ratio(base, base, quantile=quantile)
    assert result.ratio == 1.0
    assert result.low < 1.0 < result.high
    assert result.method == "unseen_share"


def test_a_base_of_zero_has_no_ratio_and_says_so():
    result = stats.paired_ratio([0.0, 0.0], [1.0, 2.0])
    assert (result.ratio, result.low, result.high) == (None, None, None)
    assert "base is 0" in result.reason
    assert "nothing was measured" in stats.paired_ratio([], []).reason


def test_a_ratio_of_different_examples_is_a_usage_error():
    with pytest.raises(UsageError, match="are paired"):
        stats.paired_ratio([1.0], [1.0, 2.0])


def test_the_weighted_quantile_is_numpys():
    from evalkit.stats.ratios import _weighted_quantile

    rng = np.random.default_rng(2)
    values, weights = rng.normal(size=37), rng.integers(0, 4, (20, 37)).astype(float)
    for q in (0.1, 0.5, 0.95):
        brute = [np.quantile(np.repeat(values, w.astype(int)), q, method="inverted_cdf") for w in weights]
        assert _weighted_quantile(values, weights, q).tolist() == pytest.approx(brute)


def test_kappa_of_one_label_is_undefined_not_zero():
    kappa = stats.kappa_of_labels(["yes"] * 5, ["yes"] * 5)
    assert (kappa.value, kappa.low, kappa.high, kappa.agreement) == (None, None, None, 1.0)
    assert "undefined" in kappa.reason


def test_the_kappa_paradox_shows_in_the_prevalence():
    kappa = stats.cohen_kappa([[90, 5], [5, 0]])
    assert kappa.agreement == 0.9
    assert kappa.value < 0.0
    assert kappa.prevalence == pytest.approx(0.95)


def test_quadratic_kappa_forgives_near_misses():
    order = [1, 2, 3, 4, 5]
    near = stats.kappa_of_labels([1, 2, 3, 4, 5] * 9, [2, 3, 4, 5, 4] * 9, order=order, weights="quadratic")
    plain = stats.kappa_of_labels([1, 2, 3, 4, 5] * 9, [2, 3, 4, 5, 4] * 9, order=order)
    assert near.value > 0.5 > plain.value


def test_a_judge_that_says_the_same_of_all_is_ignored():
    labels = [1, 0, 1, 1, 0, 1]
    result = stats.ppi_mean(labels, [1] * 6, [1] * 50)
    assert result.lam == 0.0
    assert result.value == pytest.approx(np.mean(labels))


def test_a_perfect_judge_narrows_the_interval():
    rng = np.random.default_rng(0)
    truth = (rng.random(1000) < 0.7).astype(float)
    alone, helped = (stats.ppi_mean(truth[:50], truth[:50], truth[50:], lam=lam) for lam in (0.0, None))
    assert helped.high - helped.low < 0.5 * (alone.high - alone.low)
    assert helped.low < 0.7 < helped.high


@pytest.mark.parametrize(
    ("labels", "judged", "others"), [([1], [1], [1, 0]), ([1, 0], [1], [1, 0]), ([1, 0], [1, 0], [1])]
)
def test_too_few_labels_are_refused(labels, judged, others):
    with pytest.raises(ValueError, match="at least two"):
        stats.ppi_mean(labels, judged, others)
