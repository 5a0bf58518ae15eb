"""The group table as data: one metric of both arms over the groups of one tag. It is for reading, and gates nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FOUR_FIFTHS = 0.8
"""The line of the four-fifths rule of thumb (29 CFR 1607.4 D): a mark to read by, no law and no verdict"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group with its figures in both arms.

    Figures are in the metric's own unit and direction; what is None is undefined, and `because` says why. `n` pairs
    have a value in both arms, `missing` cases of the group have not. `base_gap` and `candidate_gap` are the group's
    figure less that of the rest (or of the reference), `change` is candidate gap less base gap with its simultaneous
    interval. Ratios are to the group with the largest figure, or to the reference. What is `pooled` is taken within the
    levels of the control tags, with its own simultaneous interval.
    """

    group: str
    n: int
    missing: int = 0
    base: float | None = None
    base_low: float | None = None
    base_high: float | None = None
    candidate: float | None = None
    candidate_low: float | None = None
    candidate_high: float | None = None
    base_gap: float | None = None
    candidate_gap: float | None = None
    base_ratio: float | None = None
    candidate_ratio: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    base_gap_pooled: float | None = None
    candidate_gap_pooled: float | None = None
    change_pooled: float | None = None
    low_pooled: float | None = None
    high_pooled: float | None = None
    fixed: int | None = None
    broken: int | None = None
    small: bool = False
    """Fewer pairs than min_n: shown, and in no family of intervals"""
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The largest gap between any two groups of one arm.

    Beside it stands smallest over largest. It is biased upwards: never gated on.
    """

    gap: float | None = None
    ratio: float | None = None
    smallest: str | None = None
    largest: str | None = None
    undefined: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """One metric by one tag (or an intersection, "a*b").

    `without` cases do not carry the tag and are in no group. `within` is the level of a control tag that the table is
    taken within, "region=north"; `controls` are the tags that pooled gaps are taken within. `named_gaps` are largest
    gaps that have a name, of both arms: demographic parity, equal opportunity, equalized odds.
    """

    by: str
    metric: str
    higher_is_better: bool = True
    share: bool = True
    """The figures are shares of 1"""
    unit: str = ""
    reference: str | None = None
    confidence: float = 0.95
    min_n: int = 30
    method: str = ""
    rows: tuple[GroupRow, ...] = ()
    base_spread: Spread = Spread()
    candidate_spread: Spread = Spread()
    without: int = 0
    within: str = ""
    controls: tuple[str, ...] = ()
    named_gaps: Mapping[str, tuple[Spread, Spread]] = field(default_factory=dict)
    either: bool = False
    """Neither side is better: nobody falls behind by it"""
    because: str = ""

    @property
    def title(self) -> str:
        """The tag, and what the table is taken within."""
        return f"{self.by} within {self.within}" if self.within else self.by

    @property
    def fell_behind(self) -> tuple[str, ...]:
        """The groups whose gap moved against them beyond chance, for all groups at once."""
        return tuple(row.group for row in self.rows if not row.small and self._is_lost(row))

    def _is_lost(self, row: GroupRow) -> bool:
        if row.low is None or row.high is None or self.either:
            return False
        return row.high < 0.0 if self.higher_is_better else row.low > 0.0
