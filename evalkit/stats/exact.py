"""What so few pairs can prove at all: Tango's test of a margin held to its word by counting every table.

Tango's score test keeps its error on average; with few pairs its chance to prove a margin that is in truth just reached
is up to twice the nominal. Here the chance is counted for every share of pairs that may change (the unknown nuisance),
and the largest of them decides: the exact unconditional test that is ordered by the score statistic (Chan 1998,
Statistics in Medicine 17:1403-1413; Sidik 2003, Computational Statistics 18:35-55).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from evalkit.stats.binomial import binomial_masses, binomial_tails
from evalkit.stats.distributions import normal_cdf, normal_quantile
from evalkit.stats.score import unchanged_examples
from evalkit.stats.sizing import fixed_enough, noninferiority_examples, noninferiority_power
from evalkit.stats.tango import tango_p, tango_z

COUNTED_UP_TO = 60
"""Up to so many pairs every table is counted at once; beyond, a plan takes Tango's test at its word"""
SURE = 2.5
"""Beyond that the largest chance is never so many times what Tango's p says"""
_GRID, _NEAR, _SPOTS = 40, 8, 150
_NEVER = 1e-9


def unchanged_pairs(margin: float, *, alpha: float = 0.025) -> int:
    """Return the fewest pairs that prove `margin` if not one changes.

    The fewest n with (1 - margin)^n <= `alpha`; `margin` is a share.

    With a true drop of the margin each pair breaks with that chance at least, whatever else changes.

    >>> [unchanged_pairs(margin) for margin in (0.2, 0.1, 0.05, 0.02)]
    [17, 36, 72, 183]
    """
    if not margin > 0.0:
        raise ValueError(f"a margin must be greater than 0, not {margin}")
    if margin >= 1.0:
        return 1
    return math.ceil(math.log(alpha) / math.log1p(-margin) - 1e-9)


def fewest_gains(margin: float, *, alpha: float = 0.025) -> int:
    """Return the fewest pairs that prove anything within `margin` if all gain.

    Each of them gains the whole scale; `margin` is a share.

    >>> fewest_gains(0.02), fewest_gains(0.2)
    (6, 5)
    """
    return math.ceil(math.log(alpha) / math.log(max(0.5 * (1.0 - margin), 1e-300)) - 1e-9)


def proves_margin(n: int, fixed: int, broken: int, *, margin: float, alpha: float = 0.025) -> bool:
    """Test whether `fixed` and `broken` of n pairs prove `margin`.

    That is, that the candidate is not worse by `margin`, one-sided at `alpha`.

    The chance that a candidate worse by just the margin is proven not to be is at most `alpha`, for every n and
    whatever share of pairs changes.
    """
    least = unchanged_pairs(margin, alpha=alpha)
    if fixed + broken == 0:
        return n >= least
    nominal = tango_p(n, fixed, broken, margin=margin)
    if nominal > alpha or margin >= 1.0:
        return nominal <= alpha
    if n <= COUNTED_UP_TO:
        return nominal <= _find_level(n, margin, alpha)
    # a table without a change may prove it though Tango's test is less sure of it: its chance counts as well
    still = n >= least and tango_p(n, 0, 0, margin=margin) > nominal
    if nominal < _NEVER or (not still and nominal * SURE <= alpha):
        return True
    return _largest_chance(n, nominal, margin, still) <= alpha


@lru_cache(maxsize=4096)
def proof_power(n: int, *, margin: float, discordance: float, alpha: float = 0.025) -> float:
    """Compute the chance that n pairs prove `margin` if nothing changed.

    As `proves_margin` proves it; "nothing changed" holds on average.

    `discordance` is the share of pairs that differ. Tango's test at the level whose largest chance of a false proof is
    `alpha`.
    """
    if margin >= 1.0:
        return 1.0
    level = _find_level(n, margin, alpha)
    # at a level of 0 no table with a change proves anything
    found = noninferiority_power(n, margin=margin, discordance=discordance, alpha=level) if level > 0.0 else 0.0
    alone = n >= unchanged_pairs(margin, alpha=alpha) and tango_p(n, 0, 0, margin=margin) > level
    return min(1.0, found + ((1.0 - discordance) ** n if alone else 0.0))


