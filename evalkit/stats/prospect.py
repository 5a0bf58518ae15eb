"""What the observed spread says about this n, and about the n that would do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.clusters import ClusterSums
from evalkit.stats.distributions import normal_quantile, two_sided_z
from evalkit.stats.exact import proof_examples
from evalkit.stats.means import FEW
from evalkit.stats.score import unchanged_examples
from evalkit.stats.sizing import POWER

_WIDER = 1.15
"""An interval so much wider than its normal form is set by what units that did not change may hide"""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What n paired examples can detect, and what they could prove.

    `mde`: the smallest true difference that is detected with power 0.8. `n_effective`: n over the design effect.
    """

    mde: float
    n_effective: float
    _n: int
    _spread: float
    _cost: float
    _reach: float
    _confidence: float
    _yes_no: bool
    _units: float
    """How many of them set the width where too few moved to show a spread; 0 where they did show it"""

    def examples_for(self, margin: float) -> int:
        """Return how many examples prove `margin` with power 0.8 if nothing changed.

        Clustered as these are.

        Yes/no: exactly, by Tango's interval. Else by the normal formula; where hardly anything moved it is the reach
        that sets the width, and never fewer are needed than if not one example moves.
        """
        if self._yes_no:
            alpha = (1.0 - self._confidence) / 2.0
            needed = float(proof_examples(margin, discordance=self._spread, alpha=alpha))
        else:
            z = two_sided_z(self._confidence) + normal_quantile(POWER)
            needed = z**2 * self._spread / margin**2
        needed = max(needed, 1.0) * self._cost
        if self._units:
            still = unchanged_examples(margin, reach=self._reach, confidence=self._confidence)
            needed = max(needed, still * self._n / self._units)
        return math.ceil(needed - 1e-9)


def prospect(
    d: NDArray[np.float64],
    sums: ClusterSums | None,
    *,
    yes_no: bool,
    interval: tuple[float, float],
    confidence: float,
    reach: float,
) -> Prospect:
    """Compute what (n,) differences that cannot exceed `reach` can detect.

    From them, their cluster sums and the interval of their mean.

    The spread is the share of pairs that differ (yes/no) or the variance; where nothing moved, it is planned as if one
    pair had. Where few units moved, or the interval is wider than the spread makes it, the mde is never finer than the
    interval itself.
    """
    n = d.size
    worth = float(n) if sums is None else _effective(d, sums, reach)
    spread = float((d**2).mean()) if yes_no else float(d.var(ddof=1)) if n > 1 else reach**2
    spread = max(spread, reach**2 / n)
    z_side, z_power = two_sided_z(confidence), normal_quantile(POWER)
    mde = (z_side + z_power) * math.sqrt(spread / worth)
    units = d if sums is None else sums.totals
    half = 0.5 * (interval[1] - interval[0])
    few = np.count_nonzero(units) < FEW or half > _WIDER * z_side * math.sqrt(spread / worth)
    if few:
        mde = max(mde, half * (1.0 + z_power / z_side))
    setting = float(units.size) if few else 0.0
    return Prospect(min(mde, 2.0 * reach), worth, n, spread, n / worth, reach, confidence, yes_no, setting)


def _effective(d: NDArray[np.float64], sums: ClusterSums, reach: float) -> float:
    independent, clustered = float(d.std()) / math.sqrt(d.size), sums.standard_error()
    if min(independent, clustered) <= 1e-12 * reach:
        # without any spread between rows or clusters nothing shows that rows are worth more than their cluster
        return float(sums.count)
    return min(float(d.size), d.size * (independent / clustered) ** 2)
