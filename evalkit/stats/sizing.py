"""The chance that n pairs prove a margin, and the n from which on it is high enough: one definition for both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.binomial import binomial_masses, binomial_tails
from evalkit.stats.distributions import normal_quantile
from evalkit.stats.planning import examples_needed
from evalkit.stats.score import unchanged_examples
from evalkit.stats.tango import exceeds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POWER = 0.8
_NEAR = 8
_MANY = 20_000
"""Beyond so many pairs the teeth of the curve are finer than half a point"""
_TOO_MANY = 1_000_000


def noninferiority_power(
    n: int, *, margin: float, discordance: float, delta: float = 0.0, alpha: float = 0.025
) -> float:
    """Compute the exact chance that n pairs prove `margin`, over all tables.

    By Tango's z, one-sided `alpha`.

    `discordance` is the share of pairs that differ, `delta` the true difference. At delta = -margin this is the size.

    >>> [round(noninferiority_power(n, margin=0.10, discordance=0.10), 3) for n in (79, 80, 97, 99, 100)]
    [0.699, 0.696, 0.803, 0.798, 0.817]
    """
    if not 0.0 < alpha <= 0.5:
        raise ValueError(f"alpha must be above 0 and at most 0.5, not {alpha}")
    if n < 1 or not abs(delta) <= discordance <= 1.0:
        raise ValueError(
            f"power needs n >= 1; for a difference of {delta} at least that share of pairs differs, not {discordance}"
        )
    return _Proofs.of(n, margin=margin, discordance=discordance, alpha=alpha, delta=delta).chance(n)


@lru_cache(maxsize=4096)
def noninferiority_examples(margin: float, *, discordance: float, alpha: float = 0.025, power: float = POWER) -> int:
    """Return how many pairs prove `margin` with `power` for an unchanged model.

    The smallest n such that it and every larger n have this power (noninferiority_power).

    The chance is a saw-tooth in n: n + 1 may be worse than n, so the first n that has the power is not always enough.
    Beyond 20,000 pairs the teeth no longer matter, and the n is found to 1 in 2,000; beyond a million the normal
    formula is as near as that.

    >>> [noninferiority_examples(margin, discordance=0.10) for margin in (0.10, 0.05, 0.03, 0.01)]
    [100, 339, 901, 7880]
    """

    def proofs(n: int) -> _Proofs:
        return _Proofs.of(n, margin=margin, discordance=discordance, alpha=alpha)

    least = examples_needed(margin, spread=discordance, confidence=1.0 - 2.0 * alpha, power=power)
    least = max(least, unchanged_examples(margin, confidence=1.0 - 2.0 * alpha))
    if least > _TOO_MANY:
        return least
    n = least + math.ceil(5.0 / margin)
    # a tooth is as deep as the likeliest single difference is likely, at the most
    sure = power + min(0.25 * (1.0 - power), 1.0 / math.sqrt(n * discordance))
    while proofs(n).chance(n) < sure:
        n += max(1, n // 128)
    if n > _MANY:
        return _find_crossing(lambda n: all(proofs(at).chance(at) >= power for at in (n, n + 1)), int(0.9 * least), n)
    # from there down, in steps as long as what proves the margin at their low end has the power up to their high end:
    # a table that proves it does so with more pairs that do not differ
    step = max(1, n // 16)
    while n > 1:
        step = min(step, n - 1)
        low = proofs(n - step)
        if min(low.chance(at) for at in {n - step, n - 1}) >= power:
            n -= step
        elif step == 1:
            break
        else:
            step = max(1, step // 3)
    return n


def _find_crossing(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The n above `low`, up to `high`, from which on it holds, to 1 in 2,000."""
    while high - low > high // 2_000:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def fixed_enough(n: int, m: Ints, *, margin: float, critical: float) -> Ints:
    """Return (k,) the fewest fixed pairs that prove `margin`.

    Where `m` (k,) of n differ; m + 1 where none are enough.
    """

    def is_proven(fixed: Ints) -> NDArray[np.bool_]:
        return exceeds(n, fixed, m - fixed, -margin, critical)

    # near to where Wald's interval proves it, or else anywhere
    near = np.ceil(0.5 * (m - n * margin + critical * np.sqrt(np.maximum(m, n * margin)))).astype(np.int64)
    short, enough = np.minimum(np.maximum(near - _NEAR, -1), m), np.minimum(np.maximum(near + _NEAR, 0), m + 1)
    short[is_proven(short)] = -1
    enough = np.where(is_proven(enough), enough, m + 1)
    while int((enough - short).max()) > 1:
        middle = (short + enough) // 2
        yes = is_proven(middle) & (middle > short)
        short, enough = np.where(yes, short, middle), np.where(yes, middle, enough)
    return enough


@dataclass(frozen=True, slots=True)
class _Proofs:
    """The tables that prove a margin: `among` is the chance (k,) that enough pairs are fixed where `m` (k,) differ."""

    m: Ints
    among: Floats
    discordance: float

    @classmethod
    def of(cls, n: int, *, margin: float, discordance: float, alpha: float, delta: float = 0.0) -> _Proofs:
        """Of n pairs, where the true difference is `delta`.

        Numbers more than nine standard deviations off are left out; they hold less than 1e-15.
        """
        reach = 9.0 * math.sqrt(n * discordance * (1.0 - discordance)) + 20.0
        first, last = math.floor(n * discordance - reach), math.ceil(n * discordance + reach)
        m = np.arange(max(0, first), min(n, last) + 1, dtype=np.int64)
        enough = fixed_enough(n, m, margin=margin, critical=normal_quantile(1.0 - alpha))
        # of the pairs that differ, how many are broken is binomial
        broken = 0.5 * (1.0 - delta / discordance) if discordance else 0.5
        return cls(m, binomial_tails(m - enough, m, broken), discordance)

    def chance(self, n: int) -> float:
        """Of one of these tables among n pairs: how many of them differ is binomial, too."""
        return min(1.0, float((binomial_masses(self.m, n, self.discordance) * self.among).sum()))
