"""What a user may choose about a run, beside the suites themselves."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from evalkit.core.columns import Comparison
from evalkit.core.errors import Places
from evalkit.core.exchange import Example
from evalkit.core.origin import Origin
from evalkit.core.verdict import Verdict

if TYPE_CHECKING:
    from evalkit.store.kept_run import RunSummary
    from evalkit.suite.load import Suite
    from evalkit.suite.spec import ModelSpec

Executor = Literal["processes", "ray"]
"""Who computes local arms beside this process: others of this machine, or actors of a Ray cluster"""
Mode = Literal["reuse", "live", "replay"]
"""reuse: kept answers first, ask the rest; live: answers of earlier runs do not count; replay: ask nothing"""


@dataclass(slots=True)
class Tally:
    """How far one arm has come with one suite.

    `arm` and `suite` say which of how many they are.
    """

    total: int = 0
    done: int = 0
    kept: int = 0
    """Answers that were there already: in the store or in a recording"""
    refused: int = 0
    """Calls that were not made: a replay found no answer, or the budget was spent"""
    failed: int = 0
    """Calls that were made in vain, and those that were not made"""
    arm: tuple[int, int] = (1, 1)
    suite: tuple[int, int] = (1, 1)

    @property
    def asked(self) -> int:
        """Answers that a model gave now."""
        return self.done - self.kept - self.refused


def _quiet(_arm: str, _suite: str, _tally: Tally) -> None:
    """Tell nobody."""


def _silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSuite:
    """A suite that was read elsewhere, with its rows."""

    suite: Suite
    rows: Sequence[Example]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run.

    `root` is the folder that holds `.evalkit/` (ledger and kept runs); None keeps nothing. `tell(arm, suite, tally)`
    hears the progress of the asking, `say(sentence)` everything else. `now` is the wall clock (names of runs, expiry of
    waivers); it is never part of a verdict.
    """

    suites: Sequence[str | Path] = ()
    models: str | Path | None = None
    given_models: Mapping[str, object] = field(default_factory=dict)
    """Arms that a program brings as objects, by name; they go before those of the models file"""
    found_models: Mapping[str, ModelSpec] = field(default_factory=dict)
    """Arms that a command found itself, by name; their paths are absolute, and they go before the models file"""
    given_scorers: Mapping[str, object] = field(default_factory=dict)
    """Scorers that a program brings: types that suites may name; a suite that does not gets each as it is"""
    given_suites: Sequence[GivenSuite] = ()
    """Suites whose rows are not in a file, in the place of `suites`"""
    mode: Mode = "reuse"
    max_cost: float | None = None
    max_age_s: float | None = None
    """Kept answers that are older do not count"""
    limit: int | None = None
    seed: int | None = None
    keyword: str | None = None
    early_stop: bool = False
    stop_hopeless: bool = False
    """An early stop ends the asking of candidates that are proven worse alone: others are asked to the end"""
    root: Path | None = Path()
    tell: Callable[[str, str, Tally], None] = _quiet
    say: Callable[[str], None] = _silent
    now: Callable[[], dt.datetime] = dt.datetime.now
    sleep: Callable[[float], None] = time.sleep
    environ: Mapping[str, str] | None = None
    workers: int | None = None
    """How many processes or actors compute local arms; None: this one alone, or as many as a Ray cluster has GPUs"""
    executor: Executor = "processes"
    ray_address: str | None = None
    """Of a Ray cluster that runs; None: what RAY_ADDRESS says, else one that is started here"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateResult:
    """One candidate's verdict with the comparisons it rests on."""

    verdict: Verdict
    comparisons: tuple[Comparison, ...] = field(default=())
    suites: Mapping[str, str] = field(default_factory=dict)
    """Name of each suite -> its YAML text"""
    places: Places = field(default_factory=dict)
    origin: Origin | None = None
    """Where the verdict comes from, as far as it is told"""
    summary: RunSummary | None = None
    """The run that it is kept as, where it is: what its page holds for others"""
