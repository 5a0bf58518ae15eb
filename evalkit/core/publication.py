"""What is handed to a tracker: a verdict with its figures, the cases that broke, and the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.core.exchange import EMPTY
from evalkit.core.origin import Origin
from evalkit.core.verdict import Estimate, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCase:
    """A case that the base answers right and the candidate does not."""

    suite: str
    id: str
    input: str = ""
    target: str = ""
    base: str = ""
    candidate: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One verdict as a tracker is to keep it.

    `name` is what it is called, `group` what it belongs to: a fine-tuning job, an adapter. `estimates` are the metrics
    over all cases of each suite, in the verdict's order. `broken` holds at most the first `evalkit.publish.MOST_CASES`
    of `broken_in_all`. `facts` are words about the arms, the suites and the run.
    """

    name: str
    group: str
    verdict: Verdict
    origin: Origin
    estimates: tuple[tuple[str, Estimate], ...] = ()
    broken: tuple[BrokenCase, ...] = ()
    broken_in_all: int = 0
    facts: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    page: Path | None = None

    def figures(self) -> dict[str, float]:
        """Return `SUITE/METRIC/{base,candidate,delta,low,high}` with their numbers, in the metrics' own units.

        A number that is missing is left out: it is neither 0 nor NaN.
        """
        names = ("base", "candidate", "delta", "low", "high")
        told = ((f"{suite}/{one.metric}/{name}", getattr(one, name)) for suite, one in self.estimates for name in names)
        return {key: float(value) for key, value in told if value is not None}

    def guarded_estimates(self) -> tuple[tuple[str, Estimate], ...]:
        """Return the estimates of metrics that gates look at.

        All of them where gates look at none.
        """
        named = {(suite.name, finding.metric) for suite in self.verdict.suites for finding in suite.findings}
        return tuple(pair for pair in self.estimates if (pair[0], pair[1].metric) in named) or self.estimates
