"""What slices and gates cost beside fairlearn, in CPU seconds. Writes docs/benchmarks/slices.md.

python benchmarks/slices.py            about a minute of CPU
"""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from fairlearn import metrics as fairlearn_metrics
from sklearn.metrics import accuracy_score, precision_score

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.gates.decide import decide, estimates
from evalkit.slices.change import Arms, gap_moves
from evalkit.slices.groups import RATES, Groups, confusion
from evalkit.slices.row_bootstrap import rate_intervals
from evalkit.slices.strata import pool_moves
from evalkit.stats.disparity import gap_changes
from evalkit.suite.spec import SuiteSpec

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "slices.md"
ROWS, GROUPS = 100_000, 20
FAIRLEARN = {
    "accuracy": accuracy_score,
    "selection_rate": fairlearn_metrics.selection_rate,
    "true_positive_rate": fairlearn_metrics.true_positive_rate,
    "false_positive_rate": fairlearn_metrics.false_positive_rate,
    "false_negative_rate": fairlearn_metrics.false_negative_rate,
    "precision": precision_score,
}


def cpu(job: Callable[[], object], *, times: int = 1) -> float:
    """CPU seconds of one run of a job, the least of several."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        job()
        spent.append(time.process_time() - start)
    return min(spent)


def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, prediction and group code of 100,000 rows."""
    rng = np.random.default_rng(0)
    truth = rng.random(ROWS) < 0.4
    return truth, np.where(rng.random(ROWS) < 0.8, truth, ~truth), rng.integers(0, GROUPS, ROWS)


def point_estimates() -> list[tuple[str, float]]:
    """Six rates of twenty groups, ours and fairlearn's, and how far they differ."""
    truth, prediction, codes = rows()
    cut = Groups(names=tuple(f"g{i:02d}" for i in range(GROUPS)), codes=codes)
    names = np.array(cut.names)[codes]
    frames: list[fairlearn_metrics.MetricFrame] = []

    def ours() -> dict[str, dict[str, float | None]]:
        table = confusion(truth, prediction, cut)
        return {name: table.rate(name) for name in RATES}

    def theirs() -> None:
        frames.append(
            fairlearn_metrics.MetricFrame(metrics=FAIRLEARN, y_true=truth, y_pred=prediction, sensitive_features=names)
        )

    found = [("evalkit, 6 rates x 20 groups", cpu(ours, times=5)), ("fairlearn MetricFrame, the same", cpu(theirs))]
    table = ours()
    gap = max(
        abs(float(frames[0].by_group[name][group]) - (table[name][group] or 0.0))
        for name in RATES
        for group in cut.names
    )
    if gap > 1e-12:
        raise SystemExit(f"the engine differs from fairlearn by {gap}")
    return found


def intervals() -> list[tuple[str, float]]:
    """2,000 replicates of the change of every group's gap, by how rows cluster."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, GROUPS, ROWS)
    base = (rng.random(ROWS) < 0.7).astype(float)
    candidate = np.where(rng.random(ROWS) < 0.05, 1.0 - base, base)
    graded = base + rng.normal(0, 0.1, ROWS).round(1)
    jobs = {
        "2,000 templates": (base, candidate, rng.integers(0, 2_000, ROWS)),
        "10,000 clusters": (base, candidate, rng.integers(0, 10_000, ROWS)),
        "100,000 independent rows": (base, candidate, np.arange(ROWS)),
        "100,000 independent rows, graded in tenths": (base, graded, np.arange(ROWS)),
    }
    return [
        (
            f"2,000 replicates, max-T over 20 groups, {name}",
            cpu(lambda b=b, c=c, k=k: gap_changes(b, c, codes, count=GROUPS, clusters=k), times=3),
        )
        for name, (b, c, k) in jobs.items()
    ]


def group_tables() -> list[tuple[str, float]]:
    """The moves behind group tables: 20 groups, one metric is 80 columns of sums."""
    rng = np.random.default_rng(4)
    codes = rng.integers(0, GROUPS, ROWS)
    base = (rng.random(ROWS) < 0.7).astype(float)
    candidate = np.where(rng.random(ROWS) < 0.05, 1.0 - base, base)
    all_rows, judged = np.ones(ROWS, dtype=bool), np.ones(GROUPS, dtype=bool)
    cut = Groups(names=tuple(f"g{i:02d}" for i in range(GROUPS)), codes=codes)
    arms = Arms(base=base, candidate=candidate, base_counts=all_rows, candidate_counts=all_rows)
    found = []
    for name, units, metrics in (
        ("2,000 clusters x 80 columns", 2_000, 1),
        ("10,000 clusters x 80 columns", 10_000, 1),
        ("10,000 clusters x 400 columns (5 metrics)", 10_000, 5),
        ("100,000 independent rows, 20 metrics", ROWS, 20),
    ):
        clusters = np.arange(ROWS) % units
        job = partial(gap_moves, [arms] * metrics, cut, clusters=clusters, judged=[judged] * metrics)
        found.append((f"group table, 2,000 draws, {name}", cpu(job, times=3)))
    strata = Groups(names=tuple("abcde"), codes=rng.integers(0, 5, ROWS))
    pooled = partial(pool_moves, arms, cut, strata, clusters=np.arange(ROWS) % 2_000, judged=judged)
    found.append(("the same of 2,000 clusters, pooled within 5 values of a control tag", cpu(pooled, times=3)))
    truth, prediction, places = rows()
    alone = partial(rate_intervals, truth, prediction, Groups(names=cut.names, codes=places), draws=200)
    found.append(("200 of fairlearn's row replicates, 6 rates and their gaps (`rate_intervals`)", cpu(alone)))
    return found


def fairlearn_replicate() -> float:
    """CPU seconds of one of fairlearn's bootstrap replicates (from 2, less what a frame without them costs)."""
    truth, prediction, codes = rows()

    def frame(**options: object) -> Callable[[], object]:
        return lambda: fairlearn_metrics.MetricFrame(
            metrics={"selection_rate": fairlearn_metrics.selection_rate},
            y_true=truth,
            y_pred=prediction,
            sensitive_features=codes,
            **options,
        )

    with_draws = cpu(frame(n_boot=2, ci_quantiles=[0.025, 0.975], random_state=0))
    return max(0.0, with_draws - cpu(frame())) / 2.0


