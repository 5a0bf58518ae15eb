"""Published worked examples, to their printed digits. Each row names where its numbers were printed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evalkit import stats
from evalkit.stats.stopping import Rule, stopping_odds

NEWCOMBE = [
    ((20, 12, 2, 16), 8, (0.0618, 0.3242), "Newcombe 1998, Stat Med 17:2635, via ratesci's tests"),
    ((20, 12, 2, 16), 10, (0.0562, 0.3292), "Newcombe 1998, Stat Med 17:2635, via ratesci's tests"),
    ((1, 1, 7, 12), 10, (-0.507, -0.026), "Fagerland, Lydersen & Laake 2014 (Bentur's data)"),
    ((59, 6, 16, 80), 10, (-0.1186, -0.0046), "Cavo 2012, via contingencytables' tests of chapter 8"),
    ((8, 3, 1, 2), 10, (-0.1574, 0.4136), "Tang 2010"),
    ((7, 25, 2, 68), 10, (0.133, 0.318), "Chang 2024"),
    ((1, 0, 0, 1), 10, (-0.5734, 0.5734), "contingencytables' tests: no discordant pair"),
]

TANGO = [
    ((4, 9, 3, 16), 0.95, (-0.027, 0.390), "Tango 1998, Table VII"),
    ((43, 0, 1, 0), 0.90, (-0.096, 0.037), "Tango 1998, Table V"),
    ((53, 16, 8, 9), 0.95, (-0.020, 0.207), "Agresti & Min 2005"),
    ((1, 1, 7, 12), 0.95, (-0.517, -0.026), "Fagerland, Lydersen & Laake 2014 (Bentur's data)"),
    ((59, 6, 16, 80), 0.95, (-0.1240, -0.0054), "Cavo 2012, via contingencytables' tests of chapter 8"),
    ((8, 3, 1, 2), 0.95, (-0.1670, 0.4327), "Tang 2010"),
    ((7, 25, 2, 68), 0.95, (0.139, 0.321), "Chang 2024"),
    ((0, 3, 0, 0), 0.95, (-0.1230, 1.0000), "every pair fixed, via contingencytables' tests of chapter 8"),
]

MCNEMAR = [
    (
        (59, 6, 16, 80),
        {"exact": 0.052479, "asymptotic": 0.033006, "corrected": 0.055009, "mid_p": 0.034690},
        "Cavo 2012",
    ),
    ((1, 1, 7, 12), {"exact": 0.0703, "asymptotic": 0.0339, "mid_p": 0.0391}, "Fagerland, Lydersen & Laake 2014"),
]

WILSON = [
    (81, 263, (0.2553, 0.3662)),
    (15, 148, (0.0624, 0.1605)),
    (0, 20, (0.0, 0.1611)),
    (1, 29, (0.0061, 0.1718)),
]

INDEPENDENT = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((10, 10, 0, 20), (0.6791, 1.0)),
]

DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
SLEEP = [-1.2, -2.4, -1.3, -1.3, 0.0, -1.0, -1.8, -0.8, -4.6, -1.4]
BH_1995 = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.324,
    0.4262,
    0.5719,
    0.6528,
    0.759,
    1,
]


def printed(values: object, expected: object) -> bool:
    """Equal when rounded to the digits that were printed: as many as the longest number of the row shows."""
    digits = max(len(str(e).partition(".")[2]) for e in np.ravel(expected))
    return all(
        abs(v - e) <= 0.5000001 * 10.0**-digits for v, e in zip(np.ravel(values), np.ravel(expected), strict=True)
    )


@pytest.mark.parametrize(("table", "method", "expected", "source"), NEWCOMBE)
def test_newcombes_paired_interval(table, method, expected, source):
    assert printed(stats.newcombe_paired(*table, method=method), expected), source


def test_an_empty_table_has_no_interval():
    """contingencytables' edge of nothing but zeros: no number, and never one that could pass a gate."""
    with pytest.raises(ValueError, match="at least one pair"):
        stats.newcombe_paired(0, 0, 0, 0)
    with pytest.raises(ValueError, match="n >= 1"):
        stats.tango_interval(0, 0, 0)
    assert stats.compare_paired([], []).low is None


@pytest.mark.parametrize(("table", "confidence", "expected", "source"), TANGO)
def test_tangos_interval(table, confidence, expected, source):
    low, high = stats.tango_interval(sum(table), table[1], table[2], confidence=confidence)
    assert printed((low, high), expected), source


def test_tangos_noninferiority_test():
    """Tango 1998: n = 44, one pair broken, margin 0.1 gives Z = 1.709, p = .044."""
    assert round(float(stats.tango_z(44, 0, 1, -0.1)), 5) == 1.70856
    assert round(stats.tango_p(44, 0, 1, margin=0.1), 5) == 0.04377


