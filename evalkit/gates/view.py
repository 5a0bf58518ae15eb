"""A comparison as gates look at it: metrics oriented once, slices as masks, pairs compared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Comparison
from evalkit.core.sets import PairedSet
from evalkit.core.verdict import SliceKey
from evalkit.gates.measured import Bools, Measured, orient_column
from evalkit.gates.set_cells import base_at_least, compare_set, compare_worst, few_behind, holes_of, set_column
from evalkit.stats.paired import PairedResult, compare_paired
from evalkit.stats.sets import with_margin
from evalkit.suite.spec import PolicySpec

Ints = NDArray[np.intp]
Ends = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One metric in one slice (None: over all examples).

    It has the complete pairs, and the same with what is missing bounded.

    `rows` are the positions of the complete pairs in `comparison.examples`. `result` is None without a pair; `worst`
    is None where nothing is missing. `closed` has what escaped the metric in one arm counted against the candidate as
    well; None where nothing did. All are oriented: higher is better. `one_sided` counts the examples that are in no
    pair because the metric applies to one arm's answer only; `size` are all examples that it applies to, `least_base`
    the base's mean over them where what it lacks counts as wrong.
    """

    of: Measured
    slice: SliceKey | None
    rows: Ints
    result: PairedResult | None
    worst: PairedResult | None
    closed: PairedResult | None
    missing: int
    one_sided: int
    size: int
    least_base: float
    n_clusters: int
    few: str = ""
    """Of a set metric: how few cases stand behind it, where they are few"""

    @property
    def n(self) -> int:
        """Complete pairs."""
        return int(self.rows.size)


