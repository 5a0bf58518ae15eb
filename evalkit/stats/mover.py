"""The interval of a difference from the intervals of its two parts, where the parts are independent."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranged:
    """A value with its interval."""

    value: float
    low: float
    high: float


def subtract_intervals(one: Ranged, other: Ranged) -> Ranged:
    """Compute the interval of `one` - `other` from intervals of the same confidence.

    MOVER, the method of variance estimates recovery: Zou & Donner 2008, Statistics in Medicine 27:1693-1702. Of two
    proportions with Wilson intervals it is Newcombe's method 10.

    >>> found = subtract_intervals(Ranged(0.8, 0.6918, 0.8770), Ranged(0.6, 0.4905, 0.7004))
    >>> round(found.low, 3), round(found.high, 3)
    (0.052, 0.334)
    """
    delta = one.value - other.value
    low = delta - math.hypot(one.value - one.low, other.high - other.value)
    high = delta + math.hypot(one.high - one.value, other.value - other.low)
    return Ranged(delta, low, high)
