"""The partition of intervals into states, and what adjusts p-values."""

from __future__ import annotations

import pytest

from evalkit import stats


@pytest.mark.parametrize(
    ("low", "high", "state", "flags"),
    [
        (0.01, 0.05, "IMPROVED", ()),
        (0.0, 0.05, "PASS", ()),
        (-0.01, 0.05, "PASS", ()),
        (-0.01, 0.015, "PASS", ("equivalent",)),
        (-0.015, -0.005, "PASS", ("tolerated_drop", "equivalent")),
        (-0.02, 0.05, "INCONCLUSIVE", ()),
        (-0.05, 0.0, "INCONCLUSIVE", ()),
        (-0.05, -0.001, "REGRESSION", ()),
        (-0.05, -0.03, "REGRESSION", ("material",)),
    ],
)
def test_states_at_a_margin_of_two_points(low, high, state, flags):
    assert stats.classify(low, high, 0.02) == (state, flags)


def test_an_mde_above_the_margin_flags_what_could_not_be_told():
    assert stats.classify(-0.05, 0.05, 0.02, mde=0.06) == ("INCONCLUSIVE", ("underpowered",))
    assert stats.classify(-0.05, 0.05, 0.02, mde=0.01) == ("INCONCLUSIVE", ())


@pytest.mark.parametrize(
    ("low", "high", "margin"), [(-1, 1, 0), (-1, 1, -0.1), (0.2, 0.1, 0.02), (float("nan"), 1, 0.02)]
)
def test_nonsense_is_refused(low, high, margin):
    with pytest.raises(ValueError, match=r"margin|interval|low|high"):
        stats.classify(low, high, margin)


def test_holm_is_never_below_the_raw_nor_above_bonferroni():
    raw = [0.2, 0.001, 0.04, 0.04, 1.0]
    for p, holm, most in zip(raw, stats.holm(raw), stats.bonferroni(raw), strict=True):
        assert p <= holm <= most


def test_adjusting_nothing_gives_nothing():
    assert stats.holm([]).tolist() == []
    assert stats.benjamini_hochberg([]).tolist() == []


@pytest.mark.parametrize("p", [[-0.1], [1.2], [float("nan")]])
def test_what_is_no_p_value_is_refused(p):
    with pytest.raises(ValueError, match=r"from 0 to 1|NaN"):
        stats.holm(p)
