"""The chance that n pairs prove a margin, and the n from which on it is high enough: one definition for both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.distributions import normal_quantile
from evalkit.stats.planning import examples_needed
from evalkit.stats.score import unchanged_examples
from evalkit.stats.tango import tango_z

Ints = NDArray[np.int64]

POWER = 0.8
_MANY = 20_000
"""Beyond so many pairs the teeth of the curve are finer than half a point"""


def noninferiority_power(
    n: int, *, margin: float, discordance: float, delta: float = 0.0, alpha: float = 0.025
) -> float:
    """Exact chance that n pairs prove `margin` (Tango's z, one-sided `alpha`), over all tables.

    `discordance` is the share of pairs that differ, `delta` the true difference. At delta = -margin this is the size.

    >>> [round(noninferiority_power(n, margin=0.10, discordance=0.10), 3) for n in (79, 80, 97, 99, 100)]
    [0.699, 0.696, 0.803, 0.798, 0.817]
    """
    if n < 1 or not abs(delta) <= discordance <= 1.0:
        raise ValueError(
            f"power needs n >= 1; for a difference of {delta} at least that share of pairs differs, not {discordance}"
        )
    return _Proofs.of(n, margin=margin, discordance=discordance, alpha=alpha).chance(n, discordance, delta)


@lru_cache(maxsize=4096)
def noninferiority_examples(margin: float, *, discordance: float, alpha: float = 0.025, power: float = POWER) -> int:
    """The smallest n at and beyond which an unchanged model proves `margin` with `power` (noninferiority_power).

    The chance is a saw-tooth in n: n + 1 may be worse than n, so the first n that has the power is not always enough.
    Beyond 20,000 pairs the teeth no longer matter, and the n is found to 1 in 2,000.

    >>> [noninferiority_examples(margin, discordance=0.10) for margin in (0.10, 0.05, 0.03, 0.01)]
    [100, 339, 901, 7880]
    """

    def proofs(n: int) -> _Proofs:
        return _Proofs.of(n, margin=margin, discordance=discordance, alpha=alpha)

    least = examples_needed(margin, spread=discordance, confidence=1.0 - 2.0 * alpha, power=power)
    n = max(least, unchanged_examples(margin, confidence=1.0 - 2.0 * alpha)) + math.ceil(5.0 / margin)
    # a tooth is as deep as the likeliest single difference is likely, at the most
    sure = power + min(0.25 * (1.0 - power), 1.0 / math.sqrt(n * discordance))
    while proofs(n).chance(n, discordance) < sure:
        n += max(1, n // 128)
    if n > _MANY:
        return _crossing(
            lambda n: all(proofs(at).chance(at, discordance) >= power for at in (n, n + 1)), int(0.9 * least), n
        )
    # from there down, in steps as long as what proves the margin at their low end has the power up to their high end:
    # a table that proves it does so with more pairs that do not differ
    step = max(1, n // 16)
    while n > 1:
        step = min(step, n - 1)
        low = proofs(n - step)
        if min(low.chance(at, discordance) for at in {n - step, n - 1}) >= power:
            n -= step
        elif step == 1:
            break
        else:
            step = max(1, step // 3)
    return n


def _crossing(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The n above `low`, up to `high`, from which on it holds, to 1 in 2,000."""
    while high - low > high // 2_000:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


@dataclass(frozen=True, slots=True)
class _Proofs:
    """The tables that prove a margin: where `m` pairs differ, at least `fixed` of them are fixed (m + 1: none does)."""

    m: Ints
    fixed: Ints

    @classmethod
    def of(cls, n: int, *, margin: float, discordance: float, alpha: float) -> _Proofs:
        """Of n pairs. Numbers more than nine standard deviations off are left out; they hold less than 1e-15."""
        reach = 9.0 * math.sqrt(n * discordance * (1.0 - discordance)) + 20.0
        first, last = math.floor(n * discordance - reach), math.ceil(n * discordance + reach)
        m = np.arange(max(0, first), min(n, last) + 1, dtype=np.int64)
        critical = normal_quantile(1.0 - alpha)
        short, enough = np.full(m.shape, -1, dtype=np.int64), m + 1
        while int((enough - short).max()) > 1:
            middle = (short + enough) // 2
            proven = tango_z(n, middle, m - middle, -margin) > critical
            apart = enough - short > 1
            short, enough = np.where(apart & ~proven, middle, short), np.where(apart & proven, middle, enough)
        return cls(m, enough)

    def chance(self, n: int, discordance: float, delta: float = 0.0) -> float:
        """Of one of these tables among n pairs: how many differ is binomial, and so is how many of those are broken."""
        from scipy.special import bdtr, gammaln, xlog1py, xlogy

        broken = 0.5 * (1.0 - delta / discordance) if discordance else 0.5
        log_m = gammaln(n + 1) - gammaln(self.m + 1) - gammaln(n - self.m + 1)
        weight = np.exp(log_m + xlogy(self.m, discordance) + xlog1py(n - self.m, -discordance))
        spare = self.m - self.fixed
        among = np.where(spare < 0, 0.0, bdtr(np.maximum(spare, 0).astype(np.float64), self.m, broken))
        return float((weight * among).sum())
