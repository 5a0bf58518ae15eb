"""compare_paired chooses its method, says why, and never answers with a number it does not have."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest

from evalkit import stats
from evalkit.core.errors import UsageError


def table(both, fixed, broken, neither):
    """Two arms with this paired table."""
    base = [1.0] * both + [0.0] * fixed + [1.0] * broken + [0.0] * neither
    candidate = [1.0] * both + [1.0] * fixed + [0.0] * broken + [0.0] * neither
    return base, candidate


def numbers(result):
    return [v for f in fields(result) if isinstance(v := getattr(result, f.name), float)]


def graded(n, *, seed=0, shift=0.0, spread=0.1):
    rng = np.random.default_rng(seed)
    base = rng.random(n)
    return base, base + shift + spread * rng.normal(size=n)


def test_yes_no_metrics_get_tango_and_exact_mcnemar():
    result = stats.compare_paired(*table(53, 16, 8, 9), margin=0.05)
    assert (result.method, result.fixed, result.broken, result.n) == ("tango", 16, 8, 86)
    assert (round(result.low, 3), round(result.high, 3)) == (-0.020, 0.207)
    assert result.p == stats.mcnemar(16, 8).exact
    assert result.p_worse == stats.mcnemar(16, 8).worse
    assert result.p_noninferior == pytest.approx(stats.tango_p(86, 16, 8, margin=0.05))
    assert result.base_interval == stats.wilson(61, 86)
    assert result.candidate_interval == stats.wilson(69, 86)


def test_mid_p_is_an_option_and_is_smaller():
    arms = table(59, 6, 16, 80)
    exact, mid = stats.compare_paired(*arms), stats.compare_paired(*arms, mid_p=True)
    assert round(exact.p, 6) == 0.052479
    assert round(mid.p, 6) == 0.034690
    assert mid.p_worse < exact.p_worse
    assert (mid.low, mid.high) == (exact.low, exact.high)


def test_few_graded_examples_are_bootstrapped_and_many_get_student():
    few, many = stats.compare_paired(*graded(80)), stats.compare_paired(*graded(800))
    assert few.method == "bca_bootstrap"
    assert many.method == "paired_t"
    assert "80 examples" in few.reason
    assert few.fixed is None
    assert few.broken is None


def test_many_but_skewed_examples_are_still_bootstrapped():
    rng = np.random.default_rng(3)
    base = np.zeros(600)
    assert stats.compare_paired(base, rng.lognormal(0, 1.5, 600)).method == "bca_bootstrap"


def test_repeats_averaged_to_fractions_are_graded_even_if_the_metric_is_yes_no():
    rng = np.random.default_rng(0)
    base, candidate = rng.binomial(3, 0.5, 200) / 3, rng.binomial(3, 0.5, 200) / 3
    result = stats.compare_paired(base, candidate, binary=True)
    assert result.method == "bca_bootstrap"
    assert result.reason.startswith("repeats averaged within the example; ")
    assert result.fixed is None


def test_zero_and_one_can_be_declared_graded():
    assert stats.compare_paired(*table(20, 30, 10, 20), binary=False).fixed is None


@pytest.mark.parametrize("value", [0.0, 1.0, 0.4, 7.0])
@pytest.mark.parametrize("n", [1, 2, 30, 500])
def test_all_equal_pairs_never_give_an_interval_of_width_zero(value, n):
    result = stats.compare_paired([value] * n, [value] * n, margin=0.5)
    assert result.delta == 0.0
    assert result.low < 0.0 < result.high
    assert result.high == pytest.approx(stats.no_change_reach(n, reach=max(1.0, value)))
    assert result.p == 1.0
    assert result.mde > 0.0
    assert all(map(math.isfinite, numbers(result)))


@pytest.mark.parametrize("step", [1.0, 0.3, -0.2])
def test_all_discordant_by_the_same_step_still_has_a_width(step):
    base = np.linspace(0.3, 0.6, 40) if abs(step) < 1 else np.zeros(40)
    result = stats.compare_paired(base, base + step)
    assert result.low < result.high
    assert result.low <= result.delta <= result.high
    assert (result.low > 0.0) == (step > 0.0)


def test_every_table_of_up_to_six_pairs_has_a_finite_answer():
    for n in range(1, 7):
        for both in range(n + 1):
            for fixed in range(n + 1 - both):
                for broken in range(n + 1 - both - fixed):
                    result = stats.compare_paired(*table(both, fixed, broken, n - both - fixed - broken), margin=0.05)
                    assert all(map(math.isfinite, numbers(result)))
                    assert -1.0 <= result.low <= result.delta <= result.high <= 1.0
                    assert result.low < result.high


def test_no_example_is_said_in_a_sentence():
    result = stats.compare_paired([], [], margin=0.02)
    assert (result.n, result.delta, result.low, result.p, result.mde) == (0, None, None, None, None)
    assert "no example has a score in both arms" in result.reason


def test_one_example_can_tell_nothing():
    result = stats.compare_paired([1.0], [0.0], margin=0.02)
    assert result.low == -1.0
    assert result.high > 0.5
    assert stats.classify(result.low, result.high, 0.02)[0] == "INCONCLUSIVE"


def test_a_cluster_of_copies_is_one_observation():
    base, candidate = (np.asarray(x) for x in table(40, 9, 4, 27))
    once = stats.compare_paired(base, candidate, margin=0.05)
    copied = stats.compare_paired(
        np.repeat(base, 5), np.repeat(candidate, 5), clusters=np.repeat(np.arange(80), 5), margin=0.05
    )
    assert (copied.n, copied.n_clusters) == (400, 80)
    assert (copied.low, copied.high, copied.p) == pytest.approx((once.low, once.high, once.p))
    assert copied.n_effective == pytest.approx(80)
    assert copied.mde == pytest.approx(once.mde)
    assert copied.n_needed == pytest.approx(5 * once.n_needed, abs=5)


def test_a_verdict_needs_what_the_plan_of_its_discordance_needs():
    found = stats.compare_paired(*table(60, 4, 4, 12), margin=0.1)
    assert (found.discordance, found.n_needed) == (0.1, 100)
    strict = stats.compare_paired(*table(60, 4, 4, 12), margin=0.1, confidence=0.9)
    assert strict.n_needed == stats.noninferiority_examples(0.1, discordance=0.1, alpha=0.05)


def test_clusters_of_one_row_change_nothing():
    arms = table(40, 9, 4, 27)
    assert stats.compare_paired(*arms, clusters=[f"row {i}" for i in range(80)]) == stats.compare_paired(*arms)


def test_unequal_clusters_get_the_leave_one_out_error():
    rng = np.random.default_rng(5)
    clusters = rng.integers(0, 40, 400)
    shock = rng.normal(size=40)[clusters]
    base = (rng.normal(size=400) + shock > 0).astype(float)
    candidate = (rng.normal(size=400) - shock > 0).astype(float)
    clustered, rows = (stats.compare_paired(base, candidate, clusters=c) for c in (clusters, None))
    assert clustered.method == "clustered_t"
    assert clustered.high - clustered.low > 1.2 * (rows.high - rows.low)
    assert clustered.n_effective < 0.8 * 400


def test_one_cluster_can_tell_nothing():
    base, candidate = table(40, 0, 40, 0)
    result = stats.compare_paired(base, candidate, clusters=["one"] * 80, margin=0.05)
    assert (result.n_clusters, result.n_effective) == (1, 1.0)
    assert result.high > 0.2
    assert result.p == 1.0


def test_few_unequal_clusters_that_never_move_keep_a_width():
    result = stats.compare_paired([1.0] * 10, [1.0] * 10, clusters=[0, 0, 0, 0, 0, 1, 1, 2, 3, 4])
    assert result.method == "clustered_t"
    assert result.low < 0.0 < result.high


@pytest.mark.parametrize("seed", range(8))
def test_whole_clusters_of_unequal_size_that_change_at_once_reach_their_bounds(seed):
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(9), rng.integers(1, 10, 9))
    step = np.where(clusters == 4, -1.0, 0.0)
    result = stats.compare_paired(np.ones(clusters.size), 1.0 + step, clusters=clusters, margin=0.05)
    assert -1.0 <= result.low < result.delta <= result.high < 1.0
    assert stats.classify(result.low, result.high, 0.05)[0] == "INCONCLUSIVE"


def test_cluster_names_may_be_anything_hashable():
    arms = table(10, 5, 3, 6)
    names = [("template", i % 7) for i in range(24)]
    assert stats.compare_paired(*arms, clusters=names).n_clusters == 7


def test_a_wider_confidence_gives_a_wider_interval():
    narrow, wide = (stats.compare_paired(*graded(60), confidence=c) for c in (0.80, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_p_noninferior_and_the_interval_agree():
    """low > -margin exactly where p_noninferior < (1 - confidence) / 2, for every method."""
    rng = np.random.default_rng(2)
    cases = [table(60, 9, 7, 24), graded(60, spread=0.3), graded(600, spread=0.4), ([0.5] * 30, [0.5] * 30)]
    clusters = rng.integers(0, 20, 60)
    for base, candidate in cases:
        for names in (None, clusters) if len(base) == 60 else (None,):
            reference = stats.compare_paired(base, candidate, clusters=names)
            for shift, proven in ((1e-3, True), (-1e-3, False)):
                margin = -reference.low + shift
                again = stats.compare_paired(base, candidate, clusters=names, margin=margin)
                assert (again.p_noninferior < 0.025) is proven, (again.method, margin)


def test_the_same_seed_gives_the_same_result_and_another_nearly_so():
    first, again, other = (stats.compare_paired(*graded(60), seed=s) for s in (1, 1, 2))
    assert first == again
    assert other.low == pytest.approx(first.low, abs=0.01)
    assert other.low != first.low


@pytest.mark.parametrize(
    ("base", "candidate", "options", "words"),
    [
        ([1.0], [1.0, 0.0], {}, "are paired"),
        ([1.0, math.nan], [1.0, 0.0], {}, "base .* holds NaN"),
        ([1.0, 0.0], [1.0, math.inf], {}, "candidate .* infinity"),
        ([1.0, 0.0], [1.0, 0.0], {"clusters": ["a"]}, "1 labels of clusters for 2 values"),
    ],
)
def test_data_that_cannot_be_compared_is_a_usage_error(base, candidate, options, words):
    with pytest.raises(UsageError, match=words):
        stats.compare_paired(base, candidate, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"margin": 0.0}, "above 0"),
        ({"margin": -0.1}, "above 0"),
        ({"margin": 1.5}, "at most 1"),
        ({"margin": math.nan}, "above 0"),
        ({"confidence": 1.0}, "between 0 and 1"),
        ({"confidence": 0.4}, "between 0.5 and 1"),
    ],
)
def test_options_out_of_range_are_usage_errors(options, words):
    with pytest.raises(UsageError, match=words):
        stats.compare_paired([1.0, 0.0], [1.0, 0.0], **options)


def test_importing_the_room_loads_no_heavy_package():
    import subprocess
    import sys

    code = "import sys, evalkit.stats; assert 'scipy' not in sys.modules and 'numpy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_can_be_loaded():
    assert set(stats.__all__) == set(dir(stats))
    assert all(getattr(stats, name) is not None for name in stats.__all__)
    with pytest.raises(AttributeError, match="no attribute 'tengo'"):
        _ = stats.tengo


def test_a_bootstrapped_p_value_sees_further_than_its_draws():
    """Twelve standard errors off, hundreds of slices under Holm must still be able to raise an alarm."""
    base, candidate = graded(120, shift=-0.11)
    result = stats.compare_paired(base, candidate)
    assert result.method == "bca_bootstrap"
    assert 0.0 < result.p_worse < 1e-9
    assert result.p == 2 * result.p_worse
    nearer = [stats.compare_paired(*graded(120, shift=-s)).p_worse for s in (0.0, 0.01, 0.02, 0.03, 0.04, 0.06)]
    assert nearer == sorted(nearer, reverse=True)


def test_the_two_one_sided_p_values_of_every_curve_are_complements():
    from evalkit.stats.bootstrap import bca_mean
    from evalkit.stats.curves import TangoCurve, TCurve
    from evalkit.stats.score import ScoreCurve

    values = np.random.default_rng(0).gamma(2.0, size=60) - 2.0
    curves = [bca_mean(values), TangoCurve(60, 9, 4), TCurve(0.1, 0.05, 20), ScoreCurve.of(values / 9, low=-1, high=1)]
    for curve in curves:
        for mean in (-0.2, 0.0, 0.05, 0.3):
            assert curve.p_at_most(mean) + curve.p_at_least(mean) == pytest.approx(1.0, abs=1e-9)


def test_a_graded_metric_of_which_all_answers_stand_at_its_end_is_no_yes_and_no():
    result = stats.compare_paired(np.zeros(80), np.zeros(80), scale=(0.0, 100.0), margin=0.05)
    assert result.n_needed > 80
    assert result.low < 0.0 < result.high
