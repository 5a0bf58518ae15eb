"""Decisions about people by group: selection rates, impact ratios, and rates against a truth, with their intervals.

The shape is that of a bias audit after NYC Local Law 144 (6 RCNY 5-301): each sex, each race or ethnicity, and their
intersections; rows without a group are left out and counted, rare groups are marked. Figures, and no judgement.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.decision_table import DecisionRow, DecisionTable, Rate
from evalkit.core.errors import DataError
from evalkit.core.group_table import Spread
from evalkit.slices.disparity import Disparity, demographic_parity, equal_opportunity, equalized_odds
from evalkit.slices.frame_guards import FrameRow
from evalkit.slices.groups import RATES, Confusion, Groups, confusion, groups
from evalkit.slices.levels import JOINT, MISSING, MOST_EMPTY
from evalkit.slices.row_bootstrap import rate_intervals
from evalkit.slices.strata import pool_gaps
from evalkit.stats.distributions import two_sided_z
from evalkit.stats.newcombe import newcombe_independent
from evalkit.stats.proportions import wilson

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

RARE = 0.02
"""A category of less than this share may be left out of the impact ratios (6 RCNY 5-301 d)"""
NOBODY = "no row is in this group"
AGAINST_TRUTH = tuple(name for name in RATES if name != "selection_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Decisions of (n,) rows: `selected`, and `truth` where there is one.

    `told` marks the rows that have a `truth`.
    """

    selected: Bools
    truth: Bools | None = None
    told: Bools | None = None
    probability: Floats | None = None
    """(n,) within 0 and 1, NaN where there is none"""


def list_combinations(parts: Sequence[Sequence[str]]) -> list[str] | None:
    """Return every combination of the groups of several tags, sorted.

    None where they are too many to show.
    """
    levels = [sorted({*part} - {MISSING}) for part in parts]
    if math.prod(map(len, levels)) > MOST_EMPTY:
        return None
    return sorted(JOINT.join(row) for row in itertools.product(*levels))


def intersection(parts: Sequence[Sequence[str]]) -> list[str]:
    """Join the groups of several tags with ``*``.

    A row is missing as a whole where a part is.
    """
    return [MISSING if MISSING in row else JOINT.join(row) for row in zip(*parts, strict=True)]


def decision_table(
    by: str,
    values: Sequence[str],
    decided: Decided,
    *,
    names: Sequence[str] | None = None,
    floor: float = RARE,
    confidence: float = 0.95,
) -> DecisionTable:
    """Count (n,) decisions by group.

    Rows of the group "(missing)" are left out. `names` are all groups there are, those that nobody is in among them.
    DataError where no row is left.
    """
    known = np.array([value != MISSING for value in values], dtype=bool)
    if not known.any():
        raise DataError(f"no row has a value of {by} and a decision")
    cut = groups([value for value, there in zip(values, known, strict=True) if there], names=names)
    selected = decided.selected[known]
    table = confusion(selected, selected, cut)
    n = int(known.sum())
    rare = {name for name, size in table.size().items() if 0 < size < floor * n}
    top = _highest(table, rare)
    rows = [_row(table, name, n, top, rare=name in rare, confidence=confidence) for name in cut.names]
    empty = {name for name, size in table.size().items() if not size}
    gaps = {"demographic_parity": _spread(demographic_parity(_without(table, rare | empty)))}
    if decided.truth is not None and decided.told is not None:
        told = known & decided.told
        against = confusion(decided.truth[told], decided.selected[told], _part(cut, told[known]))
        rows = [_against(row, against, confidence=confidence) for row in rows]
        rows = [_calibrate(row, cut, decided, known, told) for row in rows]
        common = _without(against, rare | empty)
        gaps["equal_opportunity"] = _spread(equal_opportunity(common))
        gaps["equalized_odds"] = _spread(equalized_odds(common))
    return DecisionTable(
        by=by,
        n=n,
        left_out=int(known.size - n),
        confidence=confidence,
        floor=floor,
        compared_with=top,
        rows=tuple(rows),
        largest_gaps=gaps,
    )


def _part(cut: Groups, rows: Bools) -> Groups:
    return Groups(names=cut.names, codes=cut.codes[rows])


def _without(table: Confusion, rare: set[str]) -> Confusion:
    keep = [at for at, name in enumerate(table.names) if name not in rare]
    counts = ("true_positive", "false_positive", "false_negative", "true_negative")
    return Confusion(
        names=tuple(table.names[at] for at in keep), **{name: getattr(table, name)[keep] for name in counts}
    )


def _highest(table: Confusion, rare: set[str]) -> str | None:
    """The group with the highest selection rate that is not rare, ties by name; None where nobody is selected."""
    rates = {name: rate for name, rate in table.rate("selection_rate").items() if rate and name not in rare}
    return min(rates, key=lambda name: (-rates[name], name)) if rates else None


def _row(table: Confusion, name: str, n: int, top: str | None, *, rare: bool, confidence: float) -> DecisionRow:
    parts = table.parts("selection_rate")
    count, size = parts[name]
    if not size:
        return DecisionRow(group=name, share=0.0, selected=Rate(count=0, n=0), because=NOBODY)
    rest = n - size
    others = sum(selected for selected, _ in parts.values()) - count
    row = DecisionRow(group=name, share=size / n, selected=_rate(count, size, confidence), rare=rare)
    if rest:
        low, high = newcombe_independent(count, size, others, rest, confidence=confidence)
        row = dataclasses.replace(row, gap=count / size - others / rest, gap_low=low, gap_high=high)
    if top is None:
        return dataclasses.replace(row, because="no group that is not rare has anyone selected: 0 / 0 is undefined")
    ratio, ends = _ratio((count, size), parts[top], confidence=confidence)
    if name == top:
        ends = None
    return dataclasses.replace(
        row, ratio=ratio, ratio_low=ends[0] if ends else None, ratio_high=ends[1] if ends else None
    )


