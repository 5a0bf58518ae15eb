"""The scale a metric lives on: what it declares, and where its values disagree with that."""

from __future__ import annotations

from evalkit.core.columns import PairedColumn

_SLACK = 1e-9


def ends(column: PairedColumn) -> tuple[float | None, float | None]:
    """Return the ends of a metric's scale, None where it has none.

    A yes/no metric has 0 and 1 by nature.
    """
    return (0.0, 1.0) if column.binary else (column.low, column.high)


def declared_scale(column: PairedColumn) -> tuple[float, float] | None:
    """Return both ends of the declared scale.

    It is None where one is not declared, or a value lies beyond it.
    """
    low, high = ends(column)
    if low is None or high is None or not low < high or beyond_scale(column) is not None:
        return None
    return low, high


def open_scale(column: PairedColumn) -> tuple[float, float] | None:
    """Return how far a scale with one end is counted on to go.

    As far as its metric says, at least by 1; None for a scale with two ends or none.
    """
    low, high = ends(column)
    reach = column.reach or 1.0
    if low is not None and high is None:
        return low, low + reach
    return (high - reach, high) if high is not None and low is None else None


def beyond_scale(column: PairedColumn) -> str | None:
    """Write the sentence about a value beyond the declared scale.

    It is None if no value lies beyond the scale its metric declares.
    """
    low, high = ends(column)
    for arm in (column.base, column.candidate):
        values = arm.raw[arm.scored]
        if not values.size:
            continue
        least, most = float(values.min()), float(values.max())
        if low is not None and least < low - _SLACK:
            return f"a value of {column.metric} is {least:g}, below the low end {low:g} of the scale it declares"
        if high is not None and most > high + _SLACK:
            return f"a value of {column.metric} is {most:g}, above the high end {high:g} of the scale it declares"
    return None
