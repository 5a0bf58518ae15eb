"""Seconds of arms on one machine prove something only where they were taken side by side."""

import numpy as np
import pytest
from planted_comparisons import comparison

from evalkit.core.exchange import ModelIdentity
from evalkit.gates.estimates import estimates
from evalkit.gates.seconds import without_intervals
from evalkit.stats.rounds import draw_first

BUDGET = {"type": "budget", "metric": "latency_mean", "max_ratio": 1.1}
RECORDED = {"recorded_from": "local:some/model"}


def arm(provider="local", **details):
    return ModelIdentity(name="arm", provider=provider, model="m", fingerprint=provider, details=details)


def measured(factor, *, arms=None, manifest=None, n=200, name="latency_s"):
    rng = np.random.default_rng(0)
    base = rng.lognormal(0.0, 0.3, n)
    values = (base.tolist(), (factor * base).tolist())
    base_arm, candidate_arm = arms or (arm(), arm())
    more = {"base": base_arm, "candidate": candidate_arm, "manifest": manifest or {}}
    return comparison({"answer": ([1.0] * n,) * 2, name: values}, lower=[name], graded=[name], **more)


def timing(factor, *, spread=0.02, count=10):
    rng = np.random.default_rng(1)
    one = [[1.0 * s] * 4 for s in rng.lognormal(0.0, spread, count)]
    other = [[factor * s] * 4 for s in rng.lognormal(0.0, spread, count)]
    return {"timing": {"rounds": [{"base": x, "candidate": y} for x, y in zip(one, other, strict=True)]}}


@pytest.mark.parametrize("factor", [0.5, 0.66, 1.0, 1.5])
@pytest.mark.parametrize(
    "arms",
    [None, (arm(), arm("openai")), (arm("replay", **RECORDED), arm("replay", **RECORDED)), (arm("scripted"), arm())],
)
def test_what_was_taken_one_after_the_other_proves_nothing(judge, factor, arms):
    (found,) = judge(measured(factor, arms=arms), BUDGET)
    assert found.state == "INCONCLUSIVE"
    assert "not_side_by_side" in found.flags
    assert (found.low, found.high) == (None, None)
    assert found.delta == pytest.approx(factor - 1.0)
    assert "taken one arm after the other" in found.because
    assert "to settle it: use a budget with `max_ratio`" in found.because


@pytest.mark.parametrize(("factor", "state"), [(0.66, "IMPROVED"), (1.0, "PASS"), (1.5, "REGRESSION")])
def test_what_was_timed_side_by_side_decides_whatever_the_answers_took(judge, factor, state):
    for asked in (0.5, 2.0):
        (found,) = judge(measured(asked, manifest=timing(factor)), BUDGET)
        assert found.state == state
        assert (found.n_clusters, found.method) == (10, "t_over_rounds")
        assert "in 10 rounds side by side" in found.because


def test_a_saving_is_not_proven_where_the_rounds_disagree(judge):
    rounds = [{"base": [1.0], "candidate": [0.3 if number % 2 else 1.4]} for number in range(10)]
    made = measured(0.66, manifest={"timing": {"rounds": rounds}})
    for limit in (0.9, 1.1):
        (found,) = judge(made, {**BUDGET, "max_ratio": limit})
        assert found.state == "INCONCLUSIVE"
        assert found.candidate < found.base
        assert "to settle it: time both anew" in found.because


def test_too_few_rounds_leave_it_open(judge):
    (found,) = judge(measured(0.66, manifest=timing(0.66, count=3)), BUDGET)
    assert found.state == "INCONCLUSIVE"


def test_arms_of_a_server_and_what_is_no_time_are_judged_as_before(judge):
    (found,) = judge(measured(0.5, arms=(arm("openai"), arm("openai"))), BUDGET)
    assert found.state == "IMPROVED"
    served = arm("openai", host="api.example")
    (told,) = judge(measured(0.5, arms=(served, served)), BUDGET)
    assert "asked one arm after the other, so how busy the server was is part of it" in told.because
    (tokens,) = judge(measured(0.5, name="tokens_out"), {**BUDGET, "metric": "tokens_out"})
    assert tokens.state == "IMPROVED"
    (most,) = judge(measured(0.5), {"type": "budget", "metric": "latency_mean", "max": 5.0})
    assert most.state == "PASS"


