"""How often a history of 12 runs raises a false alarm, and how often a slow drift or a step is found.

python benchmarks/trends.py [DRAWS [NAME]]      default 2,000: a quarter of an hour of CPU

DRAWS histories without change a line, a quarter as many with a drift and with a step; 2,000 flips a test.
Every history is 12 runs over 400 cases (where not said), looked at after every run. A case answers right by a threshold
of its own with probability sqrt(r), else by a fresh one: r is then the correlation of a case with itself between two
runs. 0 is a model that throws its dice anew at every run, 0.5 and more is what fixed sampling or temperature 0 gives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.changes import find_changes

Floats = NDArray[np.float64]
RUNS = 12
DRIFT = 0.005
STEP = 0.05


@dataclass(frozen=True, kw_only=True)
class World:
    """Runs of a model over cases, as they might come."""

    name: str
    rate: float = 0.85
    correlation: float = 0.5
    cases: int = 400
    size: int = 1
    """Cases of a cluster, which share thresholds half of the time"""
    missing: float = 0.0
    fresh: bool = False
    """New cases at every run"""
    swapped: int | None = None
    """The run from which on the cases are others, 5 points harder"""


WORLDS = (
    *(
        World(name=f"rate {rate}, correlation {r}", rate=rate, correlation=r)
        for rate in (0.95, 0.85, 0.7)
        for r in (0.0, 0.3, 0.6)
    ),
    World(name="rate 0.85, 5 % of answers missing", missing=0.05),
    World(name="rate 0.85, clusters of 4", size=4),
    World(name="other cases, 5 points harder, from run 4", swapped=3),
    World(name="other cases, 5 points harder, from run 7", swapped=6),
    World(name="new cases at every run (unpaired)", fresh=True),
)


def means(world: World, kind: str) -> Floats:
    """The rate of each run."""
    runs = np.arange(RUNS)
    if kind == "drift":
        return world.rate - DRIFT * runs
    if kind == "step":
        return np.where(runs >= RUNS // 2, world.rate - STEP, world.rate)
    return np.full(RUNS, world.rate)


def history(world: World, kind: str, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
    """Scores (N, 12), NaN where a case was not asked, and the cluster of each case."""
    rates = means(world, kind)
    blocks = [(0, RUNS, 0.0)]
    if world.swapped is not None:
        blocks = [(0, world.swapped, 0.0), (world.swapped, RUNS, 0.05)]
    if world.fresh:
        blocks = [(run, run + 1, 0.0) for run in range(RUNS)]
    parts = []
    for first, last, harder in blocks:
        scores = np.full((world.cases, RUNS), np.nan)
        own = rng.random((world.cases, 1))
        if world.size > 1:
            shared = np.repeat(rng.random((world.cases // world.size, 1)), world.size, axis=0)
            own = np.where(rng.random(own.shape) < 0.5, shared, own)
        fixed = rng.random((world.cases, last - first)) < np.sqrt(world.correlation)
        drawn = np.where(fixed, own, rng.random(fixed.shape))
        scores[:, first:last] = drawn < rates[first:last] - harder
        parts.append(np.where(rng.random(scores.shape) < world.missing, np.nan, scores))
    together = np.concatenate(parts)
    return together, np.arange(together.shape[0]) // world.size


def most(world: World, error: float) -> float:
    """Share of drifts that any test by means could find at best, asymptotically.

    It looks once, at the end, for a drift to the worse alone, and knows its shape and all variances (Neyman-Pearson);
    the level of each set of cases is unknown. Without correlation counts are all there is, and no test finds more.
    """
    blocks = [(0, RUNS, 0.0)]
    if world.swapped is not None:
        blocks = [(0, world.swapped, 0.0), (world.swapped, RUNS, 0.05)]
    alike = 0.0 if world.fresh else world.correlation
    told = 0.0
    for first, last, harder in blocks:
        at = np.arange(first, last)
        rate = means(world, "drift")[first:last] - harder
        weight = world.cases * (1 - world.missing) / ((1 - alike) * rate * (1 - rate))
        told += float((weight * at**2).sum() - (weight * at).sum() ** 2 / weight.sum())
    normal = NormalDist()
    return normal.cdf(DRIFT * told**0.5 - normal.inv_cdf(1 - error))


def measure(world: World, kind: str, draws: int) -> tuple[float, float, float]:
    """Shares of histories with an alarm to the worse and to the better; the median run at which the first one came."""
    rng = np.random.default_rng(11)
    worse, better, told = 0, 0, []
    for number in range(draws):
        scores, clusters = history(world, kind, rng)
        found = find_changes(scores, clusters=clusters, draws=2_000, seed=number).found
        if found:
            better += found[0].better
            worse += not found[0].better
            told.append(found[0].told + 1)
    return worse / draws, better / draws, float(np.median(told)) if told else float("nan")


def lines(draws: int, only: str) -> Iterator[str]:
    """The table, a world a line."""
    yield (
        "| history | no change: worse, better | drift of 0.5 points a run: found | median run "
        "| step of 5 points at run 7: found | median run | drift: the most any test finds at 5 %, at 4 % |"
    )
    yield "|---|---|---|---|---|---|---|"
    for world in WORLDS:
        if only not in world.name:
            continue
        none, drift, step = (
            measure(world, kind, many) for kind, many in (("none", draws), ("drift", draws // 4), ("step", draws // 4))
        )
        yield (
            f"| {world.name} | {none[0]:.1%}, {none[1]:.1%} | {drift[0]:.1%} | {drift[2]:.0f} "
            f"| {step[0]:.1%} | {step[2]:.0f} | {most(world, 0.05):.0%}, {most(world, 0.04):.0%} |"
        )


def main(say: Callable[[str], None]) -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    for line in lines(draws, sys.argv[2] if len(sys.argv) > 2 else ""):
        say(line)


if __name__ == "__main__":
    main(lambda line: print(line, flush=True))
