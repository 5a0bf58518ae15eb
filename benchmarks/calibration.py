"""How often evalkit is wrong: false alarms, coverage, power beside other tools' rules.

python benchmarks/calibration.py [RUNS]      RUNS simulated evaluations a cell, default 1000: 15 minutes of CPU
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import proven
import simulated_pairs as sim
from coverage import flagged, one_arm_table, other_table, percent
from simulated_pairs import Pairs

from evalkit import stats
from evalkit.stats.planning import paired_cells

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "calibration.md"
SIZES, DISCORDANCE = (50, 200, 1000), (0.05, 0.10, 0.30)
MARGIN = 0.02
SEED = 20_241_121


def rates(draw: Callable[[np.random.Generator], Pairs], runs: int, seed: int) -> tuple[float, float, float, set[str]]:
    """Shares of runs with a false REGRESSION at margin 0.02, a proven drop of any size, a covered truth; methods."""
    rng = np.random.default_rng(seed)
    regressions = drops = covered = 0
    methods = set()
    for run in range(runs):
        pairs = draw(rng)
        result = stats.compare_paired(pairs.base, pairs.candidate, clusters=pairs.clusters, seed=run)
        low, high = result.low - pairs.truth, result.high - pairs.truth
        regressions += stats.classify(low, high, MARGIN)[0] == "REGRESSION"
        drops += high < 0.0
        covered += low <= 0.0 <= high
        methods.add(result.method)
    return regressions / runs, drops / runs, covered / runs, methods


def exact_rates(n: int, discordance: float, delta: float) -> tuple[float, float, float]:
    """The same for independent yes/no pairs by enumerating all tables, and the chance of PASS at a margin of 0.05."""
    cells = paired_cells(n, fixed=(discordance + delta) / 2, broken=(discordance - delta) / 2)
    low, high = stats.tango_interval(n, cells.fixed, cells.broken)

    def share(hit: np.ndarray) -> float:
        return float(cells.probability[hit].sum())

    slack = 1e-9
    covered = share((low <= delta + slack) & (delta <= high + slack))
    return share((low <= -MARGIN) & (high < 0.0)), share(low > -0.05), covered


def exact_table() -> Iterable[str]:
    yield "| n | discordance | false REGRESSION | coverage | false PASS (true drop .05 = margin) | coverage there |"
    yield "|---|---|---|---|---|---|"
    for n in SIZES:
        for q in DISCORDANCE:
            none, harm = exact_rates(n, q, 0.0), exact_rates(n, q, -0.05)
            yield (f"| {n} | {q} | {percent(none[0])} | {flagged(none[2])} | {percent(harm[1])} | {flagged(harm[2])} |")


def clustered(make: Callable[..., Pairs], n: int, q: float, equal: bool, rng: np.random.Generator) -> Pairs:
    return make(n, q, rng, clusters=sim.cluster_codes(n, equal=equal, rng=rng))


def dependent_table(runs: int) -> Iterable[str]:
    yield "| what | n | discordance | false REGRESSION | any proven drop | coverage | method |"
    yield "|---|---|---|---|---|---|---|"
    kinds: dict[str, Callable[[int, float], Callable[[np.random.Generator], Pairs]]] = {
        "3 repeats": lambda n, q: partial(sim.repeated, n, q),
        "clusters of 5": lambda n, q: partial(clustered, sim.yes_no, n, q, True),
        "clusters of 1 to 9": lambda n, q: partial(clustered, sim.yes_no, n, q, False),
        "clusters of 5, 3 repeats": lambda n, q: partial(clustered, sim.repeated, n, q, True),
    }
    for name, kind in kinds.items():
        for n in SIZES:
            for q in DISCORDANCE:
                wrong, drop, covered, methods = rates(kind(n, q), runs, SEED)
                how = ", ".join(sorted(methods))
                yield f"| {name} | {n} | {q} | {percent(wrong)} | {percent(drop)} | {flagged(covered)} | {how} |"


def graded_table(runs: int) -> Iterable[str]:
    yield "| differences | n | any proven drop | coverage | method |"
    yield "|---|---|---|---|---|"
    for kind in (sim.normal, sim.judged, sim.sparse, sim.skewed):
        for n in (20, 50, 200, 1000):
            _, drop, covered, methods = rates(partial(kind, n), runs, SEED)
            how = ", ".join(sorted(methods))
            yield f"| {kind.__name__} | {n} | {percent(drop)} | {flagged(covered)} | {how} |"


def rules(tables: np.ndarray) -> dict[str, np.ndarray]:
    """(R,) whether each rule calls the candidate worse; `tables` is (R, 4): both, fixed, broken, neither."""
    both, fixed, broken, _ = tables.T
    n = tables.sum(axis=1)
    low, high = stats.tango_interval(n, fixed, broken)
    total = fixed + broken
    exact = np.array([stats.mcnemar(int(b), int(c)).exact for b, c in zip(fixed, broken, strict=True)])
    corrected = np.array([stats.mcnemar(int(b), int(c)).corrected for b, c in zip(fixed, broken, strict=True)])
    base, candidate = (both + broken) / n, (both + fixed) / n
    error = np.sqrt(base * (1 - base) / (n - 1) + candidate * (1 - candidate) / (n - 1))
    worse = broken > fixed
    return {
        "evalkit: REGRESSION (margin .02)": (low <= -MARGIN) & (high < 0.0),
        "evalkit: not PASS (margin .05)": low <= -0.05,
        "MLflow 3.18: McNemar, p < .05": worse & (np.where(total < 25, exact, corrected) < 0.05),
        "lm-eval's comparator: unpaired z > 1.96": worse & (np.abs(base - candidate) > 1.96 * error),
        "promptfoo: pass rate below the base's": worse,
    }


def power_table(runs: int) -> Iterable[str]:
    yield "| rule | n | discordance | calls a true 5-point drop | cries wolf at no difference |"
    yield "|---|---|---|---|---|"
    rng = np.random.default_rng(SEED)
    for n in (200, 500, 1000):
        for q in (0.10, 0.20):
            called = []
            for delta in (-0.05, 0.0):
                up, down = (q + delta) / 2, (q - delta) / 2
                called.append(rules(rng.multinomial(n, [0.75 - down, up, down, 0.25 - up], size=runs)))
            for name, hit in called[0].items():
                yield f"| {name} | {n} | {q} | {percent(hit.mean())} | {percent(called[1][name].mean())} |"


def wolf_table(runs: int) -> Iterable[str]:
    """No difference, but rows in clusters: what ignoring them costs."""
    yield "| rule | clusters | cries wolf |"
    yield "|---|---|---|"
    rng = np.random.default_rng(SEED)
    for n in (200, 1000):
        drawn = [sim.whole_clusters(n, 0.20, rng) for _ in range(runs)]
        ours = [stats.compare_paired(p.base, p.candidate, clusters=p.clusters) for p in drawn]
        tables = np.array(
            [[np.sum((p.base == b) & (p.candidate == c)) for b, c in ((1, 1), (0, 1), (1, 0), (0, 0))] for p in drawn]
        )
        called = {"evalkit: REGRESSION (margin .02)": np.array([r.low <= -MARGIN and r.high < 0 for r in ours])}
        called |= {name: hit for name, hit in rules(tables).items() if not name.startswith("evalkit")}
        for name, hit in called.items():
            yield f"| {name} | {n} rows in about {n // 5} | {percent(hit.mean())} |"


READING = """
## How to read it

