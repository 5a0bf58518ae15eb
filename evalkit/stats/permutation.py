"""The sign-flip test of paired differences: under no difference the arms of every pair could be swapped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT_UP_TO = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFlip:
    """p-values of H0: swapping the arms of a pair changes nothing (sharp).

    `p` is two-sided, `worse` one-sided (H0: the differences are not negative), `better` likewise. `exact` says whether
    all `flips` sign patterns were counted; if not they are a seeded sample, every pattern with its opposite, and the
    observed one counts among them. Neither the order nor the signs of the differences change what is drawn.
    """

    p: float
    worse: float
    better: float
    exact: bool
    flips: int


def sign_flip(differences: Floats, *, draws: int = 10_000, seed: int = 0, exact_up_to: int = EXACT_UP_TO) -> SignFlip:
    """Test (n,) differences, or per-cluster sums of them, by their total.

    Fisher 1935, The Design of Experiments.

    Zeros never move and drop out. Exact up to `exact_up_to` non-zero differences. Without any, every p is 1.
    """
    moving = np.asarray(differences, dtype=np.float64)
    moving = moving[moving != 0.0]
    n = moving.size
    if n == 0:
        return SignFlip(p=1.0, worse=1.0, better=1.0, exact=True, flips=1)
    exact = n <= exact_up_to
    totals = _all_totals(moving) if exact else _sampled_totals(moving, draws, np.random.default_rng(seed))
    observed = moving.sum()
    # sums in another order differ in the last digits; ties with the observed total must count
    slack = 1e-9 * np.abs(moving).sum()
    extra = 0 if exact else 1
    size = totals.size + extra

    def share(hits: NDArray[np.bool_]) -> float:
        return (int(np.count_nonzero(hits)) + extra) / size

    return SignFlip(
        p=share(np.abs(totals) >= abs(observed) - slack),
        worse=share(totals <= observed + slack),
        better=share(totals >= observed - slack),
        exact=exact,
        flips=size,
    )


def _all_totals(moving: Floats) -> Floats:
    totals = np.zeros(1)
    for step in moving:
        totals = np.concatenate([totals + step, totals - step])
    return totals


def _sampled_totals(moving: Floats, draws: int, rng: np.random.Generator) -> Floats:
    steps = np.sort(np.abs(moving))
    out = np.empty((draws + 1) // 2)
    rows = max(1, 2_000_000 // moving.size)
    for start in range(0, out.size, rows):
        stop = min(start + rows, out.size)
        heads = rng.integers(0, 2, (stop - start, moving.size), dtype=np.int8).astype(np.float64)
        out[start:stop] = (2.0 * heads - 1.0) @ steps
    return np.concatenate([out, -out])