def _ratio(
    one: tuple[int, int], top: tuple[int, int], *, confidence: float
) -> tuple[float, tuple[float, float] | None]:
    """The ratio of two rates with Katz's log interval (Katz et al. 1978, Biometrics 34:469); none for a count of 0."""
    ratio = (one[0] / one[1]) / (top[0] / top[1])
    if not one[0]:
        return ratio, None
    error = math.sqrt(max(1.0 / one[0] - 1.0 / one[1] + 1.0 / top[0] - 1.0 / top[1], 0.0))
    factor = math.exp(two_sided_z(confidence) * error)
    return ratio, (ratio / factor, ratio * factor)


def _rate(count: int, n: int, confidence: float) -> Rate:
    if not n:
        return Rate(count=count, n=n)
    low, high = wilson(count, n, confidence=confidence)
    return Rate(count=count, n=n, value=count / n, low=low, high=high)


def _against(row: DecisionRow, table: Confusion, *, confidence: float) -> DecisionRow:
    rates = {name: _rate(*table.parts(name)[row.group], confidence) for name in AGAINST_TRUTH}
    told = table.parts("accuracy")[row.group][1]
    return dataclasses.replace(row, rates=rates, untold=row.selected.n - told)


def _calibrate(row: DecisionRow, cut: Groups, decided: Decided, known: Bools, told: Bools) -> DecisionRow:
    """Mean probability less the rate of the truth, over the rows that have both."""
    if decided.probability is None or decided.truth is None:
        return row
    mine = np.zeros(known.size, dtype=bool)
    mine[np.flatnonzero(known)[cut.codes == cut.names.index(row.group)]] = True
    rows = mine & told & np.isfinite(decided.probability)
    if not rows.any():
        return row
    mean = float(decided.probability[rows].mean())
    return dataclasses.replace(row, probability=mean, calibration=mean - float(decided.truth[rows].mean()))


def _spread(found: Disparity) -> Spread:
    return Spread(
        gap=found.difference,
        ratio=found.ratio,
        smallest=found.smallest,
        largest=found.largest,
        undefined=found.undefined,
        because=found.reason,
    )


def with_extra(table: DecisionTable, rows: Sequence[FrameRow]) -> DecisionTable:
    """Return the table with metrics of other packages beside its own.

    Levels of control columns stand in front of the group.
    """
    named = {" / ".join(row.group): row for row in rows}
    metrics = dict.fromkeys(metric for row in rows for metric in row.values)
    extra = {metric: {name: row.values[metric] for name, row in named.items()} for metric in metrics}
    because = {name: row.because for name, row in named.items() if row.because}
    sizes = {name: row.n for name, row in named.items()}
    return dataclasses.replace(table, extra=extra, extra_n=sizes, extra_because=because)


def with_gap_ends(
    table: DecisionTable, values: Sequence[str], decided: Decided, *, draws: int, seed: int = 0
) -> DecisionTable:
    """Return the table with bootstrap ends of its largest gaps.

    Rows are drawn, as by fairlearn's `difference_ci`. Such ends leave 0 out even where nothing differs: they are to
    read beside the gap, and no test.
    """
    common = [row.group for row in table.rows if not row.rare and row.selected.n]
    inside = np.isin(np.array(values, dtype=object), np.array(common, dtype=object))
    asked = {"demographic_parity": ("selection_rate", inside, decided.selected)}
    if decided.truth is not None and decided.told is not None:
        asked["equal_opportunity"] = ("true_positive_rate", inside & decided.told, decided.truth)
    tail, ends = (1.0 - table.confidence) / 2.0, {}
    for name, (rate, rows, truth) in asked.items():
        if rows.any():
            cut = groups([value for value, there in zip(values, rows.tolist(), strict=True) if there])
            both, how = (truth[rows], decided.selected[rows]), {"draws": draws, "seed": seed}
            found = rate_intervals(*both, cut, rates=[rate], quantiles=(tail, 1.0 - tail), **how)
            ends[name] = found.difference[rate]
    return dataclasses.replace(table, gap_ends=ends)


def with_pooled(
    table: DecisionTable, selected: Bools, values: Sequence[str], controls: Mapping[str, Sequence[str]]
) -> DecisionTable:
    """Return the table with gaps of selection within the levels of the controls, pooled.

    A row that lacks its group or a control is in no stratum.
    """
    names = [row.group for row in table.rows]
    place = {name: at for at, name in enumerate(names)}
    codes = np.array([place.get(value, -1) for value in values], dtype=np.int64)
    within = intersection(list(controls.values()))
    strata = groups(within)
    if MISSING in strata.names:
        lost = strata.names.index(MISSING)
        strata = Groups(names=strata.names, codes=np.where(strata.codes == lost, -1, strata.codes))
    cut = Groups(names=tuple(names), codes=codes)
    found = pool_gaps(selected.astype(np.float64), cut, strata, confidence=table.confidence)

    def read_figure(figures: Floats, at: int) -> float | None:
        return float(figures[at]) if math.isfinite(figures[at]) else None

    rows = [
        dataclasses.replace(
            row,
            pooled_gap=read_figure(found.gap, at),
            pooled_gap_low=read_figure(found.low, at),
            pooled_gap_high=read_figure(found.high, at),
        )
        for at, row in enumerate(table.rows)
    ]
    return dataclasses.replace(table, rows=tuple(rows), controls=tuple(controls))
