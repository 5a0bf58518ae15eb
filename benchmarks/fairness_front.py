"""What any rule can reach that tells a fall from level from a lead that became a lag. A table of docs/benchmarks.

By Neyman and Pearson: with the change and the sum of a group's gaps known to be normal and their errors known, the most
power over all sets of both in which a rule may accuse is a linear program.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import simulated_groups as sim
from numpy.typing import NDArray

from evalkit.stats.distributions import normal_cdf, normal_quantile

Floats = NDArray[np.float64]

HEAD = (
    "| design | discordance | fall, sum, in errors | most power at false alarms of 5: leads of .05 | any lead | "
    "least false alarms at power 0.9: leads of .05 | any lead |\n|---|---|---|---|---|---|---|"
)
STEP = 0.2
FALLS, SUMS = np.arange(-1.0, 9.0, STEP), np.arange(-3.6, 6.0, STEP)
LEADS = np.arange(0.4, 2.6, 0.1)
"""Leads looked at, in the size of one that makes the same change as the fall"""
GROUPS = 10


def front_line(design: str, title: str, discordance: float, *, seed: int, runs: int = 600) -> str:
    """Measure how far the fall and the sum lie from chance, then what follows for all rules."""
    fall, both = _distances(design, discordance, seed=seed, runs=runs)
    plain = 1.0 - _cdf(_two_sided(GROUPS) - fall)
    power = [_most_power(fall, both, leads, alarms=0.05) / plain for leads in ((1.0,), LEADS)]
    alarms = [_least_alarms(fall, both, leads, power=0.9 * plain) for leads in ((1.0,), LEADS)]
    return (
        f"| {title} | {discordance} | {fall:.2f}, {both:.2f} | {power[0]:.2f} | {power[1]:.2f} | "
        f"{100 * alarms[0]:.0f} | {100 * alarms[1]:.0f} |"
    )


def _distances(design: str, discordance: float, *, seed: int, runs: int) -> tuple[float, float]:
    """A true fall of ten points from level, in errors of the change, and in errors of the sum of both gaps."""
    rng = np.random.default_rng(seed)
    loss = np.array([0.10] + [0.0] * (GROUPS - 1))
    found = []
    for _ in range(runs):
        data = sim.yes_no(rng, design, count=GROUPS, discordance=discordance, loss=loss)
        first = data.groups == 0
        gaps = [float(arm[first].mean() - arm[~first].mean()) for arm in (data.base, data.candidate)]
        found.append((gaps[0] - gaps[1], -gaps[0] - gaps[1]))
    values = np.array(found)
    far = 0.10 / values.std(axis=0, ddof=1)
    return float(far[0]), float(far[1])


def _most_power(fall: float, both: float, leads: Sequence[float] | Floats, *, alarms: float) -> float:
    from scipy.optimize import linprog

    nulls = [_cells(0.0, at) for at in range(6)] + [_cells(fall * lead, 0.0) for lead in leads]
    limits = [1.0 - 0.95 ** (1.0 / GROUPS)] * 6 + [alarms] * len(leads)
    found = linprog(-_cells(fall, both), A_ub=np.array(nulls), b_ub=limits, bounds=(0.0, 1.0), method="highs")
    return float(-found.fun)


def _least_alarms(fall: float, both: float, leads: Sequence[float] | Floats, *, power: float) -> float:
    """By bisection: power grows with the alarms that are allowed."""
    low, high = 0.0, 1.0
    while high - low > 0.002:
        middle = (low + high) / 2.0
        low, high = (low, middle) if _most_power(fall, both, leads, alarms=middle) >= power else (middle, high)
    return high


def _cells(fall: float, both: float) -> Floats:
    """The chances of all cells of (change, sum), in errors, around their true values."""
    chances = []
    for edges, at in ((FALLS, fall), (SUMS, both)):
        below = np.array([_cdf(edge - at) for edge in edges])
        chances.append(np.append(np.diff(below), 1.0 - below[-1]))
    out: Floats = np.outer(*chances).ravel()
    return out


def _cdf(z: float) -> float:
    return float(normal_cdf(float(z)))


def _two_sided(groups: int) -> float:
    """The critical value of a plain interval over so many groups."""
    return float(normal_quantile(1.0 - (1.0 - 0.95 ** (1.0 / groups)) / 2.0))
