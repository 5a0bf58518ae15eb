"""Agreement with people and leanings of a judge, with intervals over cases that hold several answers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.stats.agreement import Kappa, Weights, credit_of, kappa_of_labels

Floats = NDArray[np.float64]
DRAWS = 4000
PRIOR = 2.0
"""Cases that are added in all, spread over the cells: no interval is of zero width, however well a judge does"""
METHOD = "Bayesian bootstrap over cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverCases:
    """A figure over n answers of so many cases, with its interval."""

    n: int
    n_cases: int
    value: float
    low: float
    high: float
    confidence: float
    method: str = METHOD


def kappa_over_cases(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    cases: Sequence[Hashable],
    order: Sequence[Hashable] | None = None,
    weights: Weights = "none",
    confidence: float = 0.95,
    seed: int = 0,
) -> Kappa:
    """Compute Cohen's kappa of two raters, with an interval over cases.

    The interval is a Bayesian bootstrap (Rubin 1981, Annals of Statistics 9:130-134): each case, with all its answers,
    has a weight drawn from a flat Dirichlet, and two cases more are spread over all cells of the table (Jeffreys' prior
    of a 2 x 2 table), so that 50 of 50 equal labels prove no kappa of 1. `order` lists the labels, sorted by default.

    >>> k = kappa_over_cases("yynn" * 15, "yynn" * 15, cases=range(60))
    >>> k.value, k.low < 0.97, k.high
    (1.0, True, 1.0)
    """
    labels = list(order) if order is not None else sorted({*first, *second}, key=lambda x: (str(type(x)), x))
    plain = kappa_of_labels(first, second, order=labels, weights=weights, confidence=confidence)
    if plain.value is None:
        return plain
    place = {label: at for at, label in enumerate(labels)}
    size = len(labels)
    cells = np.array([place[a] * size + place[b] for a, b in zip(first, second, strict=True)])
    counts = _by_case(np.eye(size * size)[cells], cases)
    tables = _draw(counts, np.eye(size * size), PRIOR / size**2, seed).reshape(-1, size, size)
    tables /= tables.sum(axis=(1, 2), keepdims=True)
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    credit = credit_of(size, weights)
    observed = (tables * credit).sum(axis=(1, 2))
    chance = np.einsum("di,ij,dj->d", rows, credit, columns)
    low, high = _ends((observed - chance) / (1.0 - chance), plain.value, confidence)
    return replace(plain, low=low, high=high, method=METHOD)


def mean_over_cases(
    values: ArrayLike, *, cases: Sequence[Hashable], reach: float, confidence: float = 0.95, seed: int = 0
) -> OverCases:
    """Compute the mean of (n,) values within `reach` of 0, with its interval.

    As `kappa_over_cases` does it: two cases more stand half at either end.
    """
    y = np.asarray(values, dtype=np.float64)
    sums = _by_case(np.stack([y, np.ones(y.size)], axis=1), cases)
    drawn = _draw(sums, np.array([[reach, 1.0], [-reach, 1.0]]), PRIOR / 2.0, seed)
    value = float(y.mean())
    low, high = _ends(drawn[:, 0] / drawn[:, 1], value, confidence)
    return OverCases(n=y.size, n_cases=len({*cases}), value=value, low=low, high=high, confidence=confidence)


def difference_over_cases(
    values: ArrayLike,
    side: ArrayLike,
    *,
    cases: Sequence[Hashable],
    reach: float,
    confidence: float = 0.95,
    seed: int = 0,
) -> OverCases | None:
    """Compute the mean where `side` is true less that where it is false.

    None where one side has no value. A case may have values on both sides: they move together.
    """
    y, upper = np.asarray(values, dtype=np.float64), np.asarray(side, dtype=bool)
    if not upper.any() or upper.all():
        return None
    columns = np.stack([y * upper, upper, y * ~upper, ~upper], axis=1).astype(np.float64)
    ends = np.array([[reach, 1, 0, 0], [-reach, 1, 0, 0], [0, 0, reach, 1], [0, 0, -reach, 1]], dtype=np.float64)
    drawn = _draw(_by_case(columns, cases), ends, PRIOR / 4.0, seed)
    value = float(y[upper].mean() - y[~upper].mean())
    low, high = _ends(drawn[:, 0] / drawn[:, 1] - drawn[:, 2] / drawn[:, 3], value, confidence)
    return OverCases(n=y.size, n_cases=len({*cases}), value=value, low=low, high=high, confidence=confidence)


def _by_case(rows: Floats, cases: Sequence[Hashable]) -> Floats:
    """(C, k) sums of the rows of each case."""
    numbers = {case: at for at, case in enumerate(dict.fromkeys(cases))}
    sums = np.zeros((len(numbers), rows.shape[1]))
    np.add.at(sums, [numbers[case] for case in cases], rows)
    return sums


def _draw(sums: Floats, added: Floats, mass: float, seed: int) -> Floats:
    """(DRAWS, k) weighted sums over cases and what is added to them; only their ratios mean something."""
    rng = np.random.default_rng(seed)
    drawn: Floats = rng.standard_gamma(1.0, (DRAWS, len(sums))) @ sums
    drawn += rng.standard_gamma(mass, (DRAWS, len(added))) @ added
    return drawn


def _ends(many: Floats, value: float, confidence: float) -> tuple[float, float]:
    low, high = np.quantile(many, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    return min(float(low), value), max(float(high), value)
