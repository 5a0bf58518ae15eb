"""One arm by itself: ask, score, keep; every metric with its interval, no comparison and no verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from evalkit.gates.endings import count_endings
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.asking.ask import Asking
from evalkit.pipeline.asking.likelihoods import refuse_no_likelihoods
from evalkit.pipeline.asking.parameters import refuse_missing_parameters
from evalkit.pipeline.asking.run_arm import OpenArm, asks_by_letters, number_all, run_arm, with_new_tally
from evalkit.pipeline.asking.run_arms import open_arms, open_desk
from evalkit.pipeline.asking.training_rows import with_training
from evalkit.pipeline.asking.unanswered import refuse_unanswered
from evalkit.pipeline.judging.judges import open_judges, refuse_self_judging
from evalkit.pipeline.judging.stage import judge_arm
from evalkit.pipeline.options import Options
from evalkit.pipeline.preflight import ReadySuites, check_before_run
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.stats import mean_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmReport:
    """One model on one suite. `metrics` rows: metric, n, value, low, high."""

    model: str
    suite: str
    asked: int
    failed: int
    metrics: tuple[tuple[str, int, float, float, float], ...]
    too_many_failures: bool
    result: ArmResult
    generate: Mapping[str, Any]

    def data(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        names = ("metric", "n", "value", "low", "high")
        return {
            "model": self.model,
            "suite": self.suite,
            "asked": self.asked,
            "failed": self.failed,
            "ended": count_endings(self.result.answers),
            "metrics": [dict(zip(names, row, strict=True)) for row in self.metrics],
        }


def run_alone(
    names: Sequence[str], *, options: Options, intervals: bool = True, stand: ReadySuites | None = None
) -> tuple[ArmReport, ...]:
    """Ask each named model on every suite; answers go to the ledger.

    Without `intervals` no metric is estimated. `stand` are the suites and arms where they stand ready already. Raises
    UnsoundComparison where a replay finds not one answer of an arm.
    """
    suites, named = check_before_run(names, options=options) if stand is None else stand
    with ExitStack() as stack:
        arms = open_arms(named, options=options, stack=stack)
        judges = open_judges(suites, options=options, stack=stack) if intervals else {}
        refuse_self_judging(arms, judges, suites if judges else ())
        refuse_missing_parameters(arms, suites, mode=options.mode)
        refuse_no_likelihoods(arms, suites)
        desk = open_desk([*arms, *judges.values()], options=options, stack=stack)
        how = Asking(store=desk.store, mode=options.mode, budget=desk.budget, sleep=options.sleep)
        suites = with_training(suites, arms)
        found = [
            [
                _one(
                    arm,
                    suite,
                    how=with_new_tally(how, total=0, arm=row, suite=column),
                    options=options,
                    judge=partial(judge_arm, judges=judges, options=options, desk=desk) if intervals else None,
                )
                for column, suite in number_all(suites)
            ]
            for row, arm in number_all(arms)
        ]
    if options.mode == "replay":
        answered = [(arm, [one.result for one in row]) for arm, row in zip(arms, found, strict=True)]
        refuse_unanswered(answered, suites=[suite.suite.spec.name for suite in suites])
    return tuple(one for row in found for one in row)


def _one(
    arm: OpenArm,
    suite: Prepared,
    *,
    how: Asking,
    options: Options,
    judge: Callable[[Prepared, ArmResult], ArmResult] | None,
) -> ArmReport:
    """One arm on one suite; without `judge` nothing is judged, and no metric is estimated."""
    name = suite.suite.spec.name
    heard = Asking(
        store=how.store,
        mode=how.mode,
        budget=how.budget,
        sleep=how.sleep,
        tell=lambda tally: options.tell(arm.arm.name, name, tally),
    )
    total = suite.rows * suite.suite.spec.repeats
    counted = with_new_tally(heard, total=suite.calls, arm=how.tally.arm, suite=how.tally.suite)
    result = run_arm(arm, suite, how=counted, letters=asks_by_letters(suite, [arm.model]))
    result = result if judge is None else judge(suite, result)
    return ArmReport(
        model=arm.arm.name,
        suite=name,
        asked=total,
        failed=result.measured.failed,
        metrics=_metrics(suite, result) if judge is not None else (),
        too_many_failures=result.measured.failed > suite.suite.spec.policy.max_error_rate * total,
        result=result,
        generate=result.generate.model_dump(mode="json", exclude_defaults=True),
    )


def _metrics(suite: Prepared, result: ArmResult) -> tuple[tuple[str, int, float, float, float], ...]:
    clusters = np.array([example.unit for example in suite.examples])
    rows = []
    for name, column in result.measured.columns.items():
        present = column.present
        if present.any():
            values = column.values[present]
            found = mean_interval(
                values,
                bounds=(min(0.0, float(values.min())), max(1.0, float(values.max()))),
                clusters=clusters[present],
                confidence=suite.suite.spec.policy.confidence,
                seed=suite.suite.spec.policy.seed,
            )
            rows.append((name, found.n, found.mean, found.low, found.high))
    return tuple(rows)


_ENDED = {"cut": "cut at the limit", "cut_thinking": "cut while thinking", "filtered": "filtered"}


def summary_lines(result: ArmReport) -> list[str]:
    """Write a few lines for the console."""
    failed = f", {result.failed} failed" if result.failed else ""
    counts = count_endings(result.result.answers)
    ended = "".join(f", {counts[name]} {words}" for name, words in _ENDED.items() if counts[name])
    lines = [f"{result.model} · {result.suite}: {result.asked} asked{failed}{ended}"]
    width = max((len(row[0]) for row in result.metrics), default=0)
    lines += [
        f"  {name:<{width}}  {value:8.4g}  [{low:.4g}, {high:.4g}]  n={n}"
        for name, n, value, low, high in result.metrics
    ]
    return lines
