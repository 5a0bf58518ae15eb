"""The cluster bootstrap as one matrix product, for many columns, slices and arms at once.

Per cluster c the caller holds additive columns S[c] (counts, sums of scores of either arm, by slice). A draw is a
vector of how often each cluster was drawn, so all totals of all draws are W @ S; what is wanted is a function of them.
Using the same draws for both arms keeps their pairing, and for all slices their correlation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""(..., K) totals -> (..., M) statistics; undefined ones (0 / 0) may be NaN or infinite"""

_CELLS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Resampled:
    """`estimate` (M,) from the data and `draws` (B, M) from resamples of `clusters` clusters.

    Undefined entries are NaN inside these arrays; `max_t` and `percentile_interval` know how to leave them out.
    """

    estimate: Floats
    draws: Floats
    clusters: int

    @property
    def undefined(self) -> NDArray[np.int64]:
        """(M,) in how many draws a statistic had no finite value."""
        out: NDArray[np.int64] = (~np.isfinite(self.draws)).sum(axis=0, dtype=np.int64)
        return out

    @property
    def error(self) -> Floats:
        """(M,) bootstrap standard errors over the defined draws.

        NaN with fewer than two of them.
        """
        if self.draws.shape[0] > 1 and np.isfinite(self.draws).all():
            whole: Floats = self.draws.std(axis=0, ddof=1)
            return whole
        masked = np.ma.masked_invalid(self.draws)
        out: Floats = np.ma.filled(masked.std(axis=0, ddof=1), np.nan).astype(np.float64)
        return out


def cluster_bootstrap(sums: ArrayLike, statistic: Statistic, *, draws: int = 2_000, seed: int = 0) -> Resampled:
    """Resample C clusters with replacement `draws` times.

    `sums` is (C, K), one row of additive columns a cluster.

    >>> sums = np.array([[2.0, 1.0], [2.0, 2.0], [1.0, 0.0]])     # per cluster: rows, rows that pass
    >>> out = cluster_bootstrap(sums, lambda t: t[..., 1:] / t[..., :1], draws=100)
    >>> float(out.estimate[0]), out.draws.shape
    (0.6, (100, 1))
    """
    table = np.ascontiguousarray(sums, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] == 0:
        raise ValueError(f"a cluster bootstrap needs (C, K) sums with C >= 1, not shape {table.shape}")
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.asarray(statistic(table.sum(axis=0)), dtype=np.float64)
        parts = [statistic(weights @ table) for weights in draw_weights(table.shape[0], draws=draws, seed=seed)]
    return Resampled(estimate, np.concatenate(parts), table.shape[0])


def draw_weights(count: int, *, draws: int, seed: int) -> Iterator[Floats]:
    """Yield blocks of rows of W: how often each cluster is drawn.

    Every row adds up to `count`, the number of clusters.

    Whole-number indices counted, because numpy's multinomial needs twenty times as long.
    """
    rng = np.random.default_rng(seed)
    rows = max(1, _CELLS_AT_ONCE // count)
    for start in range(0, draws, rows):
        size = min(rows, draws - start)
        picks = rng.integers(0, count, (size, count))
        picks += np.arange(size)[:, None] * count
        yield np.bincount(picks.ravel(), minlength=size * count).reshape(size, count).astype(np.float64)


def percentile_interval(resampled: Resampled, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Compute (M,) pointwise percentile ends over the defined draws.

    They are -inf and inf where a statistic is never defined.
    """
    tail = (1.0 - confidence) / 2.0
    low = np.full(resampled.estimate.shape, -np.inf)
    high = np.full(resampled.estimate.shape, np.inf)
    for column, values in enumerate(resampled.draws.T):
        seen = values[np.isfinite(values)]
        if seen.size:
            low[column], high[column] = np.quantile(seen, [tail, 1.0 - tail])
    return low, high
