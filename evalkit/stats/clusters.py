"""Rows that are not independent: cluster codes, sums, standard errors, design effect."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Clusters = Sequence[Hashable] | NDArray[np.generic]


def cluster_codes(clusters: Clusters) -> tuple[Ints, int]:
    """Number the clusters 0..G-1 in order of appearance.

    Whole numbers are numbered in ascending order. Returns (n,) codes and G.
    """
    array = clusters if isinstance(clusters, np.ndarray) else None
    if array is not None and array.dtype.kind in "iu":
        found, codes = np.unique(array, return_inverse=True)
        return codes.astype(np.int64), int(found.size)
    seen: dict[Hashable, int] = {}
    numbered = [seen.setdefault(name, len(seen)) for name in (array.tolist() if array is not None else clusters)]
    return np.asarray(numbered, dtype=np.int64), len(seen)


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Per cluster: how many rows, and the sum of their values. (G,) each."""

    sizes: Floats
    totals: Floats

    @classmethod
    def of(cls, values: Floats, codes: Ints, count: int) -> ClusterSums:
        """Add up (n,) values by (n,) codes 0..count-1."""
        sizes = np.bincount(codes, minlength=count).astype(np.float64)
        totals = np.bincount(codes, weights=values, minlength=count).astype(np.float64)
        return cls(sizes, totals)

    @property
    def count(self) -> int:
        """G, the number of clusters."""
        return int(self.sizes.size)

    @property
    def mean(self) -> float:
        """Mean over rows."""
        return float(self.totals.sum() / self.sizes.sum())

    @property
    def balanced(self) -> bool:
        """All clusters have the same number of rows."""
        return bool(self.sizes.min() == self.sizes.max())

    def standard_error(self) -> float:
        """Compute Miller's clustered standard error (2024, arXiv 2411.00640).

        It is the sqrt of the sum of squared cluster residuals, over n.
        """
        residuals = self.totals - self.mean * self.sizes
        return math.sqrt(float((residuals**2).sum())) / float(self.sizes.sum())

    def jackknife_error(self) -> float:
        """Compute the leave-one-cluster-out standard error (CV3); G >= 2.

        It is safer with few or unequal clusters.

        MacKinnon, Nielsen & Webb 2023, J Appl Econometrics 38:671-694. With equal clusters it is Miller's times
        sqrt(G / (G - 1)).
        """
        g = self.count
        without = (self.totals.sum() - self.totals) / (self.sizes.sum() - self.sizes)
        return math.sqrt((g - 1) / g * float(((without - self.mean) ** 2).sum()))


def clustered_se(values: Floats, clusters: Clusters) -> float:
    """Compute the clustered standard error of the mean of (n,) values.

    For values that are correlated within clusters (Miller 2024, arXiv 2411.00640).
    """
    codes, count = cluster_codes(clusters)
    return ClusterSums.of(np.asarray(values, dtype=np.float64), codes, count).standard_error()


def design_effect(values: Floats, clusters: Clusters) -> float | None:
    """Compute the design effect, (clustered SE / independent SE)^2.

    n divided by it is the effective n. None where all values are equal.
    """
    values = np.asarray(values, dtype=np.float64)
    independent = float(values.std()) / math.sqrt(values.size)
    if independent <= 1e-15 * (1.0 + float(np.abs(values).max())):
        return None
    return (clustered_se(values, clusters) / independent) ** 2
