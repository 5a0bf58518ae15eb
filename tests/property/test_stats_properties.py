"""What must hold for every data set, not only for the printed ones."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit import stats

ORDER = {"REGRESSION": 0, "INCONCLUSIVE": 1, "PASS": 2, "IMPROVED": 3}

tables = st.tuples(*[st.integers(0, 60)] * 4).filter(lambda t: sum(t) >= 1)
margins = st.floats(0.001, 0.9)
few = settings(max_examples=60, deadline=None)


def arms(table):
    both, fixed, broken, neither = table
    base = np.array([1.0] * both + [0.0] * fixed + [1.0] * broken + [0.0] * neither)
    candidate = np.array([1.0] * both + [1.0] * fixed + [0.0] * broken + [0.0] * neither)
    return base, candidate


def shares(size):
    return st.lists(st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 1.0]), min_size=size, max_size=size)


graded = st.integers(1, 40).flatmap(lambda n: st.tuples(shares(n), shares(n)))


@few
@given(tables, margins)
def test_every_paired_table_gives_finite_numbers_and_a_state(table, margin):
    result = stats.compare_paired(*arms(table), margin=margin)
    for field in fields(result):
        value = getattr(result, field.name)
        assert not isinstance(value, float) or math.isfinite(value), field.name
    assert -1.0 <= result.low <= result.delta <= result.high <= 1.0
    assert result.low < result.high
    assert stats.classify(result.low, result.high, margin)[0] in ORDER


@few
@given(tables)
def test_swapping_the_arms_flips_every_sign(table):
    base, candidate = arms(table)
    one, other = stats.compare_paired(base, candidate), stats.compare_paired(candidate, base)
    assert one.delta == -other.delta
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-9)
    assert (one.fixed, one.broken) == (other.broken, other.fixed)
    assert one.p == other.p


@few
@given(graded)
def test_swapping_graded_arms_mirrors_the_interval(pair):
    base, candidate = pair
    one, other = stats.compare_paired(base, candidate), stats.compare_paired(candidate, base)
    assert one.method == other.method
    if one.delta != 0.0:
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-6)
        assert one.p == pytest.approx(other.p, abs=1e-9)


@few
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(table, random):
    base, candidate = arms(table)
    rows = list(range(base.size))
    random.shuffle(rows)
    assert stats.compare_paired(base[rows], candidate[rows]) == stats.compare_paired(base, candidate)


@few
@given(graded, st.randoms(use_true_random=False))
def test_the_order_of_graded_rows_moves_no_estimate(pair, random):
    base, candidate = (np.array(x) for x in pair)
    rows = list(range(base.size))
    random.shuffle(rows)
    one, other = stats.compare_paired(base, candidate), stats.compare_paired(base[rows], candidate[rows])
    assert one.delta == pytest.approx(other.delta, abs=1e-12)
    assert one.method == other.method
    assert (one.low, one.high, one.p) == pytest.approx((other.low, other.high, other.p), abs=1e-9)


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5), margins)
def test_moving_an_interval_up_never_makes_the_state_worse(low, width, lift, margin):
    high = low + width
    before, _ = stats.classify(low, high, margin)
    after, _ = stats.classify(low + lift, high + lift, margin)
    assert ORDER[after] >= ORDER[before]


@given(st.floats(-1, 1), st.floats(0, 1), margins)
def test_swapping_arms_mirrors_the_state(low, width, margin):
    high = low + width
    state, _ = stats.classify(low, high, margin)
    mirrored, _ = stats.classify(-high, -low, margin)
    if state == "REGRESSION":
        assert mirrored == "IMPROVED"
    if state == "IMPROVED":
        assert mirrored == ("REGRESSION" if high >= margin else "PASS")
    if low <= -margin and high >= margin:
        assert (state, mirrored) == ("INCONCLUSIVE", "INCONCLUSIVE")


@few
@given(tables, st.integers(1, 200), margins)
def test_identical_pairs_never_turn_a_pass_into_a_regression(table, extra, margin):
    before = stats.compare_paired(*arms(table), margin=margin)
    both, fixed, broken, neither = table
    after = stats.compare_paired(*arms((both + extra, fixed, broken, neither)), margin=margin)
    if stats.classify(before.low, before.high, margin)[0] == "PASS":
        assert stats.classify(after.low, after.high, margin)[0] != "REGRESSION"


@few
@given(tables, st.integers(2, 6))
def test_a_cluster_of_copies_is_one_observation(table, copies):
    base, candidate = arms(table)
    one = stats.compare_paired(base, candidate)
    names = np.repeat(np.arange(base.size), copies)
    many = stats.compare_paired(np.repeat(base, copies), np.repeat(candidate, copies), clusters=names)
    assert (many.low, many.high, many.p) == pytest.approx((one.low, one.high, one.p), abs=1e-12)
    assert many.n_effective <= one.n + 1e-9


@few
@given(tables)
def test_the_score_interval_of_yes_no_differences_is_tangos(table):
    base, candidate = arms(table)
    ours = stats.score_interval(candidate - base, low=-1.0, high=1.0)
    tango = stats.tango_interval(sum(table), table[1], table[2])
    assert ours == pytest.approx([float(x) for x in tango], abs=1e-6)


@few
@given(st.integers(1, 80).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_score_interval_of_one_arm_is_wilsons(case):
    n, k = case
    ours = stats.score_interval(np.array([1.0] * k + [0.0] * (n - k)), low=0.0, high=1.0)
    assert ours == pytest.approx(stats.wilson(k, n), abs=1e-6)


@few
@given(tables, st.integers(1, 12))
def test_any_clusters_give_finite_numbers(table, groups):
    base, candidate = arms(table)
    names = [(7 * i * i + i) % groups for i in range(base.size)]
    result = stats.compare_paired(base, candidate, clusters=names, margin=0.05)
    assert -1.0 <= result.low <= result.delta <= result.high <= 1.0
    assert result.low < result.high
    assert 0.0 < result.n_effective <= result.n
    assert all(math.isfinite(v) for v in (result.p, result.p_worse, result.p_noninferior, result.mde))
    assert 0.0 <= min(result.p, result.p_worse) <= max(result.p, result.p_worse) <= 1.0


@given(st.lists(st.floats(0, 1), max_size=30))
def test_holm_rejects_whatever_bonferroni_rejects(p):
    holm, bonferroni, bh = stats.holm(p), stats.bonferroni(p), stats.benjamini_hochberg(p)
    assert (holm <= bonferroni).all()
    assert (bh <= holm + 1e-12).all()
    assert (holm >= np.asarray(p) - 1e-12).all()


@few
@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_hat_k_falls_and_pass_at_k_rises_with_k(case):
    n, passed, k = case
    assert 0.0 <= stats.pass_hat_k(n, passed, k=k) <= passed / n + 1e-12
    assert passed / n - 1e-12 <= stats.pass_at_k(n, passed, k=k) <= 1.0
    brute = math.comb(passed, k) / math.comb(n, k)
    assert stats.pass_hat_k(n, passed, k=k) == pytest.approx(brute, abs=1e-12)


@few
@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), max_size=60), st.floats(0.01, 0.4))
def test_the_confidence_sequence_and_the_e_values_agree(differences, margin):
    low, high = stats.confidence_sequence(differences, margin=margin, alpha=0.05)
    assert -1.0 <= low <= 1.0
    assert -1.0 <= high <= 1.0
    proven = stats.e_value(differences, at_most=-margin, planned=0.0)
    dropped = stats.e_value([-d for d in differences], at_most=0.0, planned=margin)
    if abs(proven - 20.0) > 1.0:
        assert low <= -margin or proven >= 20.0
    if abs(dropped - 20.0) > 1.0:
        assert high >= 0.0 or dropped >= 20.0
