"""Coverage of the intervals beside the paired difference: one arm, floors, ratios, gaps of groups, judges."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import simulated_pairs as sim

from evalkit import stats
from evalkit.gates.floor import one_sided
from evalkit.stats.disparity import gap_changes

SEED = 20_241_122
Interval = tuple[float, float]
Draw = Callable[[np.random.Generator, int], tuple[Interval, float]]
"""One simulated evaluation: its interval and the truth"""


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def flagged(value: float) -> str:
    """Coverage in percent, marked where it is more than 1.5 points below (*) or above (+) 95."""
    return percent(value) + ("*" if value < 0.935 else "+" if value > 0.965 else "")


def one_arm_table() -> Iterable[str]:
    """Every count of passes, with its binomial probability: no simulation."""
    yield "| n | true rate | Wilson covers | Clopper-Pearson covers | a floor at the true rate is falsely proven |"
    yield "|---|---|---|---|---|"
    for n in (50, 200, 1000):
        for rate in (0.75, 0.90, 0.95):
            chances = [_binomial(k, n, rate) for k in range(n + 1)]
            wilson = sum(p for k, p in enumerate(chances) if _holds(stats.wilson(k, n), rate))
            exact = sum(p for k, p in enumerate(chances) if _holds(stats.clopper_pearson(k, n), rate))
            proven = sum(p for k, p in enumerate(chances) if p > 1e-12 and _bound(k, n) >= rate - 1e-12)
            yield f"| {n} | {rate} | {flagged(wilson)} | {flagged(exact)} | {percent(proven)} |"


def other_table(runs: int) -> Iterable[str]:
    """Everything that must be simulated."""
    yield "| interval | n | below the truth | above it | coverage |"
    yield "|---|---|---|---|---|"
    kinds: dict[str, tuple[Draw, tuple[int, ...], int]] = {
        "Newcombe's method 10, paired": (_newcombe, (50, 200, 1000), 4 * runs),
        "Newcombe's, two independent rates": (_independent, (50, 200, 1000), 4 * runs),
        "one arm in clusters of 1 to 9": (_arm_in_clusters, (200, 1000), runs),
        "ratio of means (latency, cost)": (_ratio(None), (50, 200, 1000), runs),
        "ratio of 95% quantiles": (_ratio(0.95), (50, 200, 1000), max(1, runs // 2)),
        "change of a group's gap, three groups at once": (_gap, (200, 1000), max(1, runs // 2)),
        "PPI++ with ten times as many unlabelled": (_judge, (50, 200), 2 * runs),
        "kappa of a judge": (_kappa, (50, 200), 2 * runs),
    }
    for name, (draw, sizes, count) in kinds.items():
        for n in sizes:
            rng = np.random.default_rng(SEED)
            drawn = [draw(rng, n) for _ in range(count)]
            below = sum(high < truth for (_, high), truth in drawn) / count
            above = sum(low > truth for (low, _), truth in drawn) / count
            yield f"| {name} | {n} | {percent(below)} | {percent(above)} | {flagged(1.0 - below - above)} |"


def _holds(interval: Interval, truth: float) -> bool:
    return interval[0] <= truth <= interval[1]


def _binomial(k: int, n: int, p: float) -> float:
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log + k * math.log(p) + (n - k) * math.log(1.0 - p))


def _bound(k: int, n: int) -> float:
    values = np.array([1.0] * k + [0.0] * (n - k))
    return one_sided(values, np.arange(n), binary=True, confidence=0.95, seed=0).low


def _newcombe(rng: np.random.Generator, n: int) -> tuple[Interval, float]:
    both, fixed, broken, neither = (int(x) for x in rng.multinomial(n, [0.70, 0.03, 0.08, 0.19]))
    return stats.newcombe_paired(both, fixed, broken, neither), -0.05


def _independent(rng: np.random.Generator, n: int) -> tuple[Interval, float]:
    one, two = int(rng.binomial(n, 0.8)), int(rng.binomial(n, 0.7))
    return stats.newcombe_independent(one, n, two, n), 0.8 - 0.7


def _arm_in_clusters(rng: np.random.Generator, n: int) -> tuple[Interval, float]:
    clusters = sim.cluster_codes(n, equal=False, rng=rng)
    chance = rng.beta(3.0, 1.0, int(clusters.max()) + 1)[clusters]
    values = (rng.random(n) < chance).astype(float)
    return stats.compare_paired(values, values, clusters=clusters).base_interval, 0.75


def _ratio(quantile: float | None) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[Interval, float]:
        shared, own, other = rng.normal(0.0, 1.0, (3, n))
        base = np.exp(0.5 * (0.8 * shared + 0.6 * own))
        candidate = 1.1 * np.exp(0.5 * (0.8 * shared + 0.6 * other))
        seed = int(rng.integers(1 << 31))
        found = stats.paired_ratio(base, candidate, quantile=quantile, draws=1_000, seed=seed)
        return (found.low, found.high), 1.1

    return draw


def _gap(rng: np.random.Generator, n: int) -> tuple[Interval, float]:
    """Of three groups the first loses ten points: the gap to the rest changes by as much. All three must hold."""
    groups = np.arange(n) % 3
    base = (rng.random(n) < 0.8).astype(float)
    candidate = np.where((groups == 0) & (rng.random(n) < 0.125), 0.0, base)
    rerun = np.where(rng.random(n) < 0.03, 1.0 - candidate, candidate)
    found = gap_changes(base, rerun, groups, count=3, draws=500, seed=int(rng.integers(1 << 31)))
    loss = 0.94 * 0.7 + 0.03 - (0.94 * 0.8 + 0.03)
    truths = np.array([loss, -loss / 2.0, -loss / 2.0])
    slack = np.minimum(truths - found.low, found.high - truths)
    worst = int(np.argmin(slack))
    return (float(found.low[worst]), float(found.high[worst])), float(truths[worst])


def _judge(rng: np.random.Generator, n: int) -> tuple[Interval, float]:
    truth = (rng.random(11 * n) < 0.7).astype(float)
    judged = np.where(rng.random(11 * n) < 0.85, truth, 1.0 - truth)
    found = stats.ppi_mean(truth[:n], judged[:n], judged[n:])
    return (found.low, found.high), 0.7


def _kappa(rng: np.random.Generator, n: int) -> tuple[Interval, float]:
    table = rng.multinomial(n, [0.4, 0.1, 0.2, 0.3]).reshape(2, 2)
    found = stats.cohen_kappa(table)
    return (found.low, found.high), 0.4
