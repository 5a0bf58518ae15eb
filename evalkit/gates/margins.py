"""Margins in the metric's own unit: a number, or a share of the base's value ("5%") that becomes one."""

from __future__ import annotations

from evalkit.core.verdict import SliceKey
from evalkit.gates.measured import span_of
from evalkit.gates.view import View
from evalkit.suite.amount import amount_of


def margin_in(
    view: View, metric: str, key: SliceKey | None, margin: float | str, *, zero: bool = False
) -> tuple[float, str | None]:
    """Return the margin over the complete pairs of a slice.

    Where it is none, a sentence says why.

    With `zero` a margin of nothing is allowed (a gain of more than 0).
    """
    of, size = view.orient(metric), margin
    if isinstance(margin, str):
        result = view.cell(metric, key).result
        base = of.to_metric_units(result.base) if result else None
        if base is None:
            # without a pair there is nothing to judge, and the gate says so itself
            return 1.0, None
        size = amount_of(margin, base)
    size = float(size)
    if size <= 0.0 and not zero:
        return size, f"{margin} of the base's {metric} of 0 is no margin"
    column = view.comparison.columns.get(metric)
    low, high = span_of(column) if column is not None else of.scale or (0.0, 1.0)
    known = of.scale is not None or (of.counted is None and (low, high) == (0.0, 1.0))
    if known and size > high - low:
        return size, (
            f"a margin of {size:g} on {metric}, which goes from {low:g} to {high:g}, can never fail; it must be at "
            f"most {high - low:g}"
        )
    return size, None