SERVED = (arm("openai", host="api.example"), arm("openai", host="api.example"))


@pytest.mark.parametrize(("factor", "state"), [(0.66, "IMPROVED"), (1.0, "PASS"), (1.5, "REGRESSION")])
def test_served_arms_that_were_asked_in_turn_are_judged_by_rounds(judge, factor, state):
    (found,) = judge(measured(2.0, arms=SERVED, manifest=timing(factor)), BUDGET)
    assert (found.state, found.n_clusters) == (state, 10)
    assert "counted by rounds in which both arms were asked in turn" in found.because
    (guard,) = judge(
        measured(2.0, arms=SERVED, manifest=timing(factor)), {"type": "must_improve", "metric": "latency_s"}
    )
    assert (guard.state, guard.low) == ("INCONCLUSIVE", None)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_served_arms_that_were_not_asked_in_turn_prove_nothing(judge, factor):
    (found,) = judge(measured(factor, arms=SERVED, manifest={"timing": {"in_turn": False}}), BUDGET)
    assert (found.state, found.flags, found.low) == ("INCONCLUSIVE", ("ratio", "not_side_by_side"), None)
    assert found.details["settle"].startswith("ask both arms in one run (`--live`, without `--early-stop`)")


def test_rounds_of_other_days_decide_nothing(judge):
    apart = {"apart": {"base": "on 2026-01-03", "candidate": "on 2026-02-07"}}
    (found,) = judge(measured(1.0, arms=SERVED, manifest={**timing(1.0), **apart}), BUDGET)
    assert (found.state, found.low) == ("INCONCLUSIVE", None)


def test_first_tokens_have_rounds_of_their_own(judge):
    gate = {**BUDGET, "metric": "first_token_p50"}
    both = {"timing": {**timing(3.0)["timing"], "first_token": timing(0.5)["timing"]["rounds"]}}
    (found,) = judge(measured(1.0, arms=SERVED, manifest=both, name="first_token_s"), gate)
    assert found.state == "IMPROVED"
    (none,) = judge(measured(1.0, arms=SERVED, manifest=timing(0.5), name="first_token_s"), gate)
    assert none.state == "INCONCLUSIVE"


def test_an_order_is_drawn_and_balanced():
    orders = [draw_first(10, seed=seed) for seed in range(6)]
    assert {sum(order) for order in orders} == {5}
    assert len({tuple(order) for order in orders}) == 6
    assert orders[0] == draw_first(10, seed=0)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_no_other_gate_makes_a_claim_of_such_seconds_either(judge, factor):
    (found,) = judge(measured(factor), {"type": "no_regression", "metric": "latency_s", "margin": 0.5})
    assert found.state == "INCONCLUSIVE"
    assert (found.low, found.p) == (None, None)
    (gain,) = judge(measured(0.5), {"type": "must_improve", "metric": "latency_s"})
    assert gain.state == "INCONCLUSIVE"


def test_the_table_of_metrics_makes_none(judge):
    from planted_comparisons import suite

    made = measured(0.66)
    shown = {one.metric: one for one in without_intervals(estimates(made, suite([BUDGET], scorers=("answer",))), made)}
    assert (shown["latency_s"].low, shown["latency_s"].p) == (None, None)
    assert shown["answer"].low is not None


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.5])
def test_recordings_of_a_server_from_different_days_prove_nothing(judge, factor):
    days = [arm("replay", recorded=day, recorded_from="openai:m", host="h") for day in ("2026-01-03", "2026-02-07")]
    (found,) = judge(measured(factor, arms=tuple(days)), BUDGET)
    assert (found.state, found.flags) == ("INCONCLUSIVE", ("ratio", "not_side_by_side"))
    assert "taken on 2026-01-03 and those of the candidate on 2026-02-07" in found.because
    assert found.details["settle"].startswith("ask both arms in one run")
    (guard,) = judge(measured(factor, arms=tuple(days)), {"type": "no_regression", "metric": "latency_s", "margin": 5})
    assert guard.state == "INCONCLUSIVE"
    (same,) = judge(measured(1.0, arms=(days[0], days[0])), BUDGET)
    assert same.state == "PASS"
    assert "recorded one arm after the other" in same.because
    (most,) = judge(measured(0.5, arms=tuple(days)), {"type": "budget", "metric": "latency_mean", "max": 5.0})
    assert most.state == "PASS"