@lru_cache(maxsize=4096)
def _find_level(n: int, margin: float, alpha: float) -> float:
    """The level at which Tango's test of n pairs holds `alpha`, together with what no change at all proves.

    Every table, the best first, with its chance at a true drop of the margin under many shares of pairs that change.
    """
    if n > COUNTED_UP_TO:
        return alpha
    fixed, broken = np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0), indexing="ij")
    inside = fixed + broken <= n
    fixed, broken = fixed[inside], broken[inside]
    z = tango_z(n, fixed, broken, -margin)
    order = np.argsort(-z, kind="stable")
    fixed, broken, z = fixed[order], broken[order], z[order]
    spots = margin + (1.0 - margin) * np.linspace(0.0, 1.0, _SPOTS)[:, None] ** 2
    up, down = np.maximum(0.5 * (spots - margin), 1e-300), 0.5 * (spots + margin)
    same = np.maximum(1.0 - spots, 1e-300)
    log = np.array([math.lgamma(k + 1.0) for k in range(n + 1)])
    ways = log[n] - log[fixed.astype(int)] - log[broken.astype(int)] - log[(n - fixed - broken).astype(int)]
    chances = np.exp(ways + fixed * np.log(up) + broken * np.log(down) + (n - fixed - broken) * np.log(same))
    total = np.cumsum(chances, axis=1)
    alone = int(np.flatnonzero(fixed + broken == 0.0)[0])
    if n >= unchanged_pairs(margin, alpha=alpha):
        total[:, :alone] += chances[:, alone : alone + 1]
    # of tables that are equally good, all or none
    last = np.searchsorted(-z, -z + 1e-9, side="right") - 1
    enough = total.max(axis=0)[last] <= alpha * (1.0 - 1e-4)
    kept = int(enough.size if enough.all() else np.argmin(enough))
    return min(alpha, normal_cdf(-float(z[kept - 1])) * (1.0 + 1e-7)) if kept else 0.0


@lru_cache(maxsize=4096)
def proof_examples(margin: float, *, discordance: float, alpha: float = 0.025, power: float = 0.8) -> int:
    """Return how many pairs prove `margin` with `power` for an unchanged model.

    The smallest n such that it and every larger n have this power (`proof_power`).
    """
    if margin >= 1.0:
        return 1
    near = noninferiority_examples(margin, discordance=discordance, alpha=alpha, power=power)
    if near > COUNTED_UP_TO:
        still = near == unchanged_examples(margin, confidence=1.0 - 2.0 * alpha)
        return unchanged_pairs(margin, alpha=alpha) if still else near

    def is_sure(n: int) -> bool:
        return proof_power(n, margin=margin, discordance=discordance, alpha=alpha) >= power

    # the chance is a saw-tooth in n: from beyond its teeth down to the first that falls short
    n = near + math.ceil(5.0 / margin)
    while n > 1 and is_sure(n - 1):
        n -= 1
    if n < near + math.ceil(5.0 / margin):
        return n
    while not is_sure(n):
        n += 1
    return n


@lru_cache(maxsize=4096)
def _largest_chance(n: int, nominal: float, margin: float, still: bool) -> float:
    """Of a table at least as good, or (`still`) one without a change, at a true drop of the margin."""
    m = np.arange(n + 1)
    critical = normal_quantile(1.0 - min(0.5, nominal * (1.0 + 1e-7)))
    enough = fixed_enough(n, m, margin=margin, critical=critical)

    def chance(discordance: float) -> float:
        broken = 0.5 * (1.0 + margin / discordance)
        among = binomial_tails(m - enough, m, broken)
        found = float((binomial_masses(m, n, discordance) * among).sum())
        return found + ((1.0 - discordance) ** n if still else 0.0)

    spots = [margin + (1.0 - margin) * (i / _GRID) ** 2 for i in range(_GRID + 1)]
    chances = [chance(spot) for spot in spots]
    best = max(range(len(spots)), key=chances.__getitem__)
    left, right = spots[max(0, best - 1)], spots[min(_GRID, best + 1)]
    near = [left + (right - left) * i / _NEAR for i in range(1, _NEAR)]
    return max(chances[best], *(chance(spot) for spot in near))
