"""What so few pairs can prove at all: Tango's test of a margin held to its word by counting every table.

Tango's score test keeps its error on average; with few pairs its chance to prove a margin that is in truth just reached
is up to twice the nominal. Here the chance is counted for every share of pairs that may change (the unknown nuisance),
and the largest of them decides: the exact unconditional test that is ordered by the score statistic (Chan 1998,
Statistics in Medicine 17:1403-1413; Sidik 2003, Computational Statistics 18:35-55).
"""

from __future__ import annotations

import math
from functools import lru_cache

from evalkit.stats.sizing import noninferiority_power
from evalkit.stats.tango import tango_p

_GRID, _NEAR = 40, 8
SURE = 3.0
"""With 20 pairs or more the largest chance is never so many times what Tango's p says"""
_FEW = 20


def unchanged_pairs(margin: float, *, alpha: float = 0.025) -> int:
    """The fewest pairs that prove `margin` (a share) if not one changes: (1 - margin)^n <= `alpha`.

    With a true drop of the margin each pair breaks with that chance at least, whatever else changes.

    >>> [unchanged_pairs(margin) for margin in (0.2, 0.1, 0.05, 0.02)]
    [17, 36, 72, 183]
    """
    if not margin > 0.0:
        raise ValueError(f"a margin must be greater than 0, not {margin}")
    if margin >= 1.0:
        return 1
    return math.ceil(math.log(alpha) / math.log1p(-margin) - 1e-9)


def proves_margin(n: int, fixed: int, broken: int, *, margin: float, alpha: float = 0.025) -> bool:
    """Whether `fixed` and `broken` of n pairs prove that the candidate is not worse by `margin`, one-sided at `alpha`.

    The chance that a candidate worse by just the margin is proven not to be is at most `alpha`, for every n and
    whatever share of pairs changes.
    """
    if fixed + broken == 0:
        return n >= unchanged_pairs(margin, alpha=alpha)
    nominal = tango_p(n, fixed, broken, margin=margin)
    if nominal > alpha or margin >= 1.0:
        return nominal <= alpha
    if n >= _FEW and nominal * SURE <= alpha:
        return True
    return _largest_chance(n, nominal, margin, alpha) <= alpha


@lru_cache(maxsize=4096)
def _largest_chance(n: int, nominal: float, margin: float, alpha: float) -> float:
    """Of a table at least as good, or without a change where that counts as proof, at a true drop of the margin."""
    still = n >= unchanged_pairs(margin, alpha=alpha) and tango_p(n, 0, 0, margin=margin) > nominal

    def chance(discordance: float) -> float:
        found = noninferiority_power(
            n, margin=margin, discordance=discordance, delta=-margin, alpha=min(0.5, nominal * (1.0 + 1e-7))
        )
        return found + ((1.0 - discordance) ** n if still else 0.0)

    spots = [margin + (1.0 - margin) * (i / _GRID) ** 2 for i in range(_GRID + 1)]
    chances = [chance(spot) for spot in spots]
    best = max(range(len(spots)), key=chances.__getitem__)
    left, right = spots[max(0, best - 1)], spots[min(_GRID, best + 1)]
    near = [left + (right - left) * i / _NEAR for i in range(1, _NEAR)]
    return max(chances[best], *(chance(spot) for spot in near))
