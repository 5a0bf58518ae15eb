"""Sign flips of whole clusters: what is left of changes between groups when every cluster might as well swap arms.

Exact where the arms of a cluster are exchangeable, whatever the number of clusters; a bootstrap of few clusters is not.
(Fisher 1935; Canay, Romano & Shaikh 2017 for few clusters; single-step max-T as in Westfall & Young 1993.)
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEW_CLUSTERS, FEW_MOVED = 30, 20
"""Up to so many clusters, or clusters that moved, sign flips have a say"""
_ALL = 11
"""Up to so many clusters every pattern of signs is counted"""
_CELLS_AT_ONCE = 1_000_000


def flip_p(parts: Floats, *, draws: int = 2_000, seed: int = 0) -> Floats:
    """Compute (G,) p-values of cluster sums to the side they lie on.

    `parts` (C, G) add up to the sums.

    They are adjusted for all sums of that side. Of two groups, which mirror each other, k clusters that moved alike
    have 2 / 2^k: six must move.
    """
    parts = parts[np.abs(parts).sum(axis=1) > 0.0]
    spread = np.sqrt((parts**2).sum(axis=0))
    used = spread > 0.0
    if not used.any():
        return np.ones(spread.size)
    scaled = parts[:, used] / spread[used]
    tops = [(signs @ scaled).max(axis=1) for signs in _signs(parts.shape[0], draws=draws, seed=seed)]
    reached = np.sort(np.concatenate(tops))
    at_least = reached.size - np.searchsorted(reached, np.abs(scaled.sum(axis=0)) * (1.0 - 1e-9), side="left")
    drawn = 0.0 if parts.shape[0] <= _ALL else 1.0
    p = np.ones(spread.size)
    p[used] = (at_least + drawn) / (reached.size + drawn)
    return p


def _signs(count: int, *, draws: int, seed: int) -> Iterator[Floats]:
    """Blocks of rows of -1 and 1, one a cluster; every pattern once where there are few.

    Drawn patterns come with their opposites, so that arms which change places have the same p-values.
    """
    if count <= _ALL:
        bits = np.arange(2**count)[:, None] >> np.arange(count) & 1
        yield (bits * 2 - 1).astype(np.float64)
        return
    rng = np.random.default_rng(seed)
    block = max(1, _CELLS_AT_ONCE // count)
    for start in range(0, draws, block):
        half = (min(block, draws - start) + 1) // 2
        signs = (rng.integers(0, 2, (half, count), dtype=np.int8) * 2 - 1).astype(np.float64)
        yield np.concatenate((signs, -signs))