@pytest.mark.parametrize(("table", "expected", "source"), MCNEMAR)
def test_mcnemar(table, expected, source):
    result = stats.mcnemar(table[1], table[2])
    assert printed([getattr(result, name) for name in expected], list(expected.values())), source


@pytest.mark.parametrize(("successes", "n", "expected"), WILSON)
def test_wilson_of_newcombe_1998(successes, n, expected):
    assert printed(stats.wilson(successes, n), expected)


@pytest.mark.parametrize(("counts", "expected"), INDEPENDENT)
def test_newcombes_independent_interval_of_1998(counts, expected):
    assert printed(stats.newcombe_independent(*counts), expected)


def test_fishers_sign_flips_of_darwins_maize():
    """Fisher 1935: 863 of 32768 sign patterns reach the observed total; Student's t gives p = .0497."""
    flips = stats.sign_flip(DARWIN)
    assert flips.exact
    assert flips.flips == 32768
    assert flips.better == 863 / 32768
    assert round(flips.p, 6) == 0.052673
    student = stats.paired_t(DARWIN)
    assert (round(student.t, 3), round(student.p, 4)) == (2.148, 0.0497)


def test_students_sleep():
    result = stats.paired_t(SLEEP)
    assert (round(result.t, 4), round(result.p, 6)) == (-4.0621, 0.002833)
    assert (round(result.low, 5), round(result.high, 5)) == (-2.45989, -0.70011)
    assert round(stats.tost_paired(SLEEP, low=-3, high=0.5).p, 7) == pytest.approx(0.0026556, abs=1e-7)


def test_fifteen_p_values_of_benjamini_and_hochberg_1995():
    counts = {f.__name__: int((f(BH_1995) <= 0.05).sum()) for f in (stats.bonferroni, stats.holm, stats.hochberg)}
    assert counts == {"bonferroni": 3, "holm": 3, "hochberg": 3}
    assert int((stats.benjamini_hochberg(BH_1995) <= 0.05).sum()) == 4
    assert round(float(stats.holm(BH_1995)[3]), 3) == 0.114
    assert round(float(stats.benjamini_hochberg(BH_1995)[3]), 6) == 0.035625


def test_kappa_of_a_two_by_two_table():
    kappa = stats.cohen_kappa([[20, 5], [10, 15]])
    assert [round(x, 4) for x in (kappa.value, kappa.low, kappa.high)] == [0.4, 0.1511, 0.6489]


def test_pass_at_k_and_pass_hat_k():
    assert round(stats.pass_at_k(10, 3, k=5), 6) == 0.916667
    assert round(stats.pass_hat_k(8, 6, k=4), 6) == 0.214286


def test_compas_false_positive_gap():
    """ProPublica's COMPAS counts: false positive rates 44.85 % and 23.45 %, Newcombe's interval of the gap."""
    assert printed(stats.newcombe_independent(805, 805 + 990, 349, 349 + 1139), (0.1821, 0.2450))


def test_millers_planner():
    """Miller 2024: omega^2 = 1/9, delta = .03 needs 969 questions; with sigma^2 = 1/6 repeats bring 3876 to 1260."""
    assert stats.examples_needed_with_repeats(0.03, between=1 / 9) == 969
    noisy = {"between": 1 / 9, "within_base": 1 / 6, "within_candidate": 1 / 6}
    assert stats.examples_needed_with_repeats(0.03, **noisy) == 3876
    assert stats.examples_needed_with_repeats(0.03, **noisy, repeats_base=10, repeats_candidate=10) == 1260


PPI_LABELS = [int(x) for x in "11010110110111010111"]
PPI_JUDGED = [int(x) for x in "11011110100111011111"]
PPI_OTHERS = ([1] * 15 + [0] * 5) * 10


@pytest.mark.parametrize(
    ("lam", "expected"), [(0, (0.49916, 0.90084)), (1, (0.52130, 0.87870)), (None, (0.53942, 0.86058))]
)
def test_prediction_powered_inference(lam, expected):
    """The intervals of the authors' package ppi_py for the same labels."""
    result = stats.ppi_mean(PPI_LABELS, PPI_JUDGED, PPI_OTHERS, lam=lam)
    assert round(result.value, 12) == 0.7
    assert printed((result.low, result.high), expected)


@pytest.mark.parametrize(("fixed", "broken", "expected"), [(8, 0, 28.444444), (6, 16, 2.444092), (10, 2, 4.773893)])
def test_sequential_mcnemar_evidence(fixed, broken, expected):
    assert round(stats.mcnemar_e_value(fixed, broken), 6) == expected


FIXTURE = Rule(margin=0.05, alpha=0.05, batch=10)


@pytest.mark.parametrize(("discordance", "expected"), [(0.06, 0.010970), (0.10, 0.014055), (0.30, 0.016878)])
def test_exact_false_noninferiority_of_early_stopping(discordance, expected):
    odds = stopping_odds(200, FIXTURE, discordance=discordance, delta=-0.05, watch="noninferior")
    assert round(odds.passed, 6) == expected


