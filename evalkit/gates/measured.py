"""One metric of both arms as gates read it: oriented so that higher is better, what is missing marked as missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Column, PairedColumn
from evalkit.gates.scale import declared_scale, open_scale

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One metric over all n examples of a comparison.

    All arrays are (n,) and oriented: higher is better.

    `base` and `candidate` are means over the scored repeats (0.0 where not present). `worst_base` and
    `worst_candidate` fill every missing repeat against the candidate: a pass for the base, a fail for the candidate.
    A repeat is missing when its call failed or its scorer crashed; `base_missing` and `candidate_missing` mark the
    examples with such a repeat. `missing_share` is the share of missing repeats of (base, candidate).
    `closed_base` and `closed_candidate` fill what escaped the metric in the same way: repeats without a value where the
    other arm has one more; `short` marks these examples. `least_base` counts all of that as wrong of the base,
    `most_candidate` as right of the candidate.
    """

    metric: str
    higher_is_better: bool
    binary: bool
    base: Floats
    candidate: Floats
    base_present: Bools
    candidate_present: Bools
    worst_base: Floats
    worst_candidate: Floats
    base_missing: Bools
    candidate_missing: Bools
    missing_share: tuple[float, float]
    closed_base: Floats
    closed_candidate: Floats
    least_base: Floats
    most_candidate: Floats
    short: Bools
    flipped: float
    """What turns an oriented value into the metric's own: own = flipped - oriented where lower is better"""
    scale: tuple[float, float] | None = None
    """The lowest and the highest value it can take; None where only the values seen say it"""
    counted: tuple[float, float] | None = None
    """Of a scale with one end: how far it is counted on to go, oriented; None for all others"""
    unit: str = ""

    @property
    def share(self) -> bool:
        """Tell whether its values read as percents.

        Those of yes/no metrics do, and those on a scale from 0 to 1.
        """
        return self.binary or (self.scale == (0.0, 1.0) and not self.unit)

    @property
    def paired(self) -> Bools:
        """(n,) bool: the complete pairs."""
        return self.base_present & self.candidate_present

    @property
    def missing(self) -> Bools:
        """(n,) bool: a repeat is missing in either arm."""
        return self.base_missing | self.candidate_missing

    @property
    def judged(self) -> Bools:
        """(n,) bool: each arm has at least one repeat, scored or missing."""
        return (self.base_present | self.base_missing) & (self.candidate_present | self.candidate_missing)

    @property
    def one_sided(self) -> Bools:
        """(n,) bool: only one arm has a number though nothing failed.

        The metric did not apply to the other arm.
        """
        return (self.base_present ^ self.candidate_present) & ~self.missing

    @property
    def applies(self) -> Bools:
        """(n,) bool: the metric applies to the example.

        It does so whether or not an answer escaped it.
        """
        return self.judged | self.one_sided

    def to_metric_units(self, oriented: float | None) -> float | None:
        """Return a value in the metric's own direction."""
        return oriented if self.higher_is_better or oriented is None else self.flipped - oriented

    def signed_delta(self, difference: float | None) -> float | None:
        """Return a difference of two values in the metric's own direction."""
        return difference if self.higher_is_better or difference is None else 0.0 - difference


def orient_column(column: PairedColumn) -> Measured:
    """Orient a column and bound what is missing.

    A metric is bounded by the scale it declares (yes/no: 0 and 1), or else by the range its own scored values span over
    both arms.
    """
    low, high = span_of(column)
    up = column.higher_is_better
    best, worst = (high, low) if up else (low, high)
    flipped = low + high
    arms = []
    counts = [(arm.scored | arm.failed | arm.errors).sum(axis=1) for arm in (column.base, column.candidate)]
    short = [(counts[1] - counts[0]).clip(min=0), (counts[0] - counts[1]).clip(min=0)]
    for arm, fill, lacking in ((column.base, best, short[0]), (column.candidate, worst, short[1])):
        present, missing = arm.present, (arm.failed | arm.errors) & ~arm.scored
        values, filled, closed = arm.values, _fill(arm, missing, fill), _fill(arm, missing, fill, lacking)
        if not up:
            values = np.where(present, flipped - values, 0.0)
            filled, closed = flipped - filled, flipped - closed
        arms.append((values, present, filled, closed, missing.sum(axis=1) > 0, _share(arm, missing)))
    gone = [(arm.failed | arm.errors) & ~arm.scored for arm in (column.base, column.candidate)]
    least = _fill(column.base, gone[0], worst, short[0])
    most = _fill(column.candidate, gone[1], best, short[1])
    (base, base_present, worst_base, closed_base, base_missing, base_share) = arms[0]
    (candidate, candidate_present, worst_candidate, closed_candidate, candidate_missing, candidate_share) = arms[1]
    return Measured(
        metric=column.metric,
        higher_is_better=up,
        binary=column.binary,
        base=base,
        candidate=candidate,
        base_present=base_present,
        candidate_present=candidate_present,
        worst_base=worst_base,
        worst_candidate=worst_candidate,
        base_missing=base_missing,
        candidate_missing=candidate_missing,
        missing_share=(base_share, candidate_share),
        closed_base=closed_base,
        closed_candidate=closed_candidate,
        least_base=least if up else flipped - least,
        most_candidate=most if up else flipped - most,
        short=counts[0] != counts[1],
        flipped=flipped,
        scale=declared_scale(column),
        counted=_orient_ends(open_scale(column), flipped=None if up else flipped),
        unit=column.unit,
    )


def _orient_ends(ends: tuple[float, float] | None, *, flipped: float | None) -> tuple[float, float] | None:
    return ends if ends is None or flipped is None else (flipped - ends[1], flipped - ends[0])


def span_of(column: PairedColumn) -> tuple[float, float]:
    """Return the bounds of a value that is not known.

    They are those of the declared scale, or of what was seen; of a scale with one end at least what it is counted on.
    """
    scale = declared_scale(column)
    if scale is not None:
        return scale
    counted = open_scale(column)
    scored = [arm.raw[arm.scored] for arm in (column.base, column.candidate)]
    values = np.concatenate(scored)
    if values.size == 0:
        return counted or (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if counted is not None:
        return min(low, counted[0]), max(high, counted[1])
    within = low >= 0.0 and high <= 1.0
    return (0.0, 1.0) if column.binary or within else (low, high)


def _fill(arm: Column, missing: Bools, fill: float, lacking: Any = 0) -> Floats:
    counted = (arm.scored | missing).sum(axis=1) + lacking
    total = (arm.raw * arm.scored).sum(axis=1) + fill * (missing.sum(axis=1) + lacking)
    out: Floats = total / counted.clip(min=1)
    return out


def _share(arm: Column, missing: Bools) -> float:
    gone, there = int(missing.sum()), int(arm.scored.sum())
    return gone / (gone + there) if gone + there else 0.0
