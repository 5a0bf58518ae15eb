"""What a user may choose about a run, beside the suites themselves."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.nouns import Verdict
from evalkit.pipeline.ask import Mode, Tally


def _quiet(_arm: str, _suite: str, _tally: Tally) -> None:
    """Tell nobody."""


def _silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run. `root` is the folder that holds `.evalkit/` (ledger and kept runs); None keeps nothing.

    `tell(arm, suite, tally)` hears the progress of the asking, `say(sentence)` everything else. `now` is the wall clock
    (names of runs, expiry of waivers); it is never part of a verdict.
    """

    suites: Sequence[str | Path] = ()
    models: str | Path | None = None
    mode: Mode = "reuse"
    max_cost: float | None = None
    limit: int | None = None
    seed: int | None = None
    keyword: str | None = None
    early_stop: bool = False
    root: Path | None = Path()
    tell: Callable[[str, str, Tally], None] = _quiet
    say: Callable[[str], None] = _silent
    now: Callable[[], dt.datetime] = dt.datetime.now
    sleep: Callable[[float], None] = time.sleep
    environ: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One candidate's verdict with the comparisons it rests on."""

    verdict: Verdict
    comparisons: tuple[Comparison, ...] = field(default=())
    suites: Mapping[str, str] = field(default_factory=dict)
    """Name of each suite -> its YAML text"""