@pytest.mark.parametrize(("discordance", "expected"), [(0.06, 0.015534), (0.10, 0.016818), (0.30, 0.016940)])
def test_exact_false_regression_of_early_stopping(discordance, expected):
    odds = stopping_odds(200, FIXTURE, discordance=discordance, delta=0.0, watch="worse")
    assert round(odds.regression, 6) == expected


def test_exact_power_of_early_stopping():
    good = stopping_odds(200, FIXTURE, discordance=0.06, delta=0.0, watch="noninferior")
    assert (round(good.passed, 6), round(good.expected_n, 2)) == (0.561868, 160.08)
    bad = stopping_odds(200, FIXTURE, discordance=0.10, delta=-0.10, watch="worse")
    assert (round(bad.regression, 6), round(bad.expected_n, 2)) == (0.999961, 64.50)


@pytest.mark.parametrize(
    ("n", "discordance", "power", "size"),
    [(200, 0.10, 0.695, 0.0490), (314, 0.10, 0.856, 0.0467), (200, 0.05, 0.885, None), (200, 0.20, 0.469, 0.0497)],
)
def test_exact_power_of_noninferiority_by_enumeration(n, discordance, power, size):
    options = {"margin": 0.05, "discordance": discordance, "alpha": 0.05}
    assert round(stats.noninferiority_power(n, **options), 3) == power
    if size is not None:
        assert round(stats.noninferiority_power(n, **options, delta=-0.05), 4) == size


def test_exact_size_where_no_pair_is_ever_fixed_is_a_binomial_tail():
    """n = 200, discordance .05 = margin: only broken pairs, so P(broken <= 4) of Binomial(200, .05)."""
    tail = sum(math.comb(200, k) * 0.05**k * 0.95 ** (200 - k) for k in range(5))
    size = stats.noninferiority_power(200, margin=0.05, discordance=0.05, delta=-0.05, alpha=0.05)
    assert size == pytest.approx(tail, abs=1e-12)


def test_exact_power_of_mcnemar_by_enumeration():
    assert round(stats.mcnemar_power(200, fixed=0.10, broken=0.04), 3) == 0.555
    assert round(stats.mcnemar_power(200, fixed=0.05, broken=0.05), 4) == 0.0294


@pytest.mark.parametrize(("n", "points"), [(100, 8.9), (200, 6.3), (500, 4.0), (1000, 2.8), (2000, 2.0)])
def test_smallest_detectable_drop_at_ten_percent_discordance(n, points):
    assert round(100 * stats.smallest_detectable(n, spread=0.10), 1) == points


@pytest.mark.parametrize(
    ("margin", "spread", "n"),
    [(0.05, 0.10, 314), (0.03, 0.10, 873), (0.01, 0.10, 7849), (0.05, 0.20, 628), (0.05, 0.05, 157)],
)
def test_examples_that_a_margin_needs(margin, spread, n):
    assert stats.examples_needed(margin, spread=spread) == n


def test_zero_failures_and_fewest_discordant_pairs():
    assert [stats.zero_failure_examples(f) for f in (0.90, 0.95, 0.99)] == [29, 59, 299]
    assert [stats.fewest_discordant(m) for m in (1, 5, 10, 20, 50)] == [6, 8, 9, 10, 11]


@pytest.mark.parametrize(
    ("delta", "discordance", "looks", "hybrid", "expected_n"),
    [
        (-0.05, 0.06, 0.019, 0.033, None),
        (-0.05, 0.10, 0.020, 0.029, None),
        (-0.05, 0.30, 0.026, 0.030, None),
        (0.0, 0.04, 0.999, 1.000, 224),
        (0.0, 0.10, 0.88, 0.977, 372),
        (0.0, 0.30, 0.38, 0.64, 531),
        (0.03, 0.10, 1.0, 1.0, 170),
    ],
)
def test_the_simulated_table_of_early_stopping_at_600_pairs(delta, discordance, looks, hybrid, expected_n):
    """The design's simulation: 3,000 runs, batches of 10, margin .05, one-sided .05; ours is exact, by counting.

    `looks` is the e-process alone at .05; the hybrid gives .02 to the looks, .03 to Tango's test of all 600.
    """
    where = {"discordance": discordance, "delta": delta, "watch": "noninferior"}
    alone = stopping_odds(600, Rule(margin=0.05, alpha=0.05), **where)
    both = stopping_odds(600, Rule(margin=0.05, alpha=0.02), **where, final_confidence=0.94)
    for exact, simulated in ((alone.passed, looks), (both.passed, hybrid)):
        noise = 4.0 * math.sqrt(max(exact * (1.0 - exact), 1e-4) / 3_000) + 0.005
        assert exact == pytest.approx(simulated, abs=noise)
    if delta == -0.05:
        assert max(alone.passed, both.passed) <= 0.05
    if expected_n is not None:
        assert both.expected_n == pytest.approx(expected_n, abs=6)
