"""One cell of a comparison as an estimate: both arms, their difference, its interval."""

from __future__ import annotations

import dataclasses

from evalkit.core.verdict import Estimate
from evalkit.gates import words
from evalkit.gates.measured import Measured
from evalkit.gates.view import Cell, View
from evalkit.stats.paired import PairedResult


def estimate_of(seen: View, cell: Cell) -> Estimate:
    """Return both arms of a cell, their difference and its interval.

    They are in the metric's own direction.
    """
    result = cell.result
    if result is None:
        return blank_estimate(seen, cell, _why_nothing(cell.of))
    low, high = own_interval(cell.of, result)
    base_low, base_high = _arm(cell.of, result.base_interval)
    candidate_low, candidate_high = _arm(cell.of, result.candidate_interval)
    return dataclasses.replace(
        blank_estimate(seen, cell, result.reason),
        base=cell.of.to_metric_units(result.base),
        candidate=cell.of.to_metric_units(result.candidate),
        delta=cell.of.signed_delta(result.delta),
        low=low,
        high=high,
        fixed=result.fixed,
        broken=result.broken,
        p=result.p,
        method=result.method,
        mde=result.mde,
        base_low=base_low,
        base_high=base_high,
        candidate_low=candidate_low,
        candidate_high=candidate_high,
    )


def blank_estimate(seen: View, cell: Cell, because: str) -> Estimate:
    """Return a cell whose figures are not there or not shown.

    It has the reason.
    """
    return Estimate(
        metric=cell.of.metric,
        slice=cell.slice,
        n=cell.n,
        n_clusters=cell.n_clusters,
        confidence=seen.confidence,
        higher_is_better=cell.of.higher_is_better,
        binary=cell.of.binary,
        method="none",
        because=because,
    )


def _why_nothing(of: Measured) -> str:
    missing = int(of.missing.sum())
    failed = f"; {words.count(missing, 'case')} had a failed call or a crashed scorer" if missing else ""
    return f"no case has a value in both arms{failed}"


def _arm(of: Measured, interval: tuple[float, float] | None) -> tuple[float | None, float | None]:
    if interval is None:
        return None, None
    return interval if of.higher_is_better else (of.flipped - interval[1], of.flipped - interval[0])


def own_interval(of: Measured, result: PairedResult) -> tuple[float | None, float | None]:
    """Return the interval of candidate - base in the metric's own direction."""
    if result.low is None or result.high is None:
        return None, None
    return (result.low, result.high) if of.higher_is_better else (0.0 - result.high, 0.0 - result.low)
