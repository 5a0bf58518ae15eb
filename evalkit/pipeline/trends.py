"""Metrics over all kept runs: where they changed, and what else changed there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.run_trend import RunChange, RunPoint, RunTrend
from evalkit.stats.changes import HORIZON, Change, find_changes
from evalkit.store.run_scores import (
    AskedSuite,
    CaseSet,
    RunFigure,
    RunScores,
    case_sets,
    figures_of,
    metrics_of,
    scores_of,
    suite_runs,
    suites_of,
)
from evalkit.store.runs import open_runs
from evalkit.store.runs_export import blessed_runs
from evalkit.store.runs_file import RunsFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALPHA = 0.05
LAST = 60


def trends(
    root: str | Path,
    *,
    suite: str | None = None,
    metric: str | None = None,
    arm: str = "candidate",
    model: str | None = None,
    last: int = LAST,
    alpha: float = ALPHA,
    horizon: int = HORIZON,
) -> tuple[RunTrend, ...]:
    """Follow metrics through the last runs.

    Those that gates judge, of every suite, or the ones that are named. `model`: only runs in which the arm bears this
    name. UsageError for a suite, metric or model that no run has.
    """
    with open_runs(root) as kept:
        known = suites_of(kept)
        if suite is not None and suite not in known:
            raise UsageError(_unknown("--suite", suite, known))
        found = []
        for name in known if suite is None else (suite,):
            metrics = metrics_of(kept, name, gated=metric is None)
            for one in [one for one in metrics if metric in (None, one)]:
                found.append(_trend(kept, name, one, arm=arm, model=model, last=last, budget=(alpha, horizon)))
        if metric is not None and not found:
            every = dict.fromkeys(one for name in known for one in metrics_of(kept, name, gated=False))
            raise UsageError(_unknown("--metric", metric, tuple(every)))
        if model is not None and not any(one.points for one in found):
            names = dict.fromkeys(getattr(run, arm) for name in known for run in suite_runs(kept, name))
            raise UsageError(_unknown("--model", model, tuple(names)))
    return tuple(one for one in found if one.points)


def _unknown(option: str, word: str, known: Sequence[str]) -> Problem:
    what = f"{option} {word}: no kept run has it{did_you_mean(word, known)}"
    return Problem(what=what, allowed=join_allowed(list(known)[:20]) or "none")


def _trend(
    kept: RunsFile, suite: str, metric: str, *, arm: str, model: str | None, last: int, budget: tuple[float, int]
) -> RunTrend:
    runs = [run for run in suite_runs(kept, suite) if model in (None, getattr(run, arm))]
    figures = figures_of(kept, suite, metric, arm=arm)
    runs = [run for run in runs if run.run in figures][-last:]
    scores = scores_of(kept, suite, metric, arm=arm)
    tested = [run for run in runs if not _why_excluded(run, scores)]
    sets = case_sets(kept, [scores[run.run].cases for run in tested])
    table, clusters = _table([scores[run.run] for run in tested], sets)
    newest = figures[runs[-1].run] if runs else RunFigure(0, None, None, None, 1, 1)
    up = bool(newest.higher_is_better)
    changes = find_changes(
        table, clusters=clusters, higher_is_better=up, alpha=budget[0], horizon=budget[1]
    )  # fmt: skip
    present = np.isfinite(table)
    often = present.sum(axis=1) > 1
    return RunTrend(
        suite=suite,
        metric=metric,
        arm=arm,
        higher_is_better=up,
        binary=bool(newest.binary),
        points=_points(runs, figures, scores, arm=arm, blessed=blessed_runs(kept.db)),
        changes=tuple(_name_runs(change, tested) for change in changes.found),
        test="none" if len(tested) < 2 else "paired" if changes.paired else "unpaired",
        alpha=budget[0],
        horizon=budget[1],
        p=changes.p,
        blind=_blind(present, tested),
        shared=float(present[often].sum() / present.sum()) if present.any() else None,
    )


def _why_excluded(run: AskedSuite, scores: Mapping[str, RunScores]) -> str:
    if run.unsound or run.outcome == "INVALID":
        return "INVALID"
    if run.run not in scores:
        return "no scores by case"
    return "" if np.isfinite(scores[run.run].scores).any() else "no case has a score"


def _table(runs: Sequence[RunScores], sets: Mapping[int, CaseSet]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(N, K) scores, a row a case that was asked and measured alike, NaN where a run did not; and (N,) clusters.

    A cluster of a later set is that of an earlier one where they share a case.
    """
    rows: dict[tuple[int, str], int] = {}
    clusters: list[int] = []
    places: dict[tuple[int, str], NDArray[np.int64]] = {}
    for one in runs:
        if (one.cases, one.instrument) in places:
            continue
        cases = sets[one.cases]
        keys = [(key, one.instrument) for key in cases.keys.tolist()]
        known: dict[int, int] = {}
        for key, own in zip(keys, cases.clusters.tolist(), strict=True):
            if key in rows:
                known.setdefault(own, clusters[rows[key]])
        for key, own in zip(keys, cases.clusters.tolist(), strict=True):
            if key not in rows:
                rows[key] = len(clusters)
                clusters.append(known.setdefault(own, len(clusters)))
        places[one.cases, one.instrument] = np.array([rows[key] for key in keys], dtype=np.int64)
    table = np.full((len(clusters), len(runs)), np.nan)
    for at, one in enumerate(runs):
        table[places[one.cases, one.instrument], at] = one.scores
    return table, np.array(clusters, dtype=np.int64)


