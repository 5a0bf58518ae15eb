"""From an interval and a margin to a state: the partition every gate on a difference shares."""

from __future__ import annotations

from typing import Literal

from evalkit.core.flags import Flag

IntervalState = Literal["REGRESSION", "IMPROVED", "PASS", "INCONCLUSIVE"]


def classify(
    low: float, high: float, margin: float, *, mde: float | None = None
) -> tuple[IntervalState, tuple[Flag, ...]]:
    """Judge the interval [low, high] of candidate - base against `margin` > 0.

    Higher is better.

    REGRESSION: low <= -margin and high < 0 (`material` if even high < -margin). IMPROVED: low > 0.
    PASS: -margin < low <= 0, proven non-inferior (`tolerated_drop` if high < 0, `equivalent` if high < margin).
    INCONCLUSIVE: low <= -margin and high >= 0 (`underpowered` if `mde` is given and exceeds the margin).
    The states are exhaustive and exclude each other, and moving the interval up never makes the state worse.
    """
    if not margin > 0.0:
        raise ValueError(f"a margin must be greater than 0, not {margin}")
    if not low <= high:
        raise ValueError(f"an interval needs low <= high, not [{low}, {high}]")
    if low > 0.0:
        return "IMPROVED", ()
    if low > -margin:
        flags: list[Flag] = []
        if high < 0.0:
            flags.append("tolerated_drop")
        if high < margin:
            flags.append("equivalent")
        return "PASS", tuple(flags)
    if high < 0.0:
        return "REGRESSION", ("material",) if high < -margin else ()
    return "INCONCLUSIVE", ("underpowered",) if mde is not None and mde > margin else ()
