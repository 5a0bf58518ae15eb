"""Student's t and the binomial, computed by ourselves, beside scipy over the whole range that a comparison meets."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from evalkit.stats.beta import incomplete_beta, log_beta
from evalkit.stats.binomial import binomial_masses, binomial_tails
from evalkit.stats.distributions import fair_coin_cdf, t_cdf, t_quantile
from evalkit.stats.tango import one_tango_interval, tango_interval

special = pytest.importorskip("scipy.special", reason="the oracle scipy is not installed")
sp = pytest.importorskip("scipy.stats", reason="the oracle scipy is not installed")

DEGREES = [0.7, 1, 2, 3.5, 9, 29, 88.4, 299, 1_507, 20_000, 1_000_000]


@pytest.mark.parametrize("df", DEGREES)
def test_t_tails(df):
    for t in (0.0, 1e-4, 0.3, 1.0, 2.1, 5.0, 40.0, 1e6):
        for value in (t, -t):
            assert t_cdf(value, df) == pytest.approx(sp.t.cdf(value, df), rel=1e-9, abs=1e-300)
    assert (t_cdf(math.inf, df), t_cdf(-math.inf, df)) == (1.0, 0.0)


@pytest.mark.parametrize("t", [-1e9, -2.0, -1e-8, 0.0, 1e-8, 0.5, 30.0])
def test_t_of_one_degree_is_cauchy(t):
    """Where scipy is off in the ninth digit near 0."""
    assert t_cdf(t, 1) == pytest.approx(math.atan2(1.0, -t) / math.pi, rel=1e-14)


@pytest.mark.parametrize("df", DEGREES)
def test_t_quantiles(df):
    for p in (1e-12, 0.0005, 0.025, 0.4, 0.5, 0.6, 0.9, 0.975, 0.9999, 1 - 1e-9):
        assert t_quantile(p, df) == pytest.approx(sp.t.ppf(p, df), rel=1e-9, abs=1e-15)
    assert (t_quantile(0.0, df), t_quantile(1.0, df)) == (-math.inf, math.inf)


def test_the_incomplete_beta_function_over_six_orders_of_magnitude():
    rng = np.random.default_rng(0)
    for a, b in 10 ** rng.uniform(-1, 5, (400, 2)):
        for x in (*rng.beta(a, b, 3), 1e-19, 0.5):
            theirs = special.betainc(a, b, x)
            if 0.0 < x < 1.0 and theirs > 1e-250:
                assert incomplete_beta(x, a, b) == pytest.approx(theirs, rel=2e-9)
        assert log_beta(a, b) == pytest.approx(special.betaln(a, b), rel=1e-9)
    assert (incomplete_beta(0.0, 2, 3), incomplete_beta(1.0, 2, 3)) == (0.0, 1.0)


@pytest.mark.parametrize("n", [299, 300, 301, 999, 2_000, 2_001, 50_000])
def test_fair_coins_of_every_size(n):
    for k in (0, n // 3, n // 2 - 7, n // 2, n - 1):
        assert fair_coin_cdf(k, n) == pytest.approx(sp.binom.cdf(k, n, 0.5), rel=1e-9, abs=1e-300)


def test_binomial_tails_that_follow_each_other():
    rng = np.random.default_rng(1)
    for p in (0.5, 0.05, 0.3, 0.93) * 40:
        n = np.arange(first := int(rng.integers(0, 2_500)), first + int(rng.integers(1, 300)))
        start = np.clip(round(first * p + rng.uniform(-4, 4) * math.sqrt(first * p * (1 - p) + 1)), -1, first)
        most = int(start) + np.cumsum(rng.random(n.size) < p) - 1
        most = np.minimum(np.maximum(most, -1), n)
        theirs = np.where(most < 0, 0.0, sp.binom.cdf(np.maximum(most, 0), n, p))
        np.testing.assert_allclose(binomial_tails(most, n, p), theirs, atol=1e-11)
        of = int(n[-1]) + 40
        np.testing.assert_allclose(binomial_masses(n, of, p), sp.binom.pmf(n, of, p), atol=1e-11)


@pytest.mark.parametrize(("p", "expected"), [(0.0, [0.0, 1.0, 1.0]), (1.0, [0.0, 0.0, 1.0])])
def test_certain_trials_have_certain_tails(p, expected):
    assert binomial_tails(np.array([-1, 0, 4]), np.array([3, 4, 4]), p).tolist() == expected


def test_tails_that_do_not_follow_each_other_are_refused():
    with pytest.raises(ValueError, match="n rises by 1, most by 0 or 1"):
        binomial_tails(np.array([2, 5]), np.array([8, 9]), 0.5)


def test_one_tango_interval_is_the_one_of_many_digit_for_digit():
    rng = np.random.default_rng(2)
    for _ in range(300):
        n = int(rng.integers(1, 600))
        fixed = int(rng.integers(0, n + 1))
        broken = int(rng.integers(0, n - fixed + 1))
        low, high = tango_interval(n, fixed, broken, confidence=0.9)
        assert one_tango_interval(n, fixed, broken, 0.9) == (float(low), float(high))


def test_comparing_and_planning_a_margin_load_no_scipy():
    code = """
import sys
from evalkit.stats import compare_paired
graded = [0.1, 0.5, 0.9, 0.4] * 20
compare_paired(graded, graded[::-1], clusters=[str(i // 3) for i in range(80)], margin=0.1)
compare_paired([0, 1] * 400, [1, 1] * 400, margin=0.05)
sys.exit("scipy" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
