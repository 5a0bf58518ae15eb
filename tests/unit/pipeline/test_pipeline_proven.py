"""What the looks of an early stop proved goes into the finding, and no interval contradicts the decision."""

import pytest

from evalkit.core.verdict import Estimate, Finding
from evalkit.pipeline.deciding.early_decision import apply_early_stop

PROOF = {
    "metric": "m",
    "margin": 0.05,
    "confidence": 0.95,
    "sequence": 0.98,
    "decision": "PASS",
    "units": 160,
    "low": -0.04,
    "high": 0.03,
    "saved": 840,
    "planned": 1000,
}


def told(proof=(), *, up=True, confidence=0.95, **changes):
    figures = Estimate(metric=changes.pop("metric", "m"))
    fields = {"gate": "no_regression", "estimate": figures, "state": "INCONCLUSIVE", "margin": 0.05, **changes}
    how = {"confidence": confidence, "higher_is_better": up, "watched": {0}}
    (found,) = apply_early_stop({**PROOF, **dict(proof)}, [Finding(**fields)], **how)
    return found


def test_a_pass_carries_the_sequence_and_its_own_confidence():
    found = told()
    assert (found.state, found.low, found.high, found.confidence) == ("PASS", -0.04, 0.03, 0.98)
    assert found.flags == ("equivalent", "early_stop")


@pytest.mark.parametrize("low", [-0.0512, -0.05, -0.07])
def test_a_pass_never_shows_an_interval_that_reaches_beyond_its_margin(low):
    """The e-value crossed 1 / alpha; the ends are found on a grid and for other stakes, and may lag a little behind."""
    found = told({"low": low})
    assert (found.state, found.low) == ("PASS", -0.05)


def test_a_regression_never_shows_an_interval_that_reaches_zero():
    found = told({"decision": "REGRESSION", "low": -0.2, "high": 0.004})
    assert (found.state, found.low, found.high) == ("REGRESSION", -0.2, 0.0)
    assert found.flags == ("early_stop",)
    far = told({"decision": "REGRESSION", "low": -0.3, "high": -0.08})
    assert far.flags == ("material", "early_stop")


def test_where_lower_is_better_the_clipped_ends_are_turned():
    found = told({"decision": "REGRESSION", "low": -0.2, "high": 0.004}, up=False)
    assert (found.low, found.high) == (0.0, 0.2)
    found = told({"low": -0.0512}, up=False)
    assert (found.low, found.high) == (-0.03, 0.05)


def test_a_small_proven_drop_within_the_margin_is_flagged():
    assert told({"low": -0.04, "high": -0.001}).flags == ("tolerated_drop", "equivalent", "early_stop")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"state": "INVALID"}, "INVALID"),
        ({"state": "WAIVED"}, "WAIVED"),
        ({"flags": ("one_sided",)}, "INCONCLUSIVE"),
        ({"metric": "other"}, "INCONCLUSIVE"),
        ({"gate": "must_improve", "gate_index": 1}, "INCONCLUSIVE"),
    ],
)
def test_what_the_looks_cannot_speak_for_stays_as_it_was_judged(changes, state):
    found = told(**changes)
    assert (found.state, found.method) == (state, "")


def test_a_stricter_policy_or_a_narrower_margin_is_not_what_was_proven():
    assert told(confidence=0.99).state == "INCONCLUSIVE"
    assert told(margin=0.03).state == "INCONCLUSIVE"
    assert told(margin=0.045).state == "PASS", "the sequence rules out 4.5 points as well"
    assert told({"decision": None}).method == ""
