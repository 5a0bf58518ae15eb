"""How wide the interval of a gap's change will be, and how many examples of a group it takes to rule a growth out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evalkit.stats.distributions import normal_quantile, t_quantile, two_sided_z
from evalkit.stats.gap_moves import size_of_move

_MOST = 40
"""Doublings looked at: beyond a million million times the examples there is no answer"""


@dataclass(frozen=True, slots=True)
class GapWidth:
    """The half width of a gap's change, of `clusters`.

    `plain` is by resampling, `unseen` by what was not seen.

    `critical` is the number of standard errors in `plain`.
    """

    plain: float
    unseen: float
    clusters: float
    critical: float

    def at(self, times: float, *, power: float = 0.8) -> float:
        """Return the growth that `times` as many clusters rule out.

        With this power, if nothing changed.
        """
        square = two_sided_z(0.95) ** 2
        plain = self.plain / math.sqrt(times)
        unseen = self.unseen * (self.clusters + square) / (times * self.clusters + square)
        return math.hypot(plain, unseen) + normal_quantile(power) * plain / self.critical

    def times_for(self, margin: float) -> float | None:
        """Return how many times as many clusters rule out a growth of `margin`.

        None where no number would.
        """
        if not margin > 0.0:
            return None
        low, high = 2.0**-_MOST, 2.0**_MOST
        if self.at(high) > margin:
            return None
        for _ in range(2 * _MOST + 30):
            middle = math.sqrt(low * high)
            low, high = (low, middle) if self.at(middle) <= margin else (middle, high)
        return high


def expected_width(
    n: int,
    clusters: int,
    *,
    spread: float,
    design_effect: float = 1.0,
    noise: float = 1.0,
    binary: bool = True,
    confidence: float = 0.95,
) -> GapWidth:
    """Compute the expected half width of a group of n examples.

    `spread` of them differ (or it is the variance of graded differences), in `clusters`.

    `noise` is how much more a gap varies than the group's mean; `confidence` is that of one group among all.
    """
    z, rows = two_sided_z(confidence), n / clusters
    units = max(1.0, rows / max(design_effect, 1.0))
    variance = spread * min(design_effect, rows) / rows
    moved = 1.0 - (1.0 - min(spread, 1.0)) ** units if binary else 1.0
    typical = math.sqrt(variance / moved) if moved > 0.0 else 0.0
    size = min(typical, 1.0) if binary else typical
    move = float(size_of_move(size, clusters * moved, reach=1.0 if binary else typical))
    square = two_sided_z(0.95) ** 2
    small = t_quantile(0.5 + confidence / 2.0, max(1, clusters - 1))
    return GapWidth(
        plain=small * math.sqrt(variance * noise / clusters),
        unseen=z / math.sqrt(square) * move * math.sqrt(noise) * square / (clusters + square),
        clusters=clusters,
        critical=small,
    )
