"""What a suite is expected to show before anything is asked: sizes, assumptions, pilots."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.columns import Comparison
from evalkit.core.verdict import SliceKey
from evalkit.gates import words
from evalkit.gates.view import view
from evalkit.stats.exact import proof_examples, proof_power
from evalkit.stats.planning import examples_needed, smallest_detectable
from evalkit.suite.spec import PolicySpec, SuiteSpec

NOT_KNOWN = "has no scale that tells how far its values go: what it can tell is known from a kept run (--pilot RUN)"
"""Warning of a forecast without a figure"""


@dataclass(frozen=True, slots=True)
class Count:
    """So many examples, in so many clusters.

    There are as many clusters as examples where every example stands for itself.
    """

    n: int
    clusters: int

    @classmethod
    def of(cls, units: Sequence[str]) -> Count:
        """Count from the unit of every example."""
        return cls(len(units), len(set(units)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The examples that a metric looks at, in all and by slice and value."""

    whole: Count
    slices: Mapping[str, Mapping[str, Count]] = field(default_factory=dict)

    @classmethod
    def independent(cls, n: int, sizes: Mapping[str, Mapping[str, int]] | None = None) -> Population:
        """Make a population of examples that all stand for themselves."""
        slices = {by: {value: Count(k, k) for value, k in values.items()} for by, values in (sizes or {}).items()}
        return cls(whole=Count(n, n), slices=slices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is assumed of a metric, or was seen in a pilot.

    `spread` is the share of pairs that differ (yes/no) or the variance of the differences (graded; None where the
    metric has no scale that would tell it); `design_effect` is what clusters cost: n divided by it is the effective n.
    Until a pilot shows it, the rows of a cluster are taken to move together, so that the clusters are the n.
    """

    spread: float | None = 0.10
    binary: bool = True
    design_effect: float = 1.0
    piloted: bool = False


def pilot(comparison: Comparison, policy: PolicySpec) -> dict[str, Assumed]:
    """Return what an earlier comparison shows of each metric.

    It shows how much differs, and what its clusters cost.
    """
    seen = view(comparison, policy)
    out: dict[str, Assumed] = {}
    for metric in comparison.columns:
        cell = seen.cell(metric, None)
        result = cell.result
        if result is None or result.discordance is None:
            continue
        gaps = cell.of.candidate[cell.rows] - cell.of.base[cell.rows]
        binary = result.fixed is not None
        spread = result.discordance if binary else float(gaps.var())
        effect = cell.n / result.n_effective if result.n_effective else 1.0
        # nothing seen to move: plan as if one pair had
        out[metric] = Assumed(
            spread=max(spread, 1.0 / cell.n), binary=binary, design_effect=max(1.0, effect), piloted=True
        )
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A suite before it is asked.

    It says what each metric looks at, what is assumed of it, how many alarms are listened to.

    `metrics` has the populations of metrics that look at some of the examples only, `known` what a pilot showed,
    `graded` how far the metrics that are no yes/no reach (None where nobody knows before a pilot), `guarded` by index
    of the gate the examples it guards one by one, `alarms` how many (metric, slice value) cells are listened to.
    """

    spec: SuiteSpec
    everyone: Population
    metrics: Mapping[str, Population]
    known: Mapping[str, Assumed]
    graded: Mapping[str, float | None]
    discordance: float
    confidence: float
    guarded: Mapping[int, int] = field(default_factory=dict)
    alarms: int = 0

    def population(self, metric: str) -> Population:
        """Return the examples that a metric looks at."""
        return self.metrics.get(metric, self.everyone)

    def of(self, metric: str, key: SliceKey | None = None) -> Assumed:
        """Return what is assumed of a metric, in a slice."""
        if metric in self.known:
            return self.known[metric]
        count = self.count(metric, key)
        effect = count.n / count.clusters if count.clusters else 1.0
        if metric not in self.graded:
            return Assumed(spread=self.discordance, design_effect=effect)
        reach = self.graded[metric]
        # the pairs that differ do so by the whole scale: the most that their variance can be
        spread = None if reach is None else self.discordance * reach**2
        return Assumed(spread=spread, binary=False, design_effect=effect)

    def keys(self, metric: str, by: str) -> list[SliceKey | None]:
        """Return the values of a slice among the examples a metric looks at."""
        counts = self.population(metric).slices.get(by, {})
        return [SliceKey(by=by, value=value) for value, count in sorted(counts.items()) if count.n]

    def count(self, metric: str, key: SliceKey | None) -> Count:
        """Count how much of it a metric looks at."""
        population = self.population(metric)
        return population.whole if key is None else population.slices.get(key.by, {}).get(key.value, Count(0, 0))

    def effective_n(self, metric: str, key: SliceKey | None) -> float:
        """Return the effective n."""
        return max(1.0, self.count(metric, key).n / self.of(metric, key).design_effect)

    def n_clusters(self, metric: str, key: SliceKey | None) -> int:
        """Return the n of examples none of which differs: their clusters."""
        return max(1, self.count(metric, key).clusters)

    def mde(self, metric: str, key: SliceKey | None, *, confidence: float | None = None) -> float | None:
        """Return the smallest difference its examples tell with power 0.8.

        It is None without an example, and for a metric without a scale before a pilot.
        """
        spread = self.of(metric, key).spread
        if self.count(metric, key).n < 1 or spread is None:
            return None
        return smallest_detectable(
            self.effective_n(metric, key), spread=spread, confidence=confidence or self.confidence
        )

    def whole_pairs(self, metric: str, key: SliceKey | None) -> int:
        """Return the effective n in whole pairs."""
        return math.floor(self.effective_n(metric, key) + 1e-9)

    def power(self, metric: str, key: SliceKey | None, margin: float) -> float:
        """Return the chance that an unchanged yes/no metric proves a margin."""
        spread, alpha = self.of(metric, key).spread or 0.0, (1.0 - self.confidence) / 2.0
        return proof_power(self.whole_pairs(metric, key), margin=margin, discordance=spread, alpha=alpha)

    def examples_needed(self, metric: str, key: SliceKey | None, margin: float) -> int | None:
        """Return how many examples prove a margin with power 0.8.

        It is so if nothing changed: from there on `power` is 0.8 or more.

        On a graded metric by the normal formula, which has no use for more than the variance; None where that is not
        known.
        """
        likely = self.of(metric, key)
        if likely.spread is None:
            return None
        if likely.binary:
            alpha = (1.0 - self.confidence) / 2.0
            needed = proof_examples(margin, discordance=likely.spread, alpha=alpha)
        else:
            needed = examples_needed(margin, spread=likely.spread, confidence=self.confidence)
        return math.ceil(needed * likely.design_effect - 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One gate in one slice.

    It stands on the `n` examples in `n_clusters` clusters that its metric looks at.

    `mde` is the smallest difference told with power 0.8, in the metric's unit.

    From `n_needed` examples on an unchanged model passes with power 0.8 or more (or the floor is proven); `power` is
    its chance at this n. None where the gate has no such figure. `warning` says that the gate
    cannot decide, or hardly; empty if it can.
    """

    gate: str
    gate_index: int
    metric: str
    slice: SliceKey | None
    n: int
    n_clusters: int
    assumed: Assumed
    margin: float | None = None
    mde: float | None = None
    n_needed: int | None = None
    power: float | None = None
    warning: str = ""

    @property
    def cases(self) -> str:
        """How many, and in how many clusters where that is fewer."""
        apart = f" in {words.count(self.n_clusters, 'cluster')}" if self.n_clusters < self.n else ""
        return words.count(self.n, "case") + apart


def draft_forecast(ask: Outlook, gate: str, index: int, metric: str, key: SliceKey | None = None) -> Forecast:
    """Draft a forecast that knows how many examples there are.

    What they can tell is to come.
    """
    count = ask.count(metric, key)
    return Forecast(
        gate=gate,
        gate_index=index,
        metric=metric,
        slice=key,
        n=count.n,
        n_clusters=count.clusters,
        assumed=ask.of(metric, key),
    )
