"""A metric through several kept runs, the candidates one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.core.verdict import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One run in a series.

    `value` is the mean of its candidate over `n` cases, None where none has one. `change` sets it beside the step
    before (its `base`), paired on the cases that both were asked; None on the first step and where nothing can be told:
    `because` says why.
    """

    run: str
    created: str
    base: str
    candidate: str
    outcome: str
    n: int
    value: float | None
    change: Estimate | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric of one suite through the runs, the oldest first."""

    suite: str
    metric: str
    higher_is_better: bool
    binary: bool
    steps: tuple[Step, ...]
