"""What the statistics cost in CPU seconds and memory, and how that grows. Writes docs/benchmarks/stats_cost.md.

python benchmarks/stats_cost.py            about a minute of CPU
"""

from __future__ import annotations

import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from line_chart import draw

from evalkit import stats

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
METRICS, SLICES = 20, 20


def cpu(job: Callable[[], object]) -> float:
    """CPU seconds of one run of a job."""
    start = time.process_time()
    job()
    return time.process_time() - start


def arms(n: int, *, seed: int = 0) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray, np.ndarray]:
    """20 metrics of both arms (half yes/no, a quarter thirds of repeats, a quarter graded), slice codes, clusters."""
    rng = np.random.default_rng(seed)
    columns = []
    for metric in range(METRICS):
        if metric % 4 < 2:
            base = (rng.random(n) < 0.7).astype(float)
            candidate = np.where(rng.random(n) < 0.1, 1.0 - base, base)
        elif metric % 4 == 2:
            chance = rng.beta(2, 1, n)
            base, candidate = rng.binomial(3, chance) / 3, rng.binomial(3, chance) / 3
        else:
            base = rng.lognormal(0, 0.7, n)
            candidate = base * rng.lognormal(0.02, 0.3, n)
        columns.append((base, candidate))
    return columns, rng.integers(0, SLICES, n), rng.integers(0, max(2, n // 5), n)


def every_interval(n: int, *, clustered: bool) -> Callable[[], object]:
    """All metrics, overall and in every slice, with Holm over all of them."""
    columns, slices, clusters = arms(n)
    rows = [np.arange(n), *(np.flatnonzero(slices == s) for s in range(SLICES))]

    def job() -> object:
        results = [
            stats.compare_paired(base[r], candidate[r], clusters=clusters[r] if clustered else None, margin=0.02)
            for base, candidate in columns
            for r in rows
        ]
        return stats.holm([r.p_worse for r in results])

    return job


def bootstrap(clusters: int) -> Callable[[], object]:
    """2,000 draws over clusters x 80 columns: 40 ratios with simultaneous intervals."""
    sums = np.random.default_rng(1).random((clusters, 80))

    def job() -> object:
        return stats.max_t(stats.cluster_bootstrap(sums, lambda t: t[..., :40] / t[..., 40:], draws=2_000))

    return job


def main() -> None:
    """Measure, print and write the page."""
    every_interval(400, clustered=True)()
    sizes = (1_000, 10_000, 100_000)
    table: dict[str, list[tuple[float, float]]] = {
        "20 metrics x 21 slices, independent rows": [(n, cpu(every_interval(n, clustered=False))) for n in sizes],
        "20 metrics x 21 slices, clustered rows": [(n, cpu(every_interval(n, clustered=True))) for n in sizes],
        "2,000 bootstrap draws x 80 columns (x = clusters)": [(c, cpu(bootstrap(c))) for c in (100, 1_000, 10_000)],
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        "# What the statistics cost",
        "",
        f"Measured by `python benchmarks/stats_cost.py` (Python {platform.python_version()}, numpy {np.__version__}, "
        f"{platform.machine()}): CPU seconds of one process. Peak memory of the whole run: {peak:.0f} MB.",
        "",
        "Every line is all intervals, tests, MDE and both arms' own intervals, with Holm over all p-values.",
        "",
        "| what | " + " | ".join(f"{n:,}" for n in sizes) + " |",
        "|---|---|---|---|",
    ]
    for name, line in table.items():
        figures = " | ".join(f"{seconds:.2f} s" + ("" if x in sizes else f" (at {x:,})") for x, seconds in line)
        lines.append(f"| {name} | {figures} |")
    lines += ["", "![CPU seconds against n, both axes logarithmic](stats_cost.svg)", ""]
    small = table["20 metrics x 21 slices, independent rows"][0][1]
    each, pairs = 1000 * small / (METRICS * (SLICES + 1)), METRICS * (SLICES + 1) // 2
    lines.append(
        "Small suites cost more a row than large ones: below 300 examples a graded slice is bootstrapped "
        f"(about {each:.0f} ms a comparison at 1,000 rows in all). The exact `n_needed` of {pairs} yes/no comparisons "
        "with a margin, about 10 ms each, is the largest part of the first line; the second line finds them computed."
    )
    DOCS.mkdir(parents=True, exist_ok=True)
    (DOCS / "stats_cost.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    draw(DOCS / "stats_cost.svg", table, title="CPU seconds of the statistics", x="examples", y="CPU s")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