def _blind(present: NDArray[np.bool_], tested: Sequence[AskedSuite]) -> tuple[str, ...]:
    """Runs that share no case with any run before them, though earlier runs are there."""
    return tuple(
        run.run for at, run in enumerate(tested) if at and not (present[:, at] & present[:, :at].any(axis=1)).any()
    )


def _points(
    runs: Sequence[AskedSuite],
    figures: Mapping[str, RunFigure],
    scores: Mapping[str, RunScores],
    *,
    arm: str,
    blessed: Mapping[str, str],
) -> tuple[RunPoint, ...]:
    points = []
    before: AskedSuite | None = None
    for run in runs:
        figure = figures[run.run]
        points.append(
            RunPoint(
                run=run.run,
                created=run.created,
                base=run.base,
                candidate=run.candidate,
                outcome=run.outcome or "",
                n=figure.n,
                value=figure.value,
                low=figure.low,
                high=figure.high,
                others=() if before is None else _others(before, run, scores, arm=arm),
                blessed=blessed.get(run.run, ""),
                excluded=_why_excluded(run, scores),
            )
        )
        before = run
    return tuple(points)


def _others(
    before: AskedSuite, now: AskedSuite, scores: Mapping[str, RunScores], *, arm: str
) -> tuple[tuple[str, str, str], ...]:
    """What was another than in the run before."""

    def short(digest: str | None) -> str:
        return (digest or "")[:12]

    def model(run: AskedSuite) -> str:
        return f"{getattr(run, arm)} {short(getattr(run, f'{arm}_fingerprint'))}".strip()

    both = (before, now)
    instruments = [scores[run.run].instrument if run.run in scores else "" for run in both]
    pairs = [
        ("model", *map(model, both)),
        ("data", *(short(run.data_sha256) for run in both)),
        ("suite", *(short(run.suite_sha256) for run in both)),
        ("prompts", *(short(run.prompts_sha256) for run in both)),
        ("scorer", *instruments),
        ("evalkit", *(run.evalkit or "" for run in both)),
        ("commit", *(run.commit_id or "" for run in both)),
    ]
    told = [(what, one, two) for what, one, two in pairs if one != two and one and two]
    names = {what for what, *_ in told}
    return tuple(row for row in told if row[0] != "prompts" or not names & {"data", "suite"})


def _name_runs(change: Change, runs: Sequence[AskedSuite]) -> RunChange:
    step = change.kind == "step"
    return RunChange(
        kind=change.kind,
        before=runs[change.first - 1 if step else change.first].run,
        first=runs[change.first if step else change.told].run,
        told=runs[change.told].run,
        size=change.size,
        low=change.low,
        high=change.high,
        better=change.better,
    )
