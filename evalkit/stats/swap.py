"""A permutation test of the change of the largest gap between groups: swap the arms of whole clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CELLS_AT_ONCE = 1_000_000


def spread_swap_p(rows: Floats, base: Floats, candidate: Floats, *, draws: int = 2_000, seed: int = 0) -> float:
    """Test whether the change of the group spread is chance (two-sided p).

    H0: the arms are exchangeable. The spread is (largest - smallest group mean).

    (C, G) counts of rows and sums of scores by cluster and group. The largest gap is biased upwards, the more the
    smaller the groups, so its own interval says nothing; under the sharp null of exchangeable arms the bias is the
    same in both and swapping them, cluster by cluster, is exact. 1.0 with fewer than two groups.
    """
    if rows.shape[1] < 2:
        return 1.0
    n = rows.sum(axis=0)
    middle, half = (base + candidate).sum(axis=0) / 2.0, (candidate - base) / 2.0
    # a cluster that scores alike in both arms is the same after swapping
    half = half[np.abs(half).sum(axis=1) > 0.0]

    def change(shift: Floats) -> Floats:
        one, two = (np.ptp((middle + side * shift) / n, axis=-1) for side in (1.0, -1.0))
        out: Floats = np.abs(one - two)
        return out

    observed = float(change(half.sum(axis=0)))
    rng = np.random.default_rng(seed)
    reached = done = 0
    block = max(1, _CELLS_AT_ONCE // max(1, half.shape[0]))
    while done < draws:
        size = min(block, draws - done)
        signs = rng.integers(0, 2, (size, half.shape[0])) * 2.0 - 1.0
        reached += int(np.count_nonzero(change(signs @ half) >= observed - 1e-12))
        done += size
    return (reached + 1) / (draws + 1)
