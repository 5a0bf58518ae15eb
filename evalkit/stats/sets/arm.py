"""How far a figure may lie from what was seen: the spread of resamples, and what they cannot show."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.sets import SetFigure
from evalkit.stats.distributions import normal_quantile, t_quantile
from evalkit.stats.sets.cells import Cells, draw_units, move_cases
from evalkit.stats.sets.figures import figure_of
from evalkit.stats.sets.points import point_values
from evalkit.stats.sets.sums import LIKELIHOODS, empty_answer, values_of, worst_ways

Floats = NDArray[np.float64]
DRAWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetArm:
    """One arm alone: its value, and both ends of its interval.

    Each side is at (1 - confidence) / 2.
    """

    value: float
    low: float
    high: float


def bound_arm(
    cells: Cells, figure: SetFigure, *, confidence: float, seed: int = 0, draws: int = DRAWS
) -> SetArm | None:
    """Bound the value of a figure in one arm; None where undefined.

    Returns the value with its interval.
    """
    value = point_values(cells, [figure])[0]
    if value is None:
        return None
    seen = np.concatenate(
        [
            figure_of(cells.gold, cells.read, cells.weigh_units(counts), figure)
            for counts in draw_units(cells.times, draws=draws, seed=seed)
        ]
    )
    low, high = arm_interval(cells, figure, value, seen, confidence=confidence)
    return SetArm(value=value, low=low, high=high)


def arm_interval(
    cells: Cells, figure: SetFigure, value: float, seen: Floats, *, confidence: float
) -> tuple[float, float]:
    """Compute both ends of an arm, within the figure's scale.

    From its draws, and what may not have been seen of it.
    """
    mass = unseen_mass(float(cells.weights.sum()), cells.units, confidence=confidence)
    worse, better = (unseen_move(cells, figure, mass, worse=side) for side in (True, False))
    floor, top = ends(figure, value, seen)
    below, above = spread(seen, value, confidence=confidence, span=top - floor)
    below, above = (few_units(figure, cells.units) * side for side in (below, above))
    low = value - math.hypot(below, max(0.0, value - worse[0]))
    return max(floor, low), min(top, value + math.hypot(above, max(0.0, better[1] - value)))


def few_units(figure: SetFigure, units: int) -> float:
    """Return how much wider a sum's interval is where it rests on few units.

    Student's t against the normal distribution, at 95 %, and n - 1 for the n that a bootstrap divides by; 1 for figures
    whose unseen cases are allowed for.
    """
    if figure.figure not in LIKELIHOODS:
        return 1.0
    n = max(2, units)
    return t_quantile(0.975, n - 1) / normal_quantile(0.975) * math.sqrt(n / (n - 1))


def unseen_mass(n: float, units: int, *, confidence: float) -> float:
    """Compute how many cases may behave otherwise though none was seen to.

    It is n * (1 - a^(1 / units)), a = (1 - confidence) / 2.

    With 100 units none of which does so, at 95%: 3.6; the bound of Clopper and Pearson.
    """
    return n * (1.0 - math.pow((1.0 - confidence) / 2.0, 1.0 / units))


def unseen_move(cells: Cells, figure: SetFigure, mass: float, *, worse: bool) -> tuple[float, float]:
    """Compute the lowest and the highest value after `mass` cases moved.

    They moved from right to wrong, or from wrong to right.
    """
    if figure.figure in LIKELIHOODS:
        value = float(values_of(cells.weights @ cells.read, figure))
        return value, value  # a text is likely in degrees: there is no kind of it that nothing was seen of
    if figure.kind == "sums":
        return _replace_cases(cells, figure, mass, worse=worse)
    found = move_cases(cells, figure, mass, worse=worse)
    values = figure_of(found.gold, found.read, found.weights, figure)
    values = values[np.isfinite(values)]
    if not values.size:
        return math.inf, -math.inf
    return float(values.min()), float(values.max())


def _replace_cases(cells: Cells, figure: SetFigure, mass: float, *, worse: bool) -> tuple[float, float]:
    """The value after `mass` average answers became empty, or right."""
    weights = cells.weights
    n, right, had = float(weights.sum()), weights @ cells.gold, weights @ cells.read
    share = min(1.0, mass / n)
    others = [empty_answer(right, figure, way) for way in worst_ways(figure)] if worse else [right]
    values = [float(values_of((1.0 - share) * had + share * other, figure)) for other in others]
    return min(values), max(values)


def spread(seen: Floats, value: float, *, confidence: float, span: float) -> tuple[float, float]:
    """Compute how far below and above the value the draws go.

    By their quantiles or their standard error, whichever is farther.

    A draw in which the figure is not defined may be anything.
    """
    tail = (1.0 - confidence) / 2.0
    defined = seen[np.isfinite(seen)]
    if not defined.size:
        return span, span
    ends = [np.sort(np.where(np.isfinite(seen), seen, fill)) for fill in (-np.inf, np.inf)]
    place = max(0, math.floor(tail * seen.size) - 1)
    below, above = value - float(ends[0][place]), float(ends[1][seen.size - 1 - place]) - value
    error = normal_quantile(1.0 - tail) * float(defined.std())
    return min(span, max(below, error)), min(span, max(above, error))


def ends(figure: SetFigure, value: float, *drawn: Floats) -> tuple[float, float]:
    """Return the ends of a figure's scale.

    An edit rate has no worst one: what was seen of it lies within.
    """
    if figure.kind == "sums":
        seen = np.concatenate([[value], *(draws[np.isfinite(draws)] for draws in drawn)])
        return min(figure.span[0], float(seen.min())), max(figure.span[1], float(seen.max()))
    return (-1.0, 1.0) if figure.figure in ("kappa", "qwk", "spearman") else (0.0, 1.0)
