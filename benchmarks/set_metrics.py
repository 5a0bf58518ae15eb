"""Coverage of the intervals of set metrics, false alarms of equal arms, and what one comparison costs.

    python -m benchmarks.set_metrics [--runs 2000] [--draws 500] [--sizes 100,300,1200,5000]

Three classes, the rarest with 20 cases. Both arms answer right with the same luck in part of the cases (`shared`), and
each by itself otherwise. Truth is the figure of the expected confusion matrix. `cover` is the share of runs whose 95%
interval holds the true difference, `alarm` that of runs proven worse (high < 0) though the arms are alike, `zero` that
of intervals of no width.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from evalkit.core.sets import SetFigure
from evalkit.stats.sets import Cells, cells_of, compare_sets
from evalkit.stats.sets.figures import figure_of

LABELS = ("major", "minor", "rare")
ALL = ("macro_f1", "micro_f1", "weighted_f1", "balanced_accuracy", "kappa")
FIGURES = [
    *(SetFigure(figure=name, labels=LABELS) for name in ALL),
    *(SetFigure(figure=name, label=label, labels=LABELS) for name in ("precision", "f1") for label in (0, 2)),
]
ARMS = {
    "alike .9": (0.9, 0.9),
    "alike .98": (0.98, 0.98),
    "alike .995": (0.995, 0.995),
    "worse .95 > .9": (0.95, 0.9),
    "better .8 > .95": (0.8, 0.95),
}


def confusion(right: float) -> np.ndarray:
    """(3, 3) chances of a reading given the target; wrong ones go to the other classes."""
    table = np.full((3, 3), (1.0 - right) / 2.0)
    np.fill_diagonal(table, right)
    return table


def truth(gold: np.ndarray, right: float, figure: SetFigure) -> float:
    sizes = np.bincount(gold.astype(int), minlength=3)
    weights = (sizes[:, None] * confusion(right)).ravel()
    codes = np.indices((3, 3)).reshape(2, -1).astype(float)
    return float(figure_of(codes[0], codes[1], weights, figure))


def answers(rng: np.random.Generator, gold: np.ndarray, rates: tuple[float, float], shared: float) -> list[np.ndarray]:
    common = rng.random(gold.size) < shared
    same, turn = rng.random(gold.size), rng.integers(1, 3, gold.size)
    out = []
    for rate in rates:
        luck = np.where(common, same, rng.random(gold.size))
        other = np.where(common, turn, rng.integers(1, 3, gold.size))
        out.append(np.where(luck < rate, gold, (gold + other) % 3))
    return out


def by_formula(cells: Cells, figures: Sequence[SetFigure]) -> list[float | None]:
    """What scikit-learn says (tests hold both to 1e-12 of each other), in a tenth of the time."""
    found = [float(figure_of(cells.gold, cells.read, cells.weights, figure)) for figure in figures]
    return [value if np.isfinite(value) else None for value in found]


def measure(n: int, name: str, *, runs: int, draws: int, shared: float = 0.5) -> None:
    rates, rng = ARMS[name], np.random.default_rng(n)
    minor = max(20, n // 20)
    gold = np.repeat([0.0, 1.0, 2.0], [n - minor - 20, minor, 20])
    true = [truth(gold, rates[1], figure) - truth(gold, rates[0], figure) for figure in FIGURES]
    hit, alarm, zero = (np.zeros(len(FIGURES)) for _ in range(3))
    scored, units = np.ones((n, 1), bool), np.arange(n)
    for run in range(runs):
        arms = [cells_of(gold, one[:, None], scored, units, n) for one in answers(rng, gold, rates, shared)]
        for at, found in enumerate(
            compare_sets(arms[0], arms[1], FIGURES, moved=0.0, seed=run, draws=draws, valued=by_formula)
        ):
            if found.low is None or found.high is None:
                hit[at] += 1
                continue
            hit[at] += found.low <= true[at] <= found.high
            alarm[at] += found.high < 0.0
            zero[at] += found.high - found.low <= 0.0
    for at, figure in enumerate(FIGURES):
        told = figure.figure + (f".{LABELS[figure.label]}" if figure.label is not None else "")
        print(
            f"{n:>6} {name:<16} {told:<18} {hit[at] / runs:.4f} {alarm[at] / runs:.4f} {zero[at] / runs:.4f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--sizes", default="100,300,1200,5000")
    asked = parser.parse_args()
    print("     n arms             figure              cover  alarm   zero")
    for n in map(int, asked.sizes.split(",")):
        for name in ARMS:
            started = time.perf_counter()
            measure(n, name, runs=asked.runs, draws=asked.draws)
            print(f"{'':>6} {1_000 * (time.perf_counter() - started) / asked.runs:.0f} ms a comparison", flush=True)


if __name__ == "__main__":
    main()
