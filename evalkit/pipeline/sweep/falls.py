"""Whether a later checkpoint is proven worse, or better, than an earlier one: every pair, corrected over all of them.

Two checkpoints answered the same cases, so they are compared in pairs as base and candidate are. Which pair to look
at is not known beforehand (the best checkpoint so far is chosen by its own score), so every pair of every metric of a
suite counts in: Holm's correction over all of them, at the confidence of the suite's policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.core.sweep import CheckpointFacts, Fall
from evalkit.gates.measured import Measured, orient_column
from evalkit.stats import compare_paired, holm
from evalkit.stats.result import PairedResult

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """One metric of two checkpoints, the earlier as base; `of` and rows are what was compared."""

    metric: str
    earlier: int
    later: int
    of: Measured = field(repr=False)
    rows: Ints = field(repr=False)
    clusters: Sequence[str] = field(repr=False)
    result: PairedResult = field(repr=False)

    def again(self, confidence: float) -> PairedResult:
        """The same comparison with an interval of another confidence."""
        return _compare(self.of, self.rows, self.clusters, confidence)

    @property
    def p_better(self) -> float:
        """Of the test that the later one is no better: of the same two arms, changed over."""
        turned = compare_paired(
            self.of.candidate[self.rows],
            self.of.base[self.rows],
            clusters=self.clusters,
            binary=self.of.binary,
            scale=self.of.scale,
            counted=self.of.counted,
        )
        return 1.0 if turned.p_worse is None else turned.p_worse


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFacts:
    """What is proven of one metric.

    It is its first fall, and the last checkpoint that gained on an earlier one.
    """

    fall: Fall | None = None
    gains_until: str | None = None


def find_courses(
    comparisons: Sequence[Comparison],
    metrics: Sequence[str],
    checkpoints: Sequence[CheckpointFacts],
    *,
    confidence: float,
) -> Mapping[str, CourseFacts]:
    """Find what is proven of every metric of one suite.

    `comparisons` has one per checkpoint, in their order. A pair whose training loss is known and did not fall is not
    looked at for a fall: whatever became worse there, it is no overfitting. Metrics without a value per case are left
    out. Holm 1979 over all pairs of all metrics, falls and gains apart.
    """
    pairs = [
        pair
        for metric in metrics
        for earlier, later in combinations(range(len(checkpoints)), 2)
        if (pair := _pair(comparisons, metric, earlier, later, confidence)) is not None
    ]
    watched = [pair for pair in pairs if _may_overfit(checkpoints[pair.earlier], checkpoints[pair.later])]
    falls = _prove(watched, [1.0 if pair.result.p_worse is None else pair.result.p_worse for pair in watched])
    gains = _prove(pairs, [1.0 if (pair.result.delta or 0.0) <= 0.0 else pair.p_better for pair in pairs])
    alpha = 1.0 - confidence
    wide = 1.0 - alpha / max(1, len(watched))
    return {
        metric: CourseFacts(
            fall=_first_fall(metric, falls, checkpoints, alpha=alpha, wide=wide),
            gains_until=_last_gain(metric, gains, checkpoints, alpha=alpha),
        )
        for metric in dict.fromkeys(pair.metric for pair in pairs)
    }


def _prove(pairs: Sequence[_Pair], p: Sequence[float]) -> list[tuple[_Pair, float]]:
    return list(zip(pairs, holm(p).tolist(), strict=True)) if pairs else []


def _may_overfit(earlier: CheckpointFacts, later: CheckpointFacts) -> bool:
    if earlier.train_loss is None or later.train_loss is None:
        return True
    return later.train_loss < earlier.train_loss


def _pair(comparisons: Sequence[Comparison], metric: str, earlier: int, later: int, confidence: float) -> _Pair | None:
    """The cases that both were asked; None where either is unsound, or lacks the metric."""
    one, two = comparisons[earlier], comparisons[later]
    if one.unsound or two.unsound or metric not in one.columns or metric not in two.columns:
        return None
    place = {example.id: row for row, example in enumerate(one.examples)}
    both = [(place[example.id], row) for row, example in enumerate(two.examples) if example.id in place]
    if not both:
        return None
    of = _orient(one.columns[metric], two.columns[metric], both)
    rows = np.flatnonzero(of.paired)
    if not rows.size:
        return None
    clusters = [two.clusters[both[int(row)][1]] for row in rows]
    result = _compare(of, rows, clusters, confidence)
    return _Pair(metric=metric, earlier=earlier, later=later, of=of, rows=rows, clusters=clusters, result=result)


def _orient(one: PairedColumn, two: PairedColumn, both: Sequence[tuple[int, int]]) -> Measured:
    """The candidates of two comparisons as the two arms of one."""
    base = _select(one.candidate, [row for row, _ in both])
    return orient_column(replace(two, base=base, candidate=_select(two.candidate, [row for _, row in both])))


def _select(column: Column, rows: list[int]) -> Column:
    return Column(
        raw=column.raw[rows], scored=column.scored[rows], failed=column.failed[rows], errors=column.errors[rows]
    )


def _compare(of: Measured, rows: Ints, clusters: Sequence[str], confidence: float) -> PairedResult:
    return compare_paired(
        of.base[rows],
        of.candidate[rows],
        clusters=clusters,
        confidence=confidence,
        binary=of.binary,
        scale=of.scale,
        counted=of.counted,
    )


def _first_fall(
    metric: str,
    falls: Sequence[tuple[_Pair, float]],
    checkpoints: Sequence[CheckpointFacts],
    *,
    alpha: float,
    wide: float,
) -> Fall | None:
    """The first checkpoint that is proven worse, beside the best of those that it is proven worse than."""
    mine = [(pair, p) for pair, p in falls if pair.metric == metric and p <= alpha]
    if not mine:
        return None
    first = min(pair.later for pair, _ in mine)
    pair, p = max((one for one in mine if one[0].later == first), key=lambda one: one[0].result.base or 0.0)
    found = pair.again(wide)
    low, high = (found.low, found.high) if pair.of.higher_is_better else (found.high, found.low)
    units = [pair.of.to_metric_units(value) or 0.0 for value in (found.base, found.candidate)]
    delta, low, high = (pair.of.signed_delta(value) or 0.0 for value in (found.delta, low, high))
    best, since = checkpoints[pair.earlier], checkpoints[pair.later]
    return Fall(
        best=best.name,
        since=since.name,
        n=found.n,
        value_best=units[0],
        value_since=units[1],
        delta=delta,
        low=low,
        high=high,
        confidence=wide,
        p_adjusted=p,
        loss_best=best.train_loss,
        loss_since=since.train_loss,
    )


def _last_gain(
    metric: str, gains: Sequence[tuple[_Pair, float]], checkpoints: Sequence[CheckpointFacts], *, alpha: float
) -> str | None:
    later = [pair.later for pair, p in gains if pair.metric == metric and p <= alpha]
    return checkpoints[max(later)].name if later else None
