"""How often two equal arms at one server are told apart by their seconds. Writes docs/benchmarks/rounds.md.

python benchmarks/rounds.py [RUNS]      RUNS simulated evaluations a cell, default 1000: two minutes of CPU
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalkit.stats import paired_ratio
from evalkit.stats.ratios import RatioResult
from evalkit.stats.rounds import draw_first, ratio_over_rounds

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "rounds.md"
SEED, ROUNDS = 20_261_201, 10
Floats = NDArray[np.float64]
Rng = np.random.Generator


def wander(count: int, rng: Rng) -> Floats:
    """A server whose state decays within some fifty calls, and is pushed anew at every call."""
    state = np.zeros(count)
    for at in range(1, count):
        state[at] = 0.98 * state[at - 1] + rng.normal(0.0, 0.05)
    return state


SERVERS: dict[str, Callable[[int, Rng], Floats]] = {
    "steady": lambda count, rng: np.zeros(count),
    "slows down to a third": lambda count, rng: np.log(np.linspace(1.0, 3.0, count)),
    "half as fast from some call on": lambda count, rng: math.log(2.0) * (np.arange(count) > rng.random() * count),
    "drifts at random": lambda count, rng: np.cumsum(rng.normal(0.0, 0.6 / math.sqrt(count), count)),
    "wanders": wander,
    "swings by 30 %, 1/2 to 12 times": lambda count, rng: (
        0.3 * np.sin(2.0 * math.pi * (np.linspace(0.0, rng.uniform(0.5, 12.0), count) + rng.random()))
    ),
}
"""By name the logarithm of how slow a server is at each of so many calls"""


def seconds_of(firsts: list[bool], n: int, server: Callable[[int, Rng], Floats], rng: Rng) -> tuple[Floats, Floats]:
    """(2, n) seconds of both arms and (n,) the round of every question; `firsts`: whether the base goes first."""
    size = math.ceil(n / len(firsts))
    rounds = np.arange(n) // size
    order = [
        (arm, question)
        for number, base_first in enumerate(firsts)
        for arm in ((0, 1) if base_first else (1, 0))
        for question in np.flatnonzero(rounds == number).tolist()
    ]
    state, hard = server(2 * n, rng), rng.normal(0.0, 0.4, n)
    seconds = np.zeros((2, n))
    for at, (arm, question) in enumerate(order):
        seconds[arm, question] = math.exp(hard[question] + state[at] + rng.normal(0.0, 0.25))
    return seconds, rounds


def compare(way: str, n: int, quantile: float | None, server: Callable[[int, Rng], Floats], rng: Rng) -> RatioResult:
    seed = int(rng.integers(1 << 31))
    orders = {
        "one after the other": [True],
        "alternating": [number % 2 == 0 for number in range(ROUNDS)],
        "drawn": draw_first(ROUNDS, seed=seed),
    }
    seconds, rounds = seconds_of(orders[way], n, server, rng)
    if way == "one after the other":
        return paired_ratio(seconds[0], seconds[1], quantile=quantile, draws=400, seed=seed)
    base, candidate = ([of[rounds == number].tolist() for number in range(ROUNDS)] for of in seconds)
    return ratio_over_rounds(base, candidate, quantile=quantile)


def line(name: str, n: int, quantile: float | None, runs: int) -> str:
    told = []
    for place, way in enumerate(("one after the other", "alternating", "drawn")):
        rng, some = np.random.default_rng([SEED, place, n]), runs if place else max(1, runs // 5)
        found = [compare(way, n, quantile, SERVERS[name], rng) for _ in range(some)]
        ends = [(one.low or 0.0, one.high or 0.0) for one in found]
        told.append(f"{100.0 * np.mean([not low <= 1.0 <= high for low, high in ends]):.1f}")
    wide = 100.0 * (math.exp(float(np.mean([math.log(high / low) / 2.0 for low, high in ends if low > 0.0]))) - 1.0)
    what = "mean" if quantile is None else f"{100 * quantile:.0f}% quantile"
    return f"| {name} | {n} | {what} | {' | '.join(told)} | {wide:.0f} |"


HEAD = """# How often a server makes equal arms seem unequal

`python benchmarks/rounds.py {runs}`; seeded. {runs} simulated evaluations a cell (a fifth of it one after the other) of
a model against itself at 95 % confidence; questions differ in length (log sd .4), answers by chance (log sd .25). All
figures percent: how often the ratio of seconds is "proven" to differ from 1, by cases where the arms were asked one
after the other, by ten rounds where they were asked in turn, base first in every second round or as drawn.

| server | n | of | one after the other | alternating | drawn | half width, drawn |
|---|---|---|---|---|---|---|"""

READING = """
## How to read it

- evalkit asks as drawn ([gates](../why/gates.md#seconds-of-arms-at-a-server)), and lets arms that were asked one after
  the other prove nothing. Two standard errors of 5 % are {error:.1f} points.
- A server that swings at the pace of two rounds favours the same arm in all of them where the order alternates.
- The half width is what chance alone makes of the ratio: limits nearer to 1 stay INCONCLUSIVE.
"""


def write_page(runs: int) -> None:
    page = [HEAD.format(runs=runs)]
    for name in SERVERS:
        for n, quantile in ((100, None), (300, None), (300, 0.95)):
            page.append(line(name, n, quantile, runs))
            print(page[-1], flush=True)
    page.append(READING.format(error=200.0 * math.sqrt(0.05 * 0.95 / runs)))
    PAGE.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    write_page(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
