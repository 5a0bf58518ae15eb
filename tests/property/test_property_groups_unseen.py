"""What must hold of fairness gates over answers that are gone: taking them away never makes a group look fine."""

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from test_gates_properties import TODAY, made, suite

from evalkit.gates.decide import decide

GOOD = ("PASS", "IMPROVED")

few = settings(max_examples=50, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@st.composite
def harms(draw):
    """(base, candidate, groups, clusters, rng): some groups are harmed, some gain, some rows flip."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    count, size = draw(st.integers(2, 4)), draw(st.integers(30, 120))
    groups = np.repeat([f"g{g}" for g in range(count)], size)
    base = (rng.random(groups.size) < draw(st.sampled_from([0.5, 0.8, 1.0]))).astype(float)
    candidate = np.where(rng.random(groups.size) < draw(st.sampled_from([0.0, 0.05, 0.2])), 1.0 - base, base)
    for g in range(count):
        hit = (groups == f"g{g}") & (rng.random(groups.size) < draw(st.sampled_from([0.0, 0.0, 0.1, 0.4, 1.0])))
        candidate[hit] = draw(st.sampled_from([0.0, 1.0]))
    families = [f"t{at % size}" for at in range(groups.size)] if draw(st.booleans()) else None
    return base.tolist(), candidate.tolist(), groups.tolist(), families, rng


def taken(base, candidate, groups, rng, *, what, mine, most):
    """Positions of answers of one group (or of all others) that are taken away."""
    one, two = np.array(base), np.array(candidate)
    inside = (np.array(groups) == "g0") == mine
    marked = {"broken": two < one, "fixed": two > one, "same": two == one, "any": np.ones(one.size, bool)}[what]
    return rng.permutation(np.flatnonzero(marked & inside))[:most].tolist()


@few
@given(
    harms(),
    st.sampled_from(["broken", "fixed", "same", "any"]),
    st.booleans(),
    st.sampled_from([1, 3, 10, 1_000]),
    st.sampled_from(["base", "candidate"]),
    st.sampled_from(["failed", None]),
    st.sampled_from([{}, {"reference": "g0"}, {"max_gap": 0.2}]),
    st.sampled_from([0.05, 0.2, 0.4, 0.8]),
    st.sampled_from([0.02, 0.2, 1.0]),
)
def test_taking_answers_away_never_makes_a_group_look_fine(rows, what, mine, most, arm, hole, more, margin, limit):
    """One answer or many, of the harmed group or of those it is compared with, by failed calls or by silence."""
    base, candidate, groups, families, rng = rows
    spec = suite({"type": "fairness", "slices": ["g"], "max_change": margin, **more}, max_error_rate=limit)
    before = {
        found.slice: found
        for found in decide(made(base, candidate, groups=groups, clusters=families), spec, today=TODAY)
    }
    arms = {"base": list(base), "candidate": list(candidate)}
    for at in taken(base, candidate, groups, rng, what=what, mine=mine, most=most):
        arms[arm][at] = hole
    left = made(arms["base"], arms["candidate"], groups=groups, clusters=families)
    for found in decide(left, spec, today=TODAY):
        was = before.get(found.slice)
        if was is not None and was.state not in GOOD:
            assert found.state not in GOOD, (was.because, found.because)
