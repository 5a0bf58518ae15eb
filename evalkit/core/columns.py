"""Columns: the scores of many examples as arrays, and the comparison that holds both arms side by side.

Where a million scores would cost too much as objects they are kept here as numpy arrays, aligned to `examples`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evalkit.core.exchange import Example, Json, ModelIdentity, Response
from evalkit.core.sets import PairedSet
from evalkit.core.verdict import Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One metric of one arm over n examples with up to k repeats.

    `raw` (n, k) float64 holds the repeats, `scored` (n, k) bool says which of them count; where `scored` is false the
    number in `raw` is 0.0 and means nothing. `failed` (n, k) bool marks failed calls: missing, not wrong.
    What is neither scored nor failed does not apply to the example, or the scorer crashed (`errors`, (n, k) bool).
    """

    raw: Floats
    scored: Bools
    failed: Bools
    errors: Bools

    @property
    def present(self) -> Bools:
        """(n,) bool: the example has at least one scored repeat."""
        out: Bools = self.scored.sum(axis=1) > 0
        return out

    @property
    def values(self) -> Floats:
        """The mean over the scored repeats of each example, (n,) float64.

        The example is the unit. A value is 0.0 where not `present`.
        """
        count = self.scored.sum(axis=1)
        total = (self.raw * self.scored).sum(axis=1)
        out: Floats = total / count.clip(min=1)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedColumn:
    """One metric of both arms; row i of both is the same example.

    Its scale and unit are as its `Metric` declares.
    """

    metric: str
    base: Column
    candidate: Column
    higher_is_better: bool = True
    binary: bool = True
    low: float | None = None
    high: float | None = None
    reach: float | None = None
    unit: str = ""
    either: bool = False

    @property
    def paired(self) -> Bools:
        """(n,) bool: the example counts in both arms."""
        return self.base.present & self.candidate.present


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was asked, what was answered, and what failed to pair.

    Counts are of examples x repeats unless said.
    """

    examples: int
    asked: int
    base_failed: int = 0
    candidate_failed: int = 0
    base_failures: Mapping[str, int] = field(default_factory=dict)
    candidate_failures: Mapping[str, int] = field(default_factory=dict)
    scorer_errors: int = 0
    base_failed_first: str = ""
    candidate_failed_first: str = ""
    """What the first failed call of the arm said"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both arms of one suite, paired example by example.

    It is all that gates judge and reports show. `levels[by][i]` is the value of tag `by` on example i, or "(missing)";
    every `by` of the suite's slices and gates is there, intersections as "a*b". `clusters[i]` is the independent unit
    of example i. `columns` is keyed by metric name; beside the scorers' metrics it holds, where known, `latency_s`,
    `first_token_s`, `cost_usd`, `tokens_in`, `tokens_out`, `tokens_thought` (lower is better, not binary) and
    `tokens_per_s` (higher is better). `unsound` lists the reasons why nothing may be concluded.
    """

    suite: str
    base: ModelIdentity
    candidate: ModelIdentity
    examples: tuple[Example, ...]
    clusters: tuple[str, ...]
    columns: Mapping[str, PairedColumn]
    levels: Mapping[str, Sequence[str]]
    coverage: Coverage
    unsound: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    base_responses: Mapping[str, tuple[Response, ...]] = field(default_factory=dict)
    candidate_responses: Mapping[str, tuple[Response, ...]] = field(default_factory=dict)
    base_scores: Mapping[str, Mapping[str, tuple[Score, ...]]] = field(default_factory=dict)
    candidate_scores: Mapping[str, Mapping[str, tuple[Score, ...]]] = field(default_factory=dict)
    """scorer name -> example id -> one Score a repeat"""
    manifest: Mapping[str, Json] = field(default_factory=dict)
    sets: Mapping[str, PairedSet] = field(default_factory=dict)
    """scorer name -> what its set metrics (figures of all cases at once) are made of; they have no column"""
    incomparable: Mapping[str, str] = field(default_factory=dict)
    """metric -> why it means something else in each arm; it has neither a column nor a set"""
    training: Mapping[str, Comparison] = field(default_factory=dict)
    """`asked`: both arms on the sample of training rows; `prefix`: the same rows with the completion begun. Empty
    where the suite has no such sample, or its files are not here"""

    def set_of(self, metric: str) -> PairedSet | None:
        """Return the set that a metric is a figure of.

        None for every other metric.
        """
        found = self.sets.get(metric.partition(".")[0])
        return found if found is not None and metric in found.figures else None

    @property
    def set_metrics(self) -> tuple[str, ...]:
        """The names of all set metrics, in the order of the scorers."""
        return tuple(metric for one in self.sets.values() for metric in one.figures)
