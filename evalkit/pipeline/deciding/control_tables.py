"""Group tables with control tags: gaps pooled within the values of the tags, and the comparison cut to one value."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Column, Comparison
from evalkit.core.group_table import GroupTable
from evalkit.core.verdict import SliceKey
from evalkit.gates.view import View
from evalkit.slices.change import Arms
from evalkit.slices.groups import Groups
from evalkit.slices.levels import MISSING, levels, tags
from evalkit.slices.selection import APART
from evalkit.slices.strata import pool_moves
from evalkit.suite.spec import SliceSpec

Floats = NDArray[np.float64]


def control_levels(comparison: Comparison, control: str) -> tuple[str, ...]:
    """Return the value of a control tag of every example.

    As the slice of that name has it, else as it is written.
    """
    found = comparison.levels.get(control)
    return tuple(found) if found is not None else levels(comparison.examples, [SliceSpec(by=control)])[control]


def arms_of(seen: View, metric: str) -> Arms:
    """Return both arms of a metric.

    Over their pairs, or where each has a denominator of its own over that.
    """
    of = seen.comparison.columns[metric]
    base, candidate = of.base.present, of.candidate.present
    if metric not in APART:
        base = candidate = of.paired
    return Arms(base=of.base.values, candidate=of.candidate.values, base_counts=base, candidate_counts=candidate)


def pool_within(seen: View, table: GroupTable, controls: Sequence[str]) -> GroupTable:
    """Return the table with gaps within the values of the control tags, pooled.

    A tag that the table is cut by is no control of it; rows that lack one are in no stratum.
    """
    controls = [name for name in controls if name not in tags(table.by)]
    if not controls:
        return table
    comparison = seen.comparison
    parts = list(zip(*(control_levels(comparison, name) for name in controls), strict=True))
    strata = sorted({part for part in parts if MISSING not in part})
    place = {part: at for at, part in enumerate(strata)}
    codes = np.full(len(comparison.examples), -1, dtype=np.int64)
    names = [row.group for row in table.rows]
    for code, name in enumerate(names):
        codes[seen.mask(SliceKey(by=table.by, value=name))] = code
    found = pool_moves(
        arms_of(seen, table.metric),
        Groups(names=tuple(names), codes=codes),
        Groups(names=tuple(map(str, strata)), codes=np.array([place.get(part, -1) for part in parts], dtype=np.int64)),
        clusters=seen.clusters,
        judged=np.array([not row.small for row in table.rows]),
        reference=names.index(table.reference) if table.reference in names else None,
        confidence=seen.confidence,
        seed=seen.seed,
    )
    rows = [
        dataclasses.replace(
            row,
            base_gap_pooled=_finite(found.base_gap[at]),
            candidate_gap_pooled=_finite(found.candidate_gap[at]),
            change_pooled=_finite(found.change[at]),
            low_pooled=_finite(found.low[at]),
            high_pooled=_finite(found.high[at]),
        )
        for at, row in enumerate(table.rows)
    ]
    return dataclasses.replace(table, rows=tuple(rows), controls=tuple(controls))


def cut_to_levels(comparison: Comparison, control: str) -> Iterator[tuple[str, Comparison]]:
    """Yield every value of a control tag with the comparison of its examples alone."""
    column = np.array(control_levels(comparison, control), dtype=object)
    for level in sorted({*column.tolist()} - {MISSING}):
        rows = np.flatnonzero(column == level)
        places = rows.tolist()
        yield (
            level,
            dataclasses.replace(
                comparison,
                examples=tuple(comparison.examples[at] for at in places),
                clusters=tuple(comparison.clusters[at] for at in places),
                columns={
                    name: dataclasses.replace(of, base=_cut(of.base, rows), candidate=_cut(of.candidate, rows))
                    for name, of in comparison.columns.items()
                },
                levels={name: tuple(values[at] for at in places) for name, values in comparison.levels.items()},
                sets={},
            ),
        )


def _cut(column: Column, rows: NDArray[np.intp]) -> Column:
    return Column(
        raw=column.raw[rows], scored=column.scored[rows], failed=column.failed[rows], errors=column.errors[rows]
    )


def _finite(figure: float) -> float | None:
    return float(figure) if math.isfinite(figure) else None
