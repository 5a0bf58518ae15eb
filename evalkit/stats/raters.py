"""Whether several people agree beyond chance: Fleiss' kappa and Krippendorff's alpha, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]
DRAWS = 2000
_MOST_VALUES = 60
"""Of so many different values a bootstrap still takes little room"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement beyond chance over n items that at least two raters judged.

    `observed` is the share of equal pairs of judgements. `value`, `low` and `high` are None where they are undefined
    (only one label was ever used, fewer than two items); `reason` says so. The interval is a percentile bootstrap over
    items.
    """

    n: int
    observed: float | None
    value: float | None
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    reason: str = ""


def fleiss_kappa(counts: ArrayLike, *, confidence: float = 0.95, seed: int = 0) -> Agreement:
    """Compute Fleiss' kappa (1971, Psychological Bulletin 76:378-382).

    `counts` (n, c): how many raters gave item i the label j; every item has the same number of raters, at least two.
    ValueError where it has not.

    >>> round(fleiss_kappa([[3, 0], [0, 3], [2, 1], [3, 0]]).value, 4)
    0.625
    """
    table = np.asarray(counts, dtype=np.float64)
    raters = table.sum(axis=1)
    if table.ndim != 2 or not len(table) or raters.min() < 2 or not np.all(raters == raters[0]):
        raise ValueError("Fleiss' kappa needs the same number of raters, at least two, for every item")
    many = float(raters[0])
    same = (table * (table - 1.0)).sum(axis=1) / (many * (many - 1.0))

    def kappa(weights: Floats) -> Floats:
        total = weights.sum(axis=1, keepdims=True)
        share = weights @ table / (total * many)
        chance = (share**2).sum(axis=1)
        observed = (weights @ same) / total[:, 0]
        return _beyond(observed, chance)

    return _estimate(kappa, len(table), float(same.mean()), confidence=confidence, seed=seed)


def krippendorff_alpha(
    ratings: ArrayLike, *, level: Level = "nominal", confidence: float = 0.95, seed: int = 0
) -> Agreement:
    """Compute Krippendorff's alpha (2011, "Computing Krippendorff's alpha-reliability").

    `ratings` (raters, items) float64: the value, or the number of the label; NaN where a rater did not judge. Items
    with fewer than two judgements do not count.

    >>> nan = float("nan")
    >>> round(krippendorff_alpha([[1, 2, 3, nan], [1, 2, 3, 3], [1, 2, 2, nan]]).value, 4)
    0.6923
    """
    matrix = np.asarray(ratings, dtype=np.float64)
    if matrix.ndim != 2:
        raise ValueError("alpha needs ratings of shape (raters, items)")
    paired = matrix[:, (~np.isnan(matrix)).sum(axis=0) >= 2]
    values = np.unique(paired[~np.isnan(paired)])
    counts = (
        np.stack([(paired == value).sum(axis=0) for value in values], axis=1).astype(float) if len(values) else None
    )
    if counts is None or not len(counts):
        return Agreement(n=0, observed=None, value=None, confidence=confidence, reason="no item has two judgements")
    each = counts.sum(axis=1)
    pairs = (each * (each - 1.0)).sum()
    observed = float((counts * (counts - 1.0)).sum() / pairs)

    def alpha(weights: Floats) -> Floats:
        return np.array([_alpha(counts * weight[:, None], counts, each, values, level) for weight in weights])

    few = len(values) <= _MOST_VALUES
    return _estimate(alpha, len(counts), observed, confidence=confidence, seed=seed, draws=DRAWS // 4 if few else 0)


def _alpha(weighted: Floats, counts: Floats, each: Floats, values: Floats, level: Level) -> float:
    """1 - observed / expected disagreement of items that count as often as they were drawn."""
    shares = weighted / (each - 1.0)[:, None]
    met = shares.T @ counts - np.diag(shares.sum(axis=0))
    totals = met.sum(axis=0)
    apart = _apart(values, totals, level)
    n = totals.sum()
    expected = float((np.outer(totals, totals) * apart).sum()) / (n - 1.0)
    seen = float((met * apart).sum())
    return float("nan") if expected <= 0.0 else 1.0 - seen / expected


def _apart(values: Floats, totals: Floats, level: Level) -> Floats:
    """How far two values are apart, squared."""
    out: Floats
    if level == "nominal":
        out = 1.0 - np.eye(len(values))
    elif level == "interval":
        out = np.subtract.outer(values, values) ** 2
    else:
        middle = np.cumsum(totals) - totals / 2.0
        out = np.subtract.outer(middle, middle) ** 2
    return out


def _beyond(observed: Floats, chance: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Floats = np.where(chance >= 1.0 - 1e-12, np.nan, (observed - chance) / (1.0 - chance))
    return out


def _estimate(
    figure: Callable[[Floats], Floats], n: int, observed: float, *, confidence: float, seed: int, draws: int = DRAWS
) -> Agreement:
    value = float(figure(np.ones((1, n)))[0])
    if np.isnan(value):
        why = "only one label was ever used, so agreement beyond chance is undefined"
        return Agreement(n=n, observed=observed, value=None, confidence=confidence, reason=why)
    if n < 2 or not draws:
        why = "one item has no interval" if n < 2 else f"more than {_MOST_VALUES} different values: no interval"
        return Agreement(n=n, observed=observed, value=value, confidence=confidence, reason=why)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=draws).astype(np.float64)
    many = figure(drawn)
    low, high = np.quantile(many[~np.isnan(many)], [(1 - confidence) / 2, (1 + confidence) / 2])
    return Agreement(
        n=n, observed=observed, value=value, low=min(float(low), value), high=max(float(high), value),
        confidence=confidence,
    )  # fmt: skip
