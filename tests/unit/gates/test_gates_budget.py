import numpy as np
import pytest
from planted_comparisons import FAILED, comparison


def only(findings):
    assert len(findings) == 1
    return findings[0]


def latencies(factor, *, n=400, seed=0):
    rng = np.random.default_rng(seed)
    base = rng.lognormal(0.0, 0.6, n)
    return base.tolist(), (base * factor * rng.lognormal(0.0, 0.1, n)).tolist()


def measured(name="latency_s", values=None, **more):
    return comparison({"answer": ([1.0] * len(values[0]),) * 2, name: values}, lower=[name], graded=[name], **more)


@pytest.mark.parametrize("metric", ["latency_p50", "latency_p95", "latency_mean"])
def test_a_planted_slowdown_is_a_regression_and_noise_is_not(judge, metric):
    gate = {"type": "budget", "metric": metric, "max_ratio": 1.25}
    slow = only(judge(measured(values=latencies(1.5)), gate))
    assert slow.state == "REGRESSION"
    assert slow.details["ratio_low"] <= 1.5 <= slow.details["ratio_high"] * 1.05
    assert slow.delta == pytest.approx(slow.details["ratio"] - 1.0)
    assert only(judge(measured(values=latencies(1.0)), gate)).state in ("PASS", "IMPROVED")
    assert only(judge(measured(values=latencies(0.5)), gate)).state == "IMPROVED"


def test_too_few_calls_cannot_tell_a_percentile(judge):
    gate = {"type": "budget", "metric": "latency_p95", "max_ratio": 1.02}
    found = only(judge(measured(values=latencies(1.0, n=60)), gate))
    assert found.state == "INCONCLUSIVE"
    assert "more than x1.02 is not ruled out" in found.because


def test_tokens_that_do_not_change_pass(judge):
    values = [float(20 + i % 9) for i in range(300)]
    gate = {"type": "budget", "metric": "tokens_out", "max_ratio": 1.10}
    found = only(judge(measured("tokens_out", (values, values)), gate))
    assert (found.state, found.details["ratio"]) == ("PASS", 1.0)
    assert found.low < 0.0 < found.high


def test_a_limit_below_one_asks_for_a_proven_saving(judge):
    gate = {"type": "budget", "metric": "latency_mean", "max_ratio": 0.8}
    assert only(judge(measured(values=latencies(0.5)), gate)).state == "IMPROVED"
    assert only(judge(measured(values=latencies(1.0)), gate)).state == "FLOOR_FAIL"
    assert only(judge(measured(values=latencies(0.795, n=50)), gate)).state == "INCONCLUSIVE"


def test_a_maximum_is_held_by_the_candidate_alone(judge):
    values = ([1.0] * 50, [2.0] * 50)
    gate = {"type": "budget", "metric": "latency_mean", "max": 2.5}
    assert only(judge(measured(values=values), gate)).state == "PASS"
    over = only(judge(measured(values=values), {**gate, "max": 1.5}))
    assert over.state == "FLOOR_FAIL"
    assert over.because == "latency_mean is 2 s (n = 50): more than the 1.5 s allowed."


def test_ratio_and_maximum_are_two_findings(judge):
    gate = {"type": "budget", "metric": "latency_mean", "max": 100.0, "max_ratio": 2.0}
    assert [f.state for f in judge(measured(values=latencies(1.0)), gate)] == ["PASS", "PASS"]


def test_an_unknown_cost_is_inconclusive_never_free(judge):
    made = comparison({"answer": ([1.0] * 50, [1.0] * 50)})
    found = only(judge(made, {"type": "budget", "metric": "cost_usd", "max_ratio": 1.1}))
    assert found.state == "INCONCLUSIVE"
    assert "cost_usd is not known for both arms; models.yaml needs `price` for it" in found.because
    assert found.candidate is None


def test_a_cost_known_for_some_answers_only_is_inconclusive(judge):
    made = measured("cost_usd", ([0.01] * 100, [0.01] * 60 + [None] * 40))
    found = only(judge(made, {"type": "budget", "metric": "cost_usd", "max": 0.02}))
    assert found.state == "INCONCLUSIVE"
    assert "unknown for 40 of 100 answers of the candidate" in found.because
    assert "unknown is not 0" in found.because


def test_failed_calls_have_no_latency_and_are_not_unknown(judge):
    base, candidate = latencies(1.0)
    made = measured(values=(base, [FAILED] * 6 + candidate[6:]))
    assert only(judge(made, {"type": "budget", "metric": "latency_mean", "max_ratio": 1.25})).n == 394


def test_a_free_base_has_no_ratio(judge):
    made = measured("cost_usd", ([0.0] * 50, [0.01] * 50))
    found = only(judge(made, {"type": "budget", "metric": "cost_usd", "max_ratio": 1.1}))
    assert found.state == "INCONCLUSIVE"
    assert "the base is 0" in found.because


def test_a_budget_without_a_limit_is_invalid(judge):
    found = only(judge(measured(values=latencies(1.0)), {"type": "budget", "metric": "latency_p95"}))
    assert found.state == "INVALID"