def comparison(n: int, metrics: int) -> Comparison:
    """Both arms of a suite: yes/no metrics over n cases, cut by a tag of 20 values, in clusters of five."""
    rng = np.random.default_rng(2)
    nowhere = np.zeros((n, 1), dtype=bool)

    def arm(values: np.ndarray) -> Column:
        return Column(raw=values.reshape(-1, 1), scored=~nowhere, failed=nowhere, errors=nowhere)

    columns = {}
    for i in range(metrics):
        base = (rng.random(n) < 0.7).astype(float)
        candidate = np.where(rng.random(n) < 0.06, 1.0 - base, base)
        columns[f"m{i}"] = PairedColumn(metric=f"m{i}", base=arm(base), candidate=arm(candidate))
    groups = [f"g{code:02d}" for code in rng.integers(0, GROUPS, n)]
    blank = (Message(role="user", content=""),)
    examples = tuple(Example(id=str(i), messages=blank, tags={"g": group}) for i, group in enumerate(groups))
    who = ModelIdentity(name="m", provider="scripted", model="m", fingerprint="m")
    return Comparison(
        suite="cost",
        base=who,
        candidate=who,
        examples=examples,
        clusters=tuple(f"c{i // 5}" for i in range(n)),
        columns=columns,
        levels={"g": tuple(groups)},
        coverage=Coverage(examples=n, asked=n),
    )


def whole_verdicts() -> list[tuple[str, float]]:
    """Every gate type over 20 metrics, and the table of estimates."""
    metrics = 20
    names = [f"m{i}" for i in range(metrics)]
    gates: list[dict[str, object]] = [
        {"type": "no_regression", "metric": names, "margin": 0.02},
        {"type": "no_regression", "metric": names, "margin": 0.05, "slices": ["g"]},
        {"type": "fairness", "metrics": ["m0"], "slices": ["g"]},
        *({"type": "floor", "metric": name, "min": 0.5, "basis": "proven"} for name in names),
    ]
    spec = SuiteSpec.model_validate(
        {
            "evalkit": 1,
            "name": "cost",
            "dataset": {"path": "x"},
            "scorers": {name: {"type": "exact"} for name in names},
            "gates": gates,
        }
    )
    decide(comparison(300, metrics), spec, today=TODAY)
    found = []
    for n in (1_000, 10_000, 100_000):
        made = comparison(n, metrics)
        spent = cpu(partial(decide, made, spec, today=TODAY))
        found.append((f"decide: {n:,} cases, 20 metrics x 20 slices, Holm, fairness of one metric", spent))
        found.append((f"estimates: {n:,} cases, 20 metrics x 20 slices", cpu(partial(estimates, made, spec))))
    return found


TODAY = dt.date(2026, 1, 1)


def main() -> None:
    """Measure, print and write the page."""
    confusion(*rows()[:2], Groups(names=tuple(map(str, range(GROUPS))), codes=rows()[2]))
    table = [*point_estimates(), *intervals(), *group_tables()]
    replicate = fairlearn_replicate()
    table.append(("fairlearn, one bootstrap replicate of one rate (rows, unpaired)", replicate))
    table.append(("fairlearn, 2,000 such replicates (extrapolated)", 2_000 * replicate))
    table += whole_verdicts()
    lines = [
        "# What slices and gates cost",
        "",
        f"`python benchmarks/slices.py`, Python {platform.python_version()}, {platform.machine()}, one process, CPU "
        "seconds (of our own resampling the least of three). 100,000 rows and 20 groups unless said; the six rates "
        "equal fairlearn's to 1e-12.",
        "",
        "| what | CPU s |",
        "|---|---|",
        *(f"| {what} | {seconds:.3g} |" for what, seconds in table),
        "",
    ]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
