"""Whether a judge agrees with people beyond chance: Cohen's kappa with its interval."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.stats.distributions import two_sided_z

Floats = NDArray[np.float64]
Weights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Agreement of two raters over n items.

    `prevalence` is the share of the commonest label over both raters.

    `value`, `low` and `high` are None where kappa is undefined (only one label was ever used); `reason` says so. A
    high `agreement` with a low kappa under a high prevalence is the kappa paradox, not necessarily a bad judge.
    """

    n: int
    agreement: float
    prevalence: float
    value: float | None
    low: float | None
    high: float | None
    confidence: float
    reason: str = ""
    method: str = "large sample (Fleiss, Cohen & Everitt 1969)"


def cohen_kappa(table: ArrayLike, *, weights: Weights = "none", confidence: float = 0.95) -> Kappa:
    """Compute kappa of a (c, c) table of counts (Cohen 1960, 1968).

    Rows are the first rater, columns the second.

    The interval uses the large-sample error of Fleiss, Cohen & Everitt 1969 (Psychological Bulletin 72:323-327).

    >>> k = cohen_kappa([[20, 5], [10, 15]])
    >>> [round(x, 4) for x in (k.value, k.low, k.high)]
    [0.4, 0.1511, 0.6489]
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.sum() <= 0.0 or counts.min() < 0.0:
        raise ValueError("kappa needs a square table of counts with at least one item")
    n = float(counts.sum())
    share = counts / n
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    credit = credit_of(counts.shape[0], weights)
    observed, chance = float((credit * share).sum()), float((credit * np.outer(rows, columns)).sum())
    prevalence = float(((rows + columns) / 2.0).max())
    exact = float(np.trace(share))
    if chance >= 1.0 - 1e-12:
        why = "only one label was ever used, so agreement beyond chance is undefined"
        return Kappa(
            n=int(n), agreement=exact, prevalence=prevalence, value=None, low=None, high=None,
            confidence=confidence, reason=why,
        )  # fmt: skip
    kappa = (observed - chance) / (1.0 - chance)
    reach = two_sided_z(confidence) * _error(share, credit, observed, chance, n)
    return Kappa(
        n=int(n), agreement=exact, prevalence=prevalence, value=kappa, low=max(kappa - reach, -1.0),
        high=min(kappa + reach, 1.0), confidence=confidence,
    )  # fmt: skip


def kappa_of_labels(
    first: Sequence[Hashable], second: Sequence[Hashable], *, order: Sequence[Hashable] | None = None,
    weights: Weights = "none", confidence: float = 0.95,
) -> Kappa:  # fmt: skip
    """Compute kappa of two raters' labels for the same items.

    `order` is needed for weights and defaults to sorted labels.
    """
    if len(first) != len(second) or not first:
        raise ValueError("kappa needs two labels for each of at least one item")
    labels = list(order) if order is not None else sorted({*first, *second}, key=lambda x: (str(type(x)), x))
    place = {label: i for i, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)))
    for a, b in zip(first, second, strict=True):
        table[place[a], place[b]] += 1
    return cohen_kappa(table, weights=weights, confidence=confidence)


def credit_of(size: int, weights: Weights) -> Floats:
    """Return what pairs of labels are worth: 1 where equal, else less."""
    if weights == "none" or size == 1:
        return np.eye(size)
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / (size - 1.0)
    out: Floats = 1.0 - (apart if weights == "linear" else apart**2)
    return out


def _error(share: Floats, credit: Floats, observed: float, chance: float, n: float) -> float:
    row_credit, column_credit = credit @ share.sum(axis=0), credit.T @ share.sum(axis=1)
    mean = np.add.outer(row_credit, column_credit)
    kappa = (observed - chance) / (1.0 - chance)
    inner = float((share * (credit - mean * (1.0 - kappa)) ** 2).sum())
    variance = (inner - (kappa - chance * (1.0 - kappa)) ** 2) / (n * (1.0 - chance) ** 2)
    return math.sqrt(max(variance, 0.0))
