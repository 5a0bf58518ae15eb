"""What must hold of gates over what was not seen: taken answers, bases at the worst end, arms that change places."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gates_properties import GUARD, SLICED, TODAY, made, suite

from evalkit.gates.decide import decide

GOOD = ("PASS", "IMPROVED")
REQUIRED = {**SLICED, "mode": "require"}
TAKEN = (GUARD, SLICED, REQUIRED, {"type": "must_improve", "metric": "m"}, {**GUARD, "margin": 0.3})
WORST = {"type": "no_regression", "metric": "m", "margin": 0.1}

few = settings(max_examples=60, deadline=None)

yes_no = st.sampled_from([0.0, 1.0])
shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])
holes = st.sampled_from(["failed", None])


def rows_of(value):
    return st.lists(st.tuples(value, value, st.sampled_from("ab")), min_size=1, max_size=80)


@few
@given(
    st.one_of(rows_of(yes_no), rows_of(shares)),
    st.lists(st.tuples(st.integers(0, 79), st.sampled_from(["base", "candidate"]), holes), min_size=1, max_size=25),
    st.sampled_from([0.02, 0.2, 1.0]),
    st.sampled_from(["holm", "none"]),
)
def test_taking_answers_away_never_makes_a_state_good(rows, taken, limit, correction):
    """A call that failed, or an answer that gives the metric nothing: neither may hide what was there."""
    base, candidate, groups = ([row[i] for row in rows] for i in range(3))
    binary = all(value in (0.0, 1.0) for value in base + candidate)
    spec = suite(*TAKEN, correction=correction, max_error_rate=limit)
    before = decide(made(base, candidate, groups=groups, binary=binary), spec, today=TODAY)
    arms = {"base": list(base), "candidate": list(candidate)}
    for at, arm, hole in {at % len(rows): (at % len(rows), arm, hole) for at, arm, hole in taken}.values():
        arms[arm][at] = hole
    after = decide(made(arms["base"], arms["candidate"], groups=groups, binary=binary), spec, today=TODAY)
    known = {(f.gate_index, f.slice): f for f in before}
    for found in after:
        was = known.get((found.gate_index, found.slice))
        if was is None or was.state in GOOD or (was.state == "TOO_SMALL" and found.alarm):
            continue
        assert found.state not in GOOD, (was.state, was.because, found.because)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(20, 150), st.integers(1, 12), st.integers(0, 6), st.integers(1, 12), holes, st.sampled_from([0.2, 1.0])
)
def test_losing_the_broken_answers_never_makes_a_state_good(same, broken, fixed, lost, hole, limit):
    """Of enough cases to pass on, those that decide are lost."""
    base = [1.0] * broken + [0.0] * fixed + [1.0] * same
    candidate = [0.0] * broken + [1.0] * (fixed + same)
    spec = suite(*({**GUARD, "margin": margin} for margin in (0.05, 0.1, 0.2)), max_error_rate=limit)
    before = decide(made(base, candidate), spec, today=TODAY)
    after = decide(made(base, [hole] * min(lost, broken) + candidate[min(lost, broken) :]), spec, today=TODAY)
    for was, found in zip(before, after, strict=True):
        assert was.state in GOOD or found.state not in GOOD, (was.because, found.because)


@few
@given(st.lists(st.one_of(yes_no, shares), min_size=1, max_size=120), st.booleans())
def test_a_base_at_the_worst_end_is_never_a_pass(candidate, binary):
    if binary:
        candidate = [float(value > 0.5) for value in candidate]
    base = [0.0] * len(candidate)
    for found in decide(made(base, candidate, binary=binary), suite(WORST, {**WORST, "slices": ["g"]}), today=TODAY):
        assert found.state != "PASS"
        if found.state == "IMPROVED":
            assert found.low > 0.0


@few
@given(st.integers(0, 300), st.integers(0, 300))
def test_improved_over_the_worst_end_takes_a_proven_gain(wrong, fixed):
    if not wrong + fixed:
        return
    base, candidate = [0.0] * (wrong + fixed), [0.0] * wrong + [1.0] * fixed
    (found,) = decide(made(base, candidate), suite(WORST), today=TODAY)
    assert found.state in ("IMPROVED", "INCONCLUSIVE")
    if found.state == "IMPROVED":
        assert found.low > 0.0


@few
@given(rows_of(yes_no))
def test_arms_that_change_places_mirror_every_slice(rows):
    base, candidate, groups = ([row[i] for row in rows] for i in range(3))
    spec = suite(GUARD, REQUIRED)
    there = decide(made(base, candidate, groups=groups), spec, today=TODAY)
    back = decide(made(candidate, base, groups=groups), spec, today=TODAY)
    for one, two in zip(there, back, strict=True):
        assert one.delta == pytest.approx(-two.delta, abs=1e-12)
        assert (one.low, one.high) == pytest.approx((-two.high, -two.low), abs=1e-9)
        assert {one.state, two.state} != {"REGRESSION"}
        if one.state == "IMPROVED" and one.low >= 0.05:
            assert two.state == "REGRESSION" or "too_few" in two.flags
