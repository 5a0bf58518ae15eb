"""Taking answers away from any arm, several at once, never turns a state of any gate into a good one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gates_properties import TODAY, column, made, suite

from evalkit.core.columns import PairedColumn
from evalkit.gates.decide import decide

GOOD = ("PASS", "IMPROVED")
MEANS = (
    {"type": "must_improve", "metric": "m"},
    {"type": "must_improve", "metric": "m", "min_gain": 0.1},
    {"type": "fairness", "slices": ["g"], "metrics": ["m"], "max_change": 0.2},
    {"type": "fairness", "slices": ["g"], "metrics": ["m"], "max_change": 0.9, "max_gap": 0.5},
    {"type": "critical", "tag": "g", "metrics": ["m"]},
)
FLOORS = (
    {"type": "floor", "metric": "m", "min": 0.7},
    {"type": "floor", "metric": "m", "min": 0.6, "basis": "proven"},
    {"type": "floor", "metric": "m", "min": 0.5, "slices": ["g"]},
)
COSTS = tuple(
    {"type": "budget", "metric": metric, **limit}
    for metric in ("tokens_out", "latency_p95", "latency_p50")
    for limit in ({"max_ratio": 1.2}, {"max_ratio": 0.95}, {"max": 30})
)
few = settings(max_examples=60, deadline=None)
holes = st.lists(
    st.tuples(st.integers(0, 199), st.sampled_from(["base", "candidate"]), st.sampled_from(["failed", None])),
    min_size=1,
    max_size=25,
)


def taken_from(arms, holes):
    out = {name: list(values) for name, values in arms.items()}
    for at, arm, hole in holes:
        out[arm][at % len(out[arm])] = hole
    return out


def judged(arms, groups, spec, *, cost=False, binary=True):
    kinds = {"binary": binary} if not cost else {}
    comparison = made(arms["base"], arms["candidate"], groups=groups, **kinds)
    if cost:
        pair = {name: column(values) for name, values in arms.items()}
        columns = {
            name: PairedColumn(metric=name, **pair, higher_is_better=False, binary=False)
            for name in ("tokens_out", "latency_s")
        }
        object.__setattr__(comparison, "columns", columns)
    return {(found.gate_index, found.slice, found.flags[:1]): found for found in decide(comparison, spec, today=TODAY)}


def no_better(before, after):
    known = {(key[0], key[1]): found for key, found in before.items()}
    for key, found in after.items():
        was = known.get((key[0], key[1]))
        if was is not None and was.state not in (*GOOD, "TOO_SMALL"):
            assert found.state not in GOOD, (was.state, was.because, found.because)


@few
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0]), st.sampled_from("ab")),
        min_size=1,
        max_size=120,
    ),
    holes,
    st.sampled_from([0.02, 0.2, 1.0]),
)
def test_answers_taken_away_make_no_gain_no_fairness_and_guard_no_critical_case(rows, taken, limit):
    arms = {"base": [row[0] for row in rows], "candidate": [row[1] for row in rows]}
    groups, spec = [row[2] for row in rows], suite(*MEANS, max_error_rate=limit)
    no_better(judged(arms, groups, spec), judged(taken_from(arms, taken), groups, spec))


@few
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from("ab")), min_size=1, max_size=120),
    holes,
    st.sampled_from([0.02, 0.2, 1.0]),
)
def test_answers_of_the_candidate_taken_away_reach_no_floor(rows, taken, limit):
    """What the metric gives nothing in both arms does not apply; the base answers everything here."""
    arms = {"base": [1.0] * len(rows), "candidate": [row[0] for row in rows]}
    groups, spec = [row[1] for row in rows], suite(*FLOORS, max_error_rate=limit)
    after = taken_from(arms, [(at, "candidate", hole) for at, _, hole in taken])
    no_better(judged(arms, groups, spec), judged(after, groups, spec))


tokens = st.sampled_from([10.0, 20.0, 28.0, 30.0, 33.0, 60.0])


@few
@given(
    st.lists(st.tuples(tokens, tokens), min_size=4, max_size=120),
    st.integers(1, 3),
    holes,
    st.sampled_from([0.02, 0.2, 1.0]),
)
def test_answers_taken_away_make_nothing_cheaper(rows, times, taken, limit):
    rows = [*rows * times, (10.0, 60.0), (10.0, 60.0)]  # what is missing costs no more than the most that was seen
    arms = {"base": [row[0] for row in rows], "candidate": [row[1] for row in rows]}
    after = taken_from(arms, taken)
    for name, value in (("base", 10.0), ("candidate", 60.0)):
        if value not in after[name]:
            return
    groups, spec = ["a"] * len(rows), suite(*COSTS, max_error_rate=limit)
    no_better(judged(arms, groups, spec, cost=True), judged(after, groups, spec, cost=True))


def test_the_slowest_answers_without_a_figure_do_not_save_a_budget():
    """One case in fifty has no latency: the one that took longest."""
    rng = np.random.default_rng(3)
    base = rng.normal(1.0, 0.1, 200).tolist()
    slow = [value * (1.6 if i % 18 == 0 else 1.0) for i, value in enumerate(base)]
    spec = suite({"type": "budget", "metric": "latency_p95", "max_ratio": 1.2})
    arms = {"base": base, "candidate": slow}
    (whole,) = judged(arms, ["a"] * 200, spec, cost=True).values()
    assert whole.state not in GOOD
    hidden = {**arms, "candidate": [None if i in range(0, 72, 18) else v for i, v in enumerate(slow)]}
    (found,) = judged(hidden, ["a"] * 200, spec, cost=True).values()
    assert found.state not in GOOD