- REGRESSION is proven, not seen: at no difference it stays near its nominal 2.5 % a side, and far below where little
  moves.
- "Not PASS" is no alarm: at n = 200 a margin of .05 often cannot be proven, and evalkit says so (INCONCLUSIVE, with the
  n that would do) where the other rules are silent and the release goes out. Its wolf column is the price of that; its
  other column is how seldom a true drop of the margin's size slips through as PASS.
- MLflow's rule has nearly evalkit's power for a proven drop, but what it cannot tell passes. The unpaired z throws the
  pairing away and misses most drops. Comparing pass rates alone finds every drop and as many that are not there.
- Ignoring clusters turns one broken template into many "independent" failures: the table of whole clusters.
- Intervals of yes/no clusters are never narrower than what clusters that did not change may hide: where few move they
  cover more than nominal, on purpose, and cost power there.
- Proven floors over clusters of unequal size: at most 6 % false proofs in the worst of all cells (6.2 % under another
  seed, 2,500 arms a cell), where Korn and Graubard's bound, the survey literature's, has up to 22 % at the same
  distance from the truth. Where sizes have a
  heavy tail and clusters are few, the bound keeps farther away.
- Clusters of equal size: never more than 1.25 times as far below the truth as Korn and Graubard's, whose nearness costs
  up to 14 % false proofs. Ours reach 7.5 % in clusters of 20: luck there spares a cluster and its likeness together.
- Where whole clusters both break and are fixed and a few are very large, a false PASS stays near its share (3.2 %).
- A floor claims one side at 95 %: at most 6 in 100 candidates that stand exactly on it are proven to reach it. What
  one arm, a ratio, a gap or a judge shows is covered as it says, or more: the quantiles' intervals are wide.
- The one mark among repeats in clusters (n = 1000, discordance .1) is the lowest seen: 5,000 evaluations under three
  other seeds covered 94.6 %, 2,400 under six more 93.5 %. It lies near 94 %; why this seed is so low is not known.
- Early stopping is not in these tables: its odds are counted exactly, and are tests.
- Skewed differences (long latencies) are covered too seldom below a few hundred examples, by every method we know; use
  the budget gate's ratio for them. Where few units move, intervals are wider than nominal on purpose.
"""

INTRODUCTION = """# How often evalkit is wrong

Written by `python benchmarks/calibration.py {runs}`; seeded, so it comes out the same again. All figures are percent.
A *false REGRESSION* is the state REGRESSION at a margin of .02 and 95 % confidence while nothing differs: nominally at
most 2.5 (one side), never to exceed 5. *Any proven drop* is an interval wholly below the truth. *Coverage* is nominally
95; `*` marks more than 1.5 points below it, `+` more than 1.5 above (wider than needed: cautious, costs power). Where
a line is simulated, its own noise is +-{noise:.1f} points (two standard errors); the tables beside other tools draw
four times more, those of floors twice as often: there a share of 5 % is known to +-1.0 point.
"""


def main() -> None:
    """Measure everything and write the page."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    sections = {
        "Yes/no, independent examples: exact, every possible table counted": exact_table(),
        f"Repeats and clusters: {runs:,} simulated evaluations a line": dependent_table(runs),
        f"Graded metrics: {runs:,} simulated evaluations a line": graded_table(runs),
        "One arm by itself, independent examples: exact": one_arm_table(),
        "Every other interval, simulated": other_table(runs),
        "Beside other tools' rules on the same simulated pairs (the base is right in 75 %)": power_table(4 * runs),
        "The same when whole clusters of 1 to 9 rows change together, a fifth of them, and nothing differs": wolf_table(
            4 * runs
        ),
        **proven.sections(runs),
    }
    lines = [INTRODUCTION.format(runs=runs, noise=200.0 * (0.95 * 0.05 / runs) ** 0.5)]
    for title, table in sections.items():
        lines += [f"\n## {title}\n", *table]
    print("\n".join(lines))
    lines.append(READING)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
