"""Cells of set metrics: figures of all cases at once, compared by drawing cases again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.core.sets import ArmCodes, PairedSet, SetFigure
from evalkit.stats.clusters import cluster_codes
from evalkit.stats.paired import PairedResult
from evalkit.stats.sets import Cells, SetArm, bound_arm, cells_of, compare_sets, few_cases
from evalkit.stats.sets.figures import figure_of
from evalkit.stats.sets.sums import empty_answer, worst_ways

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


class Looked(Protocol):
    """What is asked of a view.

    The comparison, the cluster of every example, how sure, and the seed.
    """

    @property
    def comparison(self) -> Comparison:
        """Both arms."""

    @property
    def clusters(self) -> Ints:
        """(n,) whole numbers."""

    @property
    def confidence(self) -> float:
        """Of two-sided intervals."""

    @property
    def seed(self) -> int:
        """Of every resampling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The codes of both arms over some examples, holes filled against the candidate.

    And the clusters.
    """

    gold: Floats
    base: Floats
    candidate: Floats
    scored: tuple[Bools, Bools]
    clusters: Ints
    count: int

    @property
    def cells(self) -> tuple[Cells, Cells]:
        """The cells of the base and of the candidate."""
        one, two = (
            cells_of(self.gold, codes, scored, self.clusters, self.count)
            for codes, scored in zip((self.base, self.candidate), self.scored, strict=True)
        )
        return one, two


def set_column(comparison: Comparison, metric: str) -> PairedColumn:
    """Return what single cases show of a set metric.

    Whether both arms read them as the target says.

    The scale is 0 to 1 (of sums to 100), at whose lower end there is nothing to lose: for a correlation that is chance.
    """
    found = comparison.sets[metric.partition(".")[0]]
    base, candidate = (_hits(found, arm) for arm in (found.base, found.candidate))
    figure = found.figures[metric]
    return PairedColumn(
        metric=metric,
        base=base,
        candidate=candidate,
        higher_is_better=not figure.falls,
        binary=False,
        low=0.0,
        high=figure.span[1] if figure.kind == "sums" else 1.0,
    )


def _hits(found: PairedSet, arm: ArmCodes) -> Column:
    raw = np.where(arm.scored, _same(arm.codes, found.gold[:, None]), False).astype(np.float64)
    return Column(raw=raw, scored=arm.scored, failed=arm.missing, errors=np.zeros_like(arm.missing))


def _same(one: Floats, other: Floats) -> Bools:
    """(n, k) bool: the same code, or the same counts."""
    same = one == other
    return same if same.ndim < 3 else np.asarray(same.all(axis=-1), dtype=bool)


def put(holes: Bools, fill: Floats, codes: Floats) -> Floats:
    """Return the codes, or counts, with `fill` in the holes."""
    return np.where(holes[..., None] if codes.ndim == 3 else holes, fill, codes)


def holes_of(found: PairedSet) -> tuple[Bools, Bools]:
    """Return the (n, k) repeats without a reading, base and candidate.

    Failed, or such that only the other arm has them.
    """
    asked = found.base.scored | found.base.missing | found.candidate.scored | found.candidate.missing
    return asked & ~found.base.scored, asked & ~found.candidate.scored


def compare_set(view: Looked, found: PairedSet, rows: Ints) -> Mapping[str, PairedResult]:
    """Return every figure of a set over these examples."""
    return _results(view, found, take_readings(view, found, rows), list(found.figures))


def compare_worst(view: Looked, found: PairedSet, rows: Ints) -> Mapping[str, PairedResult]:
    """Return the same with every hole filled against the candidate.

    Right in the base, in the candidate what harms most.
    """
    ways = _ways(found)
    filled = {way: _fill(view, found, rows, way) for way in ways}
    cells = {way: one.cells[1] for way, one in filled.items()}
    by_way: dict[float, list[str]] = {}
    for metric, figure in found.figures.items():
        by_way.setdefault(_most_harm(figure, ways, cells), []).append(metric)
    out: dict[str, PairedResult] = {}
    for way, metrics in by_way.items():
        out |= _results(view, found, filled[way], metrics)
    return out


def base_at_least(view: Looked, found: PairedSet, metric: str, rows: Ints) -> float:
    """Return the figure of the base with every hole of it counted as wrong.

    It is 0 where it has none.
    """
    if not rows.size:
        return 0.0
    figure, plain, holes = found.figures[metric], take_readings(view, found, rows), holes_of(found)[0][rows]
    wrong = wrong_codes(found, plain.gold, float(figure.label or 0))[:, None]
    filled = replace(
        plain, base=put(holes, wrong, plain.base), scored=(plain.scored[0] | holes, plain.scored[1])
    ).cells[0]
    value = float(figure_of(filled.gold, filled.read, filled.weights, figure)) if filled.gold.size else 0.0
    return value if np.isfinite(value) else 0.0


def few_behind(view: Looked, found: PairedSet, metric: str, rows: Ints) -> str:
    """Return how few cases stand behind a figure; empty where they are not few."""
    return few_cases(*take_readings(view, found, rows).cells, found.figures[metric]) if rows.size else ""


def arm_alone(view: Looked, metric: str, rows: Ints, *, arm: str = "candidate", worst: bool = False) -> SetArm | None:
    """Return one arm's value over these examples, with its interval.

    Each end of the interval is at the view's confidence by itself.
    """
    found = view.comparison.sets[metric.partition(".")[0]]
    figure, sides = found.figures[metric], 2.0 * view.confidence - 1.0
    if not worst:
        one = take_readings(view, found, rows).cells[arm == "candidate"]
    else:
        ways = _ways(found)
        cells = {way: _fill(view, found, rows, way).cells[1] for way in ways}
        one = cells[_most_harm(figure, ways, cells)]
    return bound_arm(one, figure, confidence=sides, seed=view.seed) if one.gold.size else None


def take_readings(view: Looked, found: PairedSet, rows: Ints) -> Filled:
    """Return the readings as they are."""
    codes, count = cluster_codes(view.clusters[rows])
    return Filled(
        gold=found.gold[rows],
        base=found.base.codes[rows],
        candidate=found.candidate.codes[rows],
        scored=(found.base.scored[rows], found.candidate.scored[rows]),
        clusters=codes.astype(np.intp),
        count=count,
    )


def _fill(view: Looked, found: PairedSet, rows: Ints, way: float) -> Filled:
    plain, (base, candidate) = take_readings(view, found, rows), holes_of(found)
    gold = plain.gold[:, None]
    wrong = wrong_codes(found, plain.gold, way)[:, None]
    return replace(
        plain,
        base=put(base[rows], gold, plain.base),
        candidate=put(candidate[rows], wrong, plain.candidate),
        scored=(plain.scored[0] | base[rows], plain.scored[1] | candidate[rows]),
    )


def wrong_codes(found: PairedSet, gold: Floats, way: float) -> Floats:
    """Return the (n,) codes of wrong readings.

    `way` where that is wrong, else what lies outside the labels.

    Of sums an empty answer; of several labels all that are not the target's; of a rating the farther end of
    its scale.
    """
    figure = next(iter(found.figures.values()))
    many = len(figure.labels)
    if figure.kind == "sums":
        return empty_answer(gold, figure, way)
    if figure.kind == "labels":
        return np.asarray(float((1 << (many + 1)) - 1) - gold, dtype=np.float64)
    if figure.kind == "rating":
        low, high = figure.span
        return np.where(gold - low > high - gold, low, high)
    return np.where(gold == way, float(many), way)


def _ways(found: PairedSet) -> list[float]:
    figure = next(iter(found.figures.values()))
    if figure.kind == "sums":
        return list(worst_ways(figure))
    return [float(code) for code in range(len(figure.labels) + 1)] if figure.kind == "classes" else [0.0]


def _most_harm(figure: SetFigure, ways: list[float], cells: Mapping[float, Cells]) -> float:
    if len(ways) > 1 and figure.label is not None:
        return float(figure.label)

    def value(way: float) -> float:
        one = cells[way]
        found = float(figure_of(one.gold, one.read, one.weights, figure)) if one.gold.size else 0.0
        return found if np.isfinite(found) else -np.inf

    return min(ways, key=value)


def _results(view: Looked, found: PairedSet, filled: Filled, metrics: list[str]) -> dict[str, PairedResult]:
    base, candidate = filled.cells
    both = filled.scored[0] & filled.scored[1]
    differ = (~_same(filled.base, filled.candidate) & both).any(axis=1)
    results = compare_sets(
        base,
        candidate,
        [found.figures[metric] for metric in metrics],
        moved=float(differ.mean()) if differ.size else 0.0,
        confidence=view.confidence,
        seed=view.seed,
    )
    return dict(zip(metrics, results, strict=True))
