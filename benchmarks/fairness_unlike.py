"""How often a group is accused where nothing changed and groups vary in ways of their own. A table of docs/benchmarks.

Groups lend each other their errors as far as they look alike; this shows what that does to groups that are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from simulated_groups import Grouped

from evalkit.stats.disparity import gap_changes

Floats = NDArray[np.float64]

HEAD = (
    "| groups | clusters of rows a group | the first group | any false alarm, to one side | of the first group | "
    "its even share |\n|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Unlike:
    """What the first group and the others are: clusters, rows a cluster, rows drawn anew, spread of cluster effects."""

    title: str
    count: int
    clusters: tuple[int, int] = (40, 40)
    rows: tuple[int, int] = (5, 5)
    anew: tuple[float, float] = (0.4, 0.4)
    effects: tuple[float, float] = (0.0, 0.0)

    def draw(self, rng: np.random.Generator) -> Grouped:
        """Draw yes/no rows of groups whose rates are the same in both arms."""
        pick = np.where(np.arange(self.count) == 0, 0, 1)
        of = np.repeat(np.arange(self.count), np.array(self.clusters)[pick])
        clusters = np.repeat(np.arange(of.size), np.array(self.rows)[pick[of]])
        groups = of[clusters]
        tilt = np.clip(rng.normal(0.0, 1.0, of.size) * np.array(self.effects)[pick[of]], -0.24, 0.24)[clusters]
        before = rng.random(groups.size)
        again = rng.random(groups.size) < np.array(self.anew)[pick[groups]]
        after = np.where(again, rng.random(groups.size), before)
        return Grouped((before < 0.75).astype(float), (after < 0.75 + tilt).astype(float), groups, clusters)


KINDS = (
    Unlike("is like the others", 10),
    Unlike("changes three times as often", 10, anew=(1.0, 0.3)),
    Unlike("changes a third as often", 10, anew=(0.2, 0.6)),
    Unlike("moves by clusters, others by rows", 10, effects=(0.2, 0.0)),
    Unlike("moves by clusters, others by rows", 10, clusters=(30, 30), rows=(10, 10), effects=(0.2, 0.0)),
    Unlike("has 20 clusters, others 60", 6, clusters=(20, 60), effects=(0.1, 0.1)),
    Unlike("has fewer, larger clusters", 6, clusters=(25, 60), rows=(20, 4), effects=(0.15, 0.15)),
    Unlike("moves by clusters, others by rows", 4, rows=(10, 10), effects=(0.2, 0.0)),
    Unlike("moves by clusters, others by rows", 3, rows=(10, 10), effects=(0.2, 0.0)),
)


def unlike_line(kind: Unlike, runs: int, *, draws: int, seed: int) -> str:
    """Measure how often any group, and the first one, falls beyond chance; rises count as well, by half."""
    rng = np.random.default_rng(seed)
    anyone = first = 0
    for run in range(runs):
        data = kind.draw(rng)
        found = gap_changes(
            data.base, data.candidate, data.groups, count=kind.count, clusters=data.clusters, draws=draws, seed=run
        )
        for beyond in (found.high < 0.0, found.low > 0.0):
            anyone, first = anyone + bool(beyond.any()), first + bool(beyond[0])
    sizes = " / ".join(f"{clusters} of {rows}" for clusters, rows in zip(kind.clusters, kind.rows, strict=True))
    return (
        f"| {kind.count} | {sizes} | {kind.title} | {50 * anyone / runs:.1f} | {50 * first / runs:.1f} | "
        f"{5 / kind.count:.1f} |"
    )
