"""The group table of one metric: what each group got in both arms, how far it lies from the rest, how that moved."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evalkit.core.group_table import GroupRow, GroupTable, Spread
from evalkit.core.verdict import Estimate
from evalkit.slices.change import GapMoves
from evalkit.slices.disparity import Disparity, disparity, worse_of

Floats = NDArray[np.float64]


def group_table(
    like: GroupTable,
    estimates: Sequence[Estimate],
    moves: GapMoves,
    *,
    names: Sequence[str],
    missing: Sequence[int],
    because: Mapping[str, str],
) -> GroupTable:
    """Put the estimates of the groups `names` and the moves of their gaps together.

    `like` holds what is the same for all rows; `missing` (G,) counts each group's cases without a pair; `because` says
    what is wrong with a group.
    """
    base = _ratios(moves.base, names, like)
    candidate = _ratios(moves.candidate, names, like)
    rows = tuple(
        GroupRow(
            group=name,
            n=of.n,
            missing=missing[at],
            base=_none_unless_finite(moves.base[at]),
            base_low=of.base_low,
            base_high=of.base_high,
            candidate=_none_unless_finite(moves.candidate[at]),
            candidate_low=of.candidate_low,
            candidate_high=of.candidate_high,
            base_gap=_none_unless_finite(moves.base_gap[at]),
            candidate_gap=_none_unless_finite(moves.candidate_gap[at]),
            base_ratio=base[at],
            candidate_ratio=candidate[at],
            change=_none_unless_finite(moves.change[at]),
            low=_none_unless_finite(moves.low[at]),
            high=_none_unless_finite(moves.high[at]),
            fixed=of.fixed,
            broken=of.broken,
            small=of.n < like.min_n,
            because=because.get(name, ""),
        )
        for at, (name, of) in enumerate(zip(names, estimates, strict=True))
    )
    large = [row for row in rows if not row.small]
    return dataclasses.replace(
        like,
        rows=rows,
        base_spread=_spread(disparity({row.group: row.base for row in large}), share=like.share),
        candidate_spread=_spread(disparity({row.group: row.candidate for row in large}), share=like.share),
    )


def with_empty(table: GroupTable, names: Sequence[str]) -> GroupTable:
    """Return the table with the groups `names` that no case is in.

    They have n = 0 and no figure, and take part in nothing.
    """
    empty = [GroupRow(group=name, n=0, small=True, because="no case is in this group") for name in names]
    return dataclasses.replace(table, rows=tuple(sorted((*table.rows, *empty), key=lambda row: row.group)))


def name_gaps(tables: Sequence[GroupTable]) -> Iterator[GroupTable]:
    """Yield the tables of one tag with the gaps that have a name.

    They stand in that of selection: demographic parity, and where there are targets equal opportunity and equalized
    odds, of both arms.
    """
    by_metric = {table.metric: table for table in tables}
    true, false = (by_metric.get(name) for name in ("true_positive_rate", "false_positive_rate"))
    for table in tables:
        if table.metric != "selection_rate":
            yield table
            continue
        named = {"demographic_parity": (table.base_spread, table.candidate_spread)}
        if true is not None:
            named["equal_opportunity"] = (true.base_spread, true.candidate_spread)
        if true is not None and false is not None:
            odds = [worse_of([disparity(_large(of, arm)) for of in (true, false)]) for arm in ("base", "candidate")]
            named["equalized_odds"] = (_spread(odds[0], share=True), _spread(odds[1], share=True))
        yield dataclasses.replace(table, named_gaps=named)


def _large(table: GroupTable, arm: str) -> dict[str, float | None]:
    """The figures of one arm by group; small groups take no part in gaps between groups."""
    return {row.group: getattr(row, arm) for row in table.rows if not row.small}


def _spread(found: Disparity, *, share: bool) -> Spread:
    return Spread(
        gap=found.difference,
        ratio=found.ratio if share else None,
        smallest=found.smallest,
        largest=found.largest,
        undefined=found.undefined,
        because=found.reason,
    )


def _ratios(figures: Floats, names: Sequence[str], like: GroupTable) -> list[float | None]:
    """Each group's figure over that of the reference, or over the largest; only of shares, and never over 0."""
    known = figures[np.isfinite(figures)]
    if not like.share or not known.size:
        return [None] * len(names)
    named = [figure for name, figure in zip(names, figures.tolist(), strict=True) if name == like.reference]
    under = named[0] if named else float(known.max())
    if not under > 0.0:
        return [None] * len(names)
    return [None if math.isnan(figure) else figure / under for figure in figures.tolist()]


def _none_unless_finite(figure: float) -> float | None:
    return float(figure) if math.isfinite(figure) else None
