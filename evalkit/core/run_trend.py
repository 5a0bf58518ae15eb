"""A metric through all kept runs: its values, what was another from run to run, and the changes that were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPoint:
    """One run of a trend.

    `value` is the mean over `n` cases, with an interval where one is known. `others` says what was another than in the
    run before: (what, before, now), where what is model, data, suite, prompts, scorer, evalkit or commit. `excluded`
    says why the run takes no part in the test, "" where it does. `blessed` are the baselines that it became.
    """

    run: str
    created: str
    base: str
    candidate: str
    outcome: str
    n: int
    value: float | None
    low: float | None
    high: float | None
    others: tuple[tuple[str, str, str], ...] = ()
    blessed: str = ""
    excluded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChange:
    """A change, by the runs it lies between.

    `before` is the last run of the old level (of a drift: the first run of the line), `first` the first of the new one
    (the last of the line), `told` the run at which it was found.
    """

    kind: Literal["drift", "step"]
    before: str
    first: str
    told: str
    size: float
    low: float
    high: float
    better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTrend:
    """One metric of one suite in one arm, the oldest run first.

    At most `alpha` of histories of `horizon` runs in which nothing changes raise an alarm. `test` says how runs were
    compared: each case with itself (paired), as independent samples (unpaired), or not at all.
    """

    suite: str
    metric: str
    arm: str
    higher_is_better: bool
    binary: bool
    points: tuple[RunPoint, ...]
    changes: tuple[RunChange, ...]
    test: Literal["paired", "unpaired", "none"]
    alpha: float
    horizon: int
    p: float | None = None
    blind: tuple[str, ...] = ()
    """Runs between which and the run before no case is shared: a change there cannot be told from the data's"""
    shared: float | None = None
    """Share of the scores that are of cases which several runs asked"""
