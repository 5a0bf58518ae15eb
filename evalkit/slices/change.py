"""What changed between the groups from base to candidate, for a whole comparison: the table behind a fairness gate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.core.columns import Comparison
from evalkit.core.errors import DataError, Problem, did_you_mean, join_allowed
from evalkit.slices.groups import groups
from evalkit.slices.levels import MISSING
from evalkit.stats.disparity import GapChanges, gap_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanges:
    """`changes` holds one entry for each of `names`; gaps are in the metric's own direction. `left_out` rows have no
    group or no score in one of the arms.
    """

    metric: str
    by: str
    names: tuple[str, ...]
    changes: GapChanges
    left_out: int


def group_changes(
    comparison: Comparison,
    metric: str,
    *,
    by: str,
    reference: str | None = None,
    min_n: int = 30,
    confidence: float = 0.95,
    seed: int = 0,
) -> GroupChanges:
    """Every group's gap to the rest (or to `reference`) in both arms, its change and the simultaneous interval of that.

    Groups of fewer than `min_n` pairs are part of the rest, but not of the family the intervals hold for. DataError for
    a metric, slice or reference that nobody has.
    """
    if metric not in comparison.columns:
        raise DataError(
            Problem(
                what=f"unknown metric {metric!r}{did_you_mean(metric, comparison.columns)}",
                allowed=join_allowed(list(comparison.columns)),
            )
        )
    if by not in comparison.levels:
        raise DataError(
            Problem(
                what=f"unknown slice {by!r}{did_you_mean(by, comparison.levels)}",
                allowed=join_allowed(list(comparison.levels)),
            )
        )
    column, levels = comparison.columns[metric], np.asarray(comparison.levels[by], dtype=object)
    rows = np.flatnonzero(column.paired & (levels != MISSING))
    if rows.size == 0:
        raise DataError(f"no case has both a {by} and a {metric} in both arms")
    cut = groups(levels[rows].tolist())
    if reference is not None and reference not in cut.names:
        what = f"no case has {by}={reference}, the reference{did_you_mean(reference, cut.names)}"
        raise DataError(Problem(what=what, allowed=join_allowed(list(cut.names))))
    clusters = np.asarray(comparison.clusters, dtype=object)[rows].tolist()
    changes = gap_changes(
        column.base.values[rows],
        column.candidate.values[rows],
        cut.codes,
        count=len(cut.names),
        clusters=clusters,
        judged=cut.sizes >= min_n,
        reference=None if reference is None else cut.names.index(reference),
        confidence=confidence,
        seed=seed,
    )
    left_out = len(comparison.examples) - int(rows.size)
    return GroupChanges(metric=metric, by=by, names=cut.names, changes=changes, left_out=left_out)
