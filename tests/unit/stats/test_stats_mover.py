"""The interval of a difference of two parts: that of Newcombe where the parts are proportions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.stats import newcombe_independent, wilson
from evalkit.stats.mover import Ranged, subtract_intervals

COUNTS = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (min(pair), max(*pair, 1)))


def proportion(k: int, n: int) -> Ranged:
    return Ranged(k / n, *wilson(k, n))


@given(COUNTS, COUNTS)
def test_of_two_proportions_it_is_newcombes_method_10(one: tuple[int, int], other: tuple[int, int]) -> None:
    found = subtract_intervals(proportion(*one), proportion(*other))
    assert (found.low, found.high) == pytest.approx(newcombe_independent(*one, *other))
    back = subtract_intervals(proportion(*other), proportion(*one))
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))
    assert found.low <= found.value <= found.high
