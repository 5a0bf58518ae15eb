"""Decisions about people as data: who was decided on, how often each group was selected, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.core.group_table import Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`count` of `n`, its share and the interval of that share.

    Share and interval are None where n is 0: 0 / 0 is undefined, never 0.
    """

    count: int
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One group of a decision table with its rates.

    `share` is that of all rows in the table; with it stand its selection rate, its gap to all other groups and its
    impact ratio. `rare` groups are less than the floor of all rows: shown and marked, never what others are measured
    by. `rates` are those against the truth by name; `probability` is the mean given probability, `calibration` that
    less the rate of the truth. `undecided` rows of the group have no decision, `untold` ones no truth. `pooled_gap` is
    the gap within the levels of the control columns, pooled by Mantel and Haenszel's weights. A group that nobody is in
    has n = 0 and no figure; `because` says so.
    """

    group: str
    share: float
    selected: Rate
    gap: float | None = None
    gap_low: float | None = None
    gap_high: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    rare: bool = False
    rates: Mapping[str, Rate] = field(default_factory=dict)
    probability: float | None = None
    calibration: float | None = None
    undecided: int = 0
    untold: int = 0
    pooled_gap: float | None = None
    pooled_gap_low: float | None = None
    pooled_gap_high: float | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """The decisions by one tag or by one intersection of tags.

    `left_out` rows lack a part of it, `missing` counts them by tag (one row may lack several); `compared_with` is the
    group of the highest rate. `largest_gaps` are those
    between any two groups that are not rare: demographic parity (selection), and against the truth equal opportunity
    and equalized odds. `extra` are metrics asked for by name: metric -> group -> value; the groups that have none are
    in `extra_because` with the reason. `gap_ends` are bootstrap ends of largest gaps, where asked for. `controls` are
    the columns that gaps are pooled within.
    """

    by: str
    n: int
    left_out: int
    confidence: float
    floor: float
    compared_with: str | None
    rows: tuple[DecisionRow, ...]
    largest_gaps: Mapping[str, Spread] = field(default_factory=dict)
    extra: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    gap_ends: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    extra_n: Mapping[str, int] = field(default_factory=dict)
    extra_because: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The tables of a file of decisions.

    `undecided` rows have no decision, `untold` ones no truth.
    """

    selected: str
    truth: str | None
    rows: int
    undecided: int
    untold: int
    tables: tuple[DecisionTable, ...]
    notes: tuple[str, ...] = ()
