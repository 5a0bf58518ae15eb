"""Our formulas beside scipy, statsmodels and scikit-learn: equal to 1e-9."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit import stats
from evalkit.stats import distributions
from evalkit.stats.clusters import ClusterSums, cluster_codes

sp = pytest.importorskip("scipy.stats", reason="the oracle scipy is not installed")
NEAR = 1e-9


def close(*values):
    return pytest.approx(values[0] if len(values) == 1 else values, abs=NEAR, rel=NEAR)


@pytest.mark.parametrize("p", [1e-9, 0.025, 0.3, 0.5, 0.975, 1 - 1e-9])
def test_quantiles(p):
    assert distributions.normal_quantile(p) == close(sp.norm.ppf(p))
    assert distributions.t_quantile(p, 7.5) == close(sp.t.ppf(p, 7.5))
    assert distributions.beta_quantile(p, 3, 8) == close(sp.beta.ppf(p, 3, 8))


@pytest.mark.parametrize("z", [-30.0, -3.0, 0.0, 2.0])
def test_tails(z):
    assert distributions.normal_cdf(z) == pytest.approx(sp.norm.cdf(z), rel=NEAR, abs=0)
    assert distributions.t_cdf(z, 4) == pytest.approx(sp.t.cdf(z, 4), rel=NEAR)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (0, 5), (3, 5), (5, 5), (140, 300), (140, 301), (480, 1000)])
def test_fair_coins(k, n):
    assert distributions.fair_coin_cdf(k, n) == pytest.approx(sp.binom.cdf(k, n, 0.5), rel=NEAR)
    assert distributions.fair_coin_pmf(k, n) == pytest.approx(sp.binom.pmf(k, n, 0.5), rel=NEAR)


@pytest.mark.parametrize(("k", "n"), [(0, 7), (7, 7), (1, 29), (81, 263), (400, 1000)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_one_proportion(k, n, confidence):
    test = sp.binomtest(k, n)
    wilson, exact = (test.proportion_ci(confidence, method=m) for m in ("wilson", "exact"))
    assert stats.wilson(k, n, confidence=confidence) == close(wilson.low, wilson.high)
    assert stats.clopper_pearson(k, n, confidence=confidence) == close(exact.low, exact.high)


@pytest.mark.parametrize(("b", "c"), [(6, 16), (0, 4), (9, 9), (293, 64), (1, 0)])
def test_mcnemar(b, c):
    contingency = pytest.importorskip("statsmodels.stats.contingency_tables")
    table = [[10, b], [c, 20]]
    ours = stats.mcnemar(b, c)
    assert ours.exact == close(min(1.0, contingency.mcnemar(table, exact=True).pvalue))
    assert ours.asymptotic == close(contingency.mcnemar(table, exact=False, correction=False).pvalue)
    assert ours.corrected == close(contingency.mcnemar(table, exact=False, correction=True).pvalue) or abs(b - c) < 1
    assert ours.worse == close(sp.binomtest(b, b + c, 0.5, alternative="less").pvalue)
    assert ours.better == close(sp.binomtest(c, b + c, 0.5, alternative="less").pvalue)


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (1, 10, 9, 10), (0, 5, 0, 9)])
def test_newcombe_independent(counts):
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    theirs = proportion.confint_proportions_2indep(*counts, method="newcomb", compare="diff")
    assert stats.newcombe_independent(*counts) == close(*theirs)


def test_paired_t_and_equivalence():
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=30), rng.normal(0.2, 1, 30)
    theirs = sp.ttest_rel(y, x)
    ours = stats.paired_t(y - x)
    assert (ours.t, ours.p) == close(theirs.statistic, theirs.pvalue)
    assert (ours.low, ours.high) == close(*theirs.confidence_interval(0.95))
    p, above, below = weightstats.ttost_paired(y, x, -0.3, 0.9)
    tost = stats.tost_paired(y - x, low=-0.3, high=0.9)
    assert (tost.p, tost.above, tost.below) == close(p, above[1], below[1])


@pytest.mark.parametrize(("n", "seed"), [(12, 0), (80, 1), (250, 2)])
def test_bca_draw_for_draw(n, seed):
    values = np.random.default_rng(seed).gamma(1.5, size=n)
    theirs = sp.bootstrap(
        (values,), np.mean, n_resamples=2000, method="BCa", rng=np.random.default_rng(seed), vectorized=True
    ).confidence_interval
    ours = stats.bca_mean(values, draws=2000, seed=seed, expand=False)
    assert ours.interval(0.95) == close(theirs.low, theirs.high)


def test_sign_flips():
    rng = np.random.default_rng(4)
    for n in (3, 8, 13):
        d = rng.normal(0.3, 1, n).round(1)
        ours = stats.sign_flip(d)
        theirs = [
            sp.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative=side).pvalue
            for side in ("less", "greater")
        ]
        assert (ours.worse, ours.better) == close(*theirs)


def test_clustered_errors():
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(6)
    clusters = rng.integers(0, 25, 200)
    d = rng.normal(size=200) + rng.normal(size=25)[clusters]
    options = {"groups": clusters, "use_correction": False, "df_correction": False}
    theirs = api.OLS(d, np.ones(200)).fit(cov_type="cluster", cov_kwds=options).bse[0]
    assert stats.clustered_se(d, clusters) == close(theirs)


def test_leave_one_cluster_out_by_brute_force():
    rng = np.random.default_rng(7)
    clusters = rng.integers(0, 12, 100)
    d = rng.normal(size=100)
    codes, count = cluster_codes(clusters)
    without = np.array([d[codes != g].mean() for g in range(count)])
    brute = np.sqrt((count - 1) / count * ((without - d.mean()) ** 2).sum())
    assert ClusterSums.of(d, codes, count).jackknife_error() == close(brute)


ADJUSTMENTS = {
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "benjamini_hochberg": "fdr_bh",
    "bonferroni": "bonferroni",
}


@pytest.mark.parametrize(("ours", "theirs"), ADJUSTMENTS.items())
def test_adjusted_p_values(ours, theirs):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(8).beta(0.4, 2, 40).round(3)
    np.testing.assert_allclose(getattr(stats, ours)(p), multitest.multipletests(p, method=theirs)[1], atol=NEAR)


@pytest.mark.parametrize(("weights", "name"), [("none", None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_kappa_and_its_interval(weights, name):
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(9)
    first = rng.integers(1, 6, 150)
    second = np.clip(first + rng.integers(-1, 2, 150), 1, 5)
    ours = stats.kappa_of_labels(first.tolist(), second.tolist(), weights=weights)
    assert ours.value == close(metrics.cohen_kappa_score(first, second, weights=name))
    table = np.zeros((5, 5))
    np.add.at(table, (first - 1, second - 1), 1)
    theirs = inter_rater.cohens_kappa(table, wt=name)
    assert (ours.low, ours.high) == close(theirs.kappa_low, theirs.kappa_upp)


def test_tango_solves_its_own_equation():
    rng = np.random.default_rng(10)
    n = rng.integers(1, 400, 50)
    b = rng.integers(0, n + 1)
    c = rng.integers(0, n - b + 1)
    low, high = stats.tango_interval(n, b, c)
    inner_low, inner_high = low > -1 + 1e-9, high < 1 - 1e-9
    z = sp.norm.ppf(0.975)
    np.testing.assert_allclose(stats.tango_z(n, b, c, low)[inner_low], z, atol=1e-6)
    np.testing.assert_allclose(stats.tango_z(n, b, c, high)[inner_high], -z, atol=1e-6)


def test_tangos_restricted_likelihood_by_brute_force():
    """The variance of the statistic is that of the likeliest table with the tested difference."""
    optimize = pytest.importorskip("scipy.optimize")
    for n, b, c, d in ((40, 7, 3, -0.1), (40, 7, 3, 0.3), (25, 0, 6, 0.05), (9, 4, 0, -0.4)):

        def unlikely(q, n=n, b=b, c=c, d=d):
            return -(
                sp.binom.logpmf(0, 0, 0.5) + b * np.log(q + d) + c * np.log(q) + (n - b - c) * np.log(1 - 2 * q - d)
            )

        low, high = max(0.0, -d) + 1e-12, (1 - d) / 2 - 1e-12
        q = optimize.minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
        z = (b - c - n * d) / np.sqrt(n * (2 * q + d - d * d))
        assert float(stats.tango_z(n, b, c, d)) == pytest.approx(z, abs=1e-4)
