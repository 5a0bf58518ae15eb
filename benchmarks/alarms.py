"""How often alarms over slices cry wolf and see a planted drop, by correction. Writes docs/benchmarks/alarms.md.

python benchmarks/alarms.py [RUNS]            100 runs a line: about two minutes of CPU
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import numpy as np

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.gates.decide import decide
from evalkit.suite.spec import SuiteSpec

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "alarms.md"
SLICES, ROWS = 10, 80
TODAY = dt.date(2026, 1, 1)
NAMES = {"none": "no correction", "holm": "Holm (default)", "max_t": "max-T"}


def arm(values: np.ndarray) -> Column:
    """One repeat of every case."""
    nowhere = np.zeros((values.size, 1), dtype=bool)
    return Column(raw=values.reshape(-1, 1), scored=~nowhere, failed=nowhere, errors=nowhere)


def comparison(rng: np.random.Generator, *, drop: float, clustered: bool) -> Comparison:
    """Ten slices of eighty cases; one in seven answers is drawn anew; in the first slice `drop` of all cases break."""
    n = SLICES * ROWS
    unit = np.arange(n) // 4 if clustered else np.arange(n)
    base = (rng.random(n) < 0.7).astype(float)
    redrawn = (rng.random(unit.max() + 1) < 0.15)[unit]
    candidate = np.where(redrawn, (rng.random(n) < 0.7).astype(float), base)
    slices = np.arange(n) // ROWS
    candidate[(slices == 0) & (candidate == 1.0) & (rng.random(n) < drop / 0.7)] = 0.0
    blank = (Message(role="user", content=""),)
    who = ModelIdentity(name="m", provider="scripted", model="m", fingerprint="m")
    return Comparison(
        suite="alarms",
        base=who,
        candidate=who,
        examples=tuple(Example(id=str(i), messages=blank, tags={"s": str(s)}) for i, s in enumerate(slices)),
        clusters=tuple(f"u{u:05d}" for u in unit),
        columns={"answer": PairedColumn(metric="answer", base=arm(base), candidate=arm(candidate))},
        levels={"s": tuple(str(s) for s in slices)},
        coverage=Coverage(examples=n, asked=n),
    )


def alarmed(correction: str, *, drop: float, clustered: bool, runs: int) -> tuple[float, float, float]:
    """Share of runs with an alarm in the first slice, in any other, and anywhere."""
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.02, "slices": ["s"]}
    first = other = anywhere = 0
    for run in range(runs):
        spec = SuiteSpec.model_validate(
            {
                "evalkit": 1,
                "name": "alarms",
                "dataset": {"path": "x"},
                "scorers": {"answer": {"type": "exact"}},
                "gates": [gate],
                "policy": {"correction": correction, "seed": run},
            }
        )
        made = comparison(np.random.default_rng(run), drop=drop, clustered=clustered)
        hit = {f.slice.value for f in decide(made, spec, today=TODAY) if f.slice and f.state == "REGRESSION"}
        first += "0" in hit
        other += bool(hit - {"0"})
        anywhere += bool(hit)
    return first / runs, other / runs, anywhere / runs


def main(runs: int) -> None:
    """Measure, print and write the page."""
    lines = [
        "# How often alarms over slices are wrong, and how often right",
        "",
        f"`python benchmarks/alarms.py {runs}`: {SLICES} slices of {ROWS} cases, about 6 % of the pairs differ, {runs} "
        "seeded runs a line. With no slice worse, an alarm in any is false: nominally at most 2.5 % of runs for a "
        "corrected family.",
        "",
        "| rows | correction | no slice worse: any alarm | 20 points planted in one: found | alarm elsewhere |",
        "|---|---|---|---|---|",
    ]
    for clustered in (False, True):
        for correction, name in NAMES.items():
            quiet = alarmed(correction, drop=0.0, clustered=clustered, runs=runs)
            planted = alarmed(correction, drop=0.2, clustered=clustered, runs=runs)
            rows = "clusters of four" if clustered else "independent"
            lines.append(
                f"| {rows} | {name} | {100 * quiet[2]:.1f} % | {100 * planted[0]:.1f} % | {100 * planted[1]:.1f} % |"
            )
            print(lines[-1], flush=True)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
