"""PASS only where an exact argument allows it at so few cases; told from how many on it would."""

import pytest
from planted_comparisons import comparison


def only(findings):
    assert len(findings) == 1
    return findings[0]


def guard(margin, **more):
    return {"type": "no_regression", "metric": "answer", "margin": margin, **more}


def unchanged(n, **more):
    return comparison({"answer": ([1.0] * n, [1.0] * n)}, **more)


@pytest.mark.parametrize(("n", "margin"), [(1, 0.9), (1, 0.2), (16, 0.2), (35, 0.1), (71, 0.05)])
def test_fewer_cases_than_an_exact_argument_needs_cannot_pass(judge, n, margin):
    found = only(judge(unchanged(n), guard(margin)))
    assert found.state == "INCONCLUSIVE"
    assert found.n_needed > n


@pytest.mark.parametrize(("n", "margin"), [(2, 0.9), (17, 0.2), (36, 0.1), (72, 0.05), (183, 0.02)])
def test_a_comparison_without_a_change_passes_as_soon_as_the_binomial_allows(judge, n, margin):
    found = only(judge(unchanged(n), guard(margin)))
    assert found.state == "PASS"
    assert "equivalent" in found.flags


def test_a_cluster_of_copies_is_one_case_for_this_too(judge):
    found = only(judge(unchanged(36, clusters=[f"c{i // 3}" for i in range(36)]), guard(0.2)))
    assert found.state == "INCONCLUSIVE"
    assert only(judge(unchanged(51, clusters=[f"c{i // 3}" for i in range(51)]), guard(0.2))).state == "PASS"


def test_too_few_cases_say_so_and_what_would_do(judge):
    found = only(judge(unchanged(16), guard(0.2)))
    assert "too_few" in found.flags
    assert "17 cases are needed for 20 points" in found.because
    assert "2.5% of runs" in found.because


def test_what_fails_or_is_open_stays_so(judge):
    worse = comparison({"answer": ([1.0] * 10, [0.0] * 10)})
    assert only(judge(worse, guard(0.2))).state == "REGRESSION"
