"""What must hold of gaps between groups for any data: mirrors, names, units."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.gates.group_states import group_states
from evalkit.stats.disparity import gap_changes

few = settings(max_examples=40, deadline=None)

TURNED = {"REGRESSION": {"PASS", "IMPROVED"}}


@st.composite
def evaluations(draw):
    """(base, candidate, groups, clusters, G): whole clusters may move, so that some gaps are proven to grow."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    count, clusters, rows = draw(st.integers(2, 4)), draw(st.integers(2, 60)), draw(st.integers(1, 6))
    codes = np.repeat(np.arange(clusters), rows * count)
    groups = np.tile(np.arange(count), clusters * rows)
    base = (rng.random(codes.size) < 0.7).astype(float)
    harmed = (groups == 0) & (rng.random(codes.size) < draw(st.sampled_from([0.0, 0.1, 0.6])))
    again = np.where(rng.random(codes.size) < 0.1, 1.0 - base, base)
    return base, np.where(harmed, 0.0, again), groups, codes, count


def found(base, candidate, groups, clusters, count, **more):
    return gap_changes(base, candidate, groups, count=count, clusters=clusters, draws=200, **more)


def states(changes, count, margin=0.05):
    return [item.state for item in group_states(changes, np.ones(count, dtype=bool), margin=margin, max_gap=None)]


@few
@given(evaluations())
def test_swapping_the_arms_mirrors_the_change_and_clears_the_accused(data):
    base, candidate, groups, clusters, count = data
    one = found(base, candidate, groups, clusters, count)
    two = found(candidate, base, groups, clusters, count)
    assert two.change == pytest.approx(-one.change)
    assert two.low == pytest.approx(-one.high)
    assert two.high == pytest.approx(-one.low)
    assert two.growth == pytest.approx(-one.growth)
    for before, after in zip(states(one, count), states(two, count), strict=True):
        assert after in TURNED.get(before, {"PASS", "IMPROVED", "INCONCLUSIVE", "REGRESSION"})


@few
@given(evaluations(), st.randoms())
def test_naming_the_groups_otherwise_permutes_the_findings(data, random):
    base, candidate, groups, clusters, count = data
    names = list(range(count))
    random.shuffle(names)
    one = found(base, candidate, groups, clusters, count)
    two = found(base, candidate, np.array(names)[groups], clusters, count)
    for field in ("change", "low", "high", "loss_low", "loss_high", "growth_low", "growth_high"):
        assert getattr(two, field)[names] == pytest.approx(getattr(one, field))
    renamed = states(two, count)
    assert [renamed[name] for name in names] == states(one, count)


@few
@given(evaluations(), st.sampled_from([0.5, 4.0, 100.0]))
def test_scaling_the_metric_scales_every_end(data, scale):
    base, candidate, groups, clusters, count = data
    one = found(base, candidate, groups, clusters, count, reach=1.0)
    two = found(scale * base, scale * candidate, groups, clusters, count, reach=scale)
    for field in ("change", "low", "high", "loss_low", "loss_high"):
        assert getattr(two, field) == pytest.approx(scale * getattr(one, field))
    assert states(two, count, margin=0.05 * scale) == states(one, count)


@few
@given(evaluations())
def test_ends_hold_their_estimates_and_nobody_who_gained_is_accused(data):
    base, candidate, groups, clusters, count = data
    changes = found(base, candidate, groups, clusters, count)
    for low, middle, high in (
        (changes.low, changes.change, changes.high),
        (changes.loss_low, changes.loss, changes.loss_high),
        (changes.growth_low, changes.growth, changes.growth_high),
    ):
        assert (low <= middle + 1e-12).all()
        assert (middle <= high + 1e-12).all()
    accused = np.array([state == "REGRESSION" for state in states(changes, count)])
    assert (changes.change[accused] < 0.0).all()
    assert (changes.growth[accused] > 0.0).all()