@dataclass(slots=True, kw_only=True)
class View:
    """A comparison, how sure one wants to be, and what has been computed already.

    `confidence` is that of every two-sided interval after the number of candidates has been counted in.
    """

    comparison: Comparison
    policy: PolicySpec
    confidence: float
    clusters: Ints
    _measured: dict[str, Measured] = field(default_factory=dict)
    _masks: dict[SliceKey, Bools] = field(default_factory=dict)
    _cells: dict[tuple[str, SliceKey | None, float | None], Cell] = field(default_factory=dict)
    _results: dict[tuple[bytes, Ends, Ends, float | None], PairedResult] = field(default_factory=dict)
    """By content: parts of one metric often have the same values, and so do overlapping slices"""
    kept: dict[tuple[object, ...], object] = field(default_factory=dict)
    """What is measured once and asked for again, by whoever measured it"""

    _sets: dict[tuple[str, SliceKey | None, bool], Mapping[str, PairedResult]] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """Of every resampling."""
        return self.policy.seed

    def orient(self, metric: str) -> Measured:
        """Orient one metric; raise KeyError where the comparison lacks it."""
        if metric not in self._measured:
            one = self.comparison.set_of(metric) is not None
            column = set_column(self.comparison, metric) if one else self.comparison.columns[metric]
            self._measured[metric] = orient_column(column)
        return self._measured[metric]

    def values(self, by: str) -> tuple[str, ...]:
        """Return the levels that occur, in order of their names."""
        return tuple(sorted(set(self.comparison.levels[by])))

    def mask(self, key: SliceKey | None) -> Bools:
        """Return the (n,) bool mask of the examples of a slice."""
        if key is None:
            return np.ones(len(self.comparison.examples), dtype=bool)
        if key not in self._masks:
            column = np.asarray(self.comparison.levels[key.by], dtype=object)
            for value in self.values(key.by):
                self._masks[SliceKey(by=key.by, value=value)] = np.asarray(column == value, dtype=bool)
        return self._masks[key]

    def cell(self, metric: str, key: SliceKey | None, *, margin: float | None = None) -> Cell:
        """Compare both arms on one metric in one slice."""
        wanted = (metric, key, margin)
        if wanted not in self._cells:
            over = self.comparison.set_of(metric) is not None
            made = self._set_cell(metric, key, margin) if over else self._compare(metric, key, margin)
            self._cells[wanted] = made
            if margin is not None:
                self._cells.setdefault((metric, key, None), _without_margin(made))
        return self._cells[wanted]

    def ids(self, rows: Ints) -> tuple[str, ...]:
        """Return the ids of the examples at these positions."""
        return tuple(self.comparison.examples[int(row)].id for row in rows)

    def _compare(self, metric: str, key: SliceKey | None, margin: float | None) -> Cell:
        of, mask = self.orient(metric), self.mask(key)
        rows = np.flatnonzero(of.paired & mask)
        holes = of.missing & of.judged & mask
        result = worst = closed = None
        if rows.size:
            result = self.compare_arms(of.base[rows], of.candidate[rows], self.clusters[rows], of, margin=margin)
        if rows.size and holes.any():
            every = np.flatnonzero(of.judged & mask)
            clusters = self.clusters[every]
            worst = self.compare_arms(of.worst_base[every], of.worst_candidate[every], clusters, of, margin=margin)
        if (of.short & of.applies & mask).any():
            every = np.flatnonzero(of.applies & mask)
            clusters = self.clusters[every]
            closed = self.compare_arms(of.closed_base[every], of.closed_candidate[every], clusters, of, margin=margin)
        applies = of.applies & mask
        return Cell(
            of=of,
            slice=key,
            rows=rows,
            result=result,
            worst=worst,
            closed=closed,
            missing=int(np.count_nonzero(holes)),
            one_sided=int(np.count_nonzero(of.one_sided & mask)),
            size=int(np.count_nonzero(applies)),
            least_base=float(of.least_base[applies].mean()) if applies.any() else 0.0,
            n_clusters=result.n_clusters if result else 0,
        )

    def _set_cell(self, metric: str, key: SliceKey | None, margin: float | None) -> Cell:
        """A figure of all cases at once; repeats that one arm lacks count as its failed calls do."""
        found, of, mask = self.comparison.sets[metric.partition(".")[0]], self.orient(metric), self.mask(key)
        rows = np.flatnonzero(of.paired & mask)
        base, candidate = holes_of(found)
        holes = (base | candidate).any(axis=1) & of.judged & mask
        result = worst = None
        if rows.size:
            result = self._set_results(found, key, rows, worst=False)[metric]
        if rows.size and holes.any():
            worst = self._set_results(found, key, np.flatnonzero(of.judged & mask), worst=True)[metric]
        return Cell(
            of=of,
            slice=key,
            rows=rows,
            result=None if result is None else with_margin(result, margin),
            worst=None if worst is None else with_margin(worst, margin),
            closed=None,
            missing=int(np.count_nonzero(holes)),
            one_sided=int(np.count_nonzero(of.one_sided & mask)),
            size=int(np.count_nonzero(of.applies & mask)),
            n_clusters=result.n_clusters if result else 0,
            least_base=base_at_least(self, found, metric, np.flatnonzero(of.judged & mask)),
            few=few_behind(self, found, metric, rows),
        )

    def _set_results(
        self, found: PairedSet, key: SliceKey | None, rows: Ints, *, worst: bool
    ) -> Mapping[str, PairedResult]:
        wanted = (found.scorer, key, worst)
        if wanted not in self._sets:
            self._sets[wanted] = (compare_worst if worst else compare_set)(self, found, rows)
        return self._sets[wanted]

    def compare_arms(
        self,
        base: NDArray[np.float64],
        candidate: NDArray[np.float64],
        clusters: Ints,
        of: Measured,
        *,
        margin: float | None = None,
    ) -> PairedResult:
        """Call `compare_paired` at this view's confidence and seed.

        The order of the rows changes no digit.
        """
        if not np.isin(candidate, (0.0, 1.0)).all() or not np.isin(base, (0.0, 1.0)).all():
            # a bootstrap draws positions: the same rows must stand in the same order, wherever they came from
            order = np.lexsort((clusters, base, candidate - base))
            base, candidate, clusters = base[order], candidate[order], clusters[order]
        wanted = (_content(base, candidate, clusters), of.scale, of.counted, margin)
        if wanted not in self._results:
            self._results[wanted] = compare_paired(
                base,
                candidate,
                clusters=clusters,
                confidence=self.confidence,
                margin=margin,
                scale=of.scale,
                counted=of.counted,
                seed=self.seed,
            )
        return self._results[wanted]


def _content(*arrays: NDArray[np.generic]) -> bytes:
    """A digest of what is in arrays of one length."""
    content = blake2b(digest_size=16)
    for array in arrays:
        content.update(np.ascontiguousarray(array).data)
    return content.digest()


def _without_margin(cell: Cell) -> Cell:
    """The cell as if no margin had been asked about."""

    def bare(result: PairedResult | None) -> PairedResult | None:
        return None if result is None else replace(result, p_noninferior=None, n_needed=None)

    return replace(cell, result=bare(cell.result), worst=bare(cell.worst), closed=bare(cell.closed))


def view(comparison: Comparison, policy: PolicySpec, *, confidence: float | None = None, family: int = 1) -> View:
    """Look at a comparison.

    `family` candidates against one base share the chance of error (Bonferroni).
    """
    sure = policy.confidence if confidence is None else confidence
    number = {name: code for code, name in enumerate(sorted(set(comparison.clusters)))}
    return View(
        comparison=comparison,
        policy=policy,
        confidence=1.0 - (1.0 - sure) / max(1, family),
        clusters=np.array([number[name] for name in comparison.clusters], dtype=np.intp),
    )
