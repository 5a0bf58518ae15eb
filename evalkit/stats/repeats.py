"""Several answers to one question: pass@k, pass^k, how often a repeat flips, and the noise floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def pass_at_k(n: int, passed: int, *, k: int) -> float:
    """Compute the chance that at least one of k answers passes.

    The k are drawn from n: 1 - C(n - passed, k) / C(n, k).

    Chen et al. 2021 (arXiv 2107.03374), as a product, which cannot overflow.

    >>> round(pass_at_k(10, 3, k=5), 6)
    0.916667
    """
    _check(n, passed, k)
    return 1.0 - _all_of(n, n - passed, k)


def pass_hat_k(n: int, passed: int, *, k: int) -> float:
    """Compute pass^k, the chance that all of k answers pass.

    The k are drawn from n: C(passed, k) / C(n, k).

    Yao et al. 2024 (tau-bench, arXiv 2406.12045): what a user who comes back k times will see.

    >>> round(pass_hat_k(8, 6, k=4), 6)
    0.214286
    """
    _check(n, passed, k)
    return _all_of(n, passed, k)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """How often two repeats of one example disagree.

    `per_example` (m,) covers the m examples with >= 2 repeats.

    `rate` is their mean, `flipped` the share of them that did not always answer alike; None when m = 0.
    """

    rate: float | None
    flipped: float | None
    per_example: Floats
    examples: NDArray[np.int64]


def flip_rate(raw: ArrayLike, scored: ArrayLike | None = None) -> Flips:
    """Compute the flip rate of (n, k) scores.

    `scored` (n, k) says which count; the numbers of repeats may differ.

    For an example it is the share of pairs of its repeats whose scores differ.
    """
    values = np.asarray(raw, dtype=np.float64)
    mask = np.ones(values.shape, dtype=bool) if scored is None else np.asarray(scored, dtype=bool)
    if values.ndim != 2 or mask.shape != values.shape:
        raise ValueError(f"repeats come as (n, k) arrays of one shape, not {values.shape} and {mask.shape}")
    counts = mask.sum(axis=1)
    several = np.flatnonzero(counts >= 2)
    both = mask[several, :, None] & mask[several, None, :]
    differ = (values[several, :, None] != values[several, None, :]) & both
    pairs = counts[several] * (counts[several] - 1.0)
    share = differ.sum(axis=(1, 2)) / pairs if several.size else np.zeros(0)
    return Flips(
        rate=float(share.mean()) if several.size else None,
        flipped=float((share > 0.0).mean()) if several.size else None,
        per_example=share,
        examples=several.astype(np.int64),
    )


def noise_floor(low: float, high: float) -> float:
    """Return how far a model may seem to be from itself.

    It is the farther end of the interval of an A/A comparison.

    A margin below it cannot be proven at this n even when nothing changed.
    """
    return max(-low, high, 0.0)


def _all_of(n: int, good: int, k: int) -> float:
    if good < k:
        return 0.0
    out = 1.0
    for i in range(k):
        out *= (good - i) / (n - i)
    return out


def _check(n: int, passed: int, k: int) -> None:
    if not 0 <= passed <= n or not 1 <= k <= n:
        raise ValueError(
            f"k answers are drawn from n: 1 <= k <= n and 0 <= passed <= n, not n={n} passed={passed} k={k}"
        )
