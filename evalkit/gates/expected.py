"""What a suite is expected to show before anything is asked: sizes, assumptions, pilots."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.core.columns import Comparison
from evalkit.core.nouns import SliceKey
from evalkit.gates.no_regression import is_alarm, metrics_of
from evalkit.gates.view import view
from evalkit.stats.planning import examples_needed, smallest_detectable
from evalkit.stats.score import unchanged_examples
from evalkit.suite.spec import NoRegression, PolicySpec, SuiteSpec

Sizes = Mapping[str, Mapping[str, int]]
"""slice -> value -> how many examples"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What a metric is assumed to do, or was seen to do in a pilot.

    `spread` is the share of pairs that differ (yes/no) or the variance of the differences (graded); `design_effect` is
    what clusters cost: n divided by it is the effective n.
    """

    spread: float = 0.10
    binary: bool = True
    design_effect: float = 1.0
    piloted: bool = False


def pilot(comparison: Comparison, policy: PolicySpec) -> dict[str, Assumed]:
    """What an earlier comparison shows of each metric: how much differs, and what its clusters cost."""
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
class Expected:
    """A suite before it is asked: its sizes, what is assumed of its metrics, and how many alarms are listened to."""

    spec: SuiteSpec
    n: int
    sizes: Sizes
    known: Mapping[str, Assumed]
    default: Assumed
    confidence: float
    alarms: int

    def of(self, metric: str) -> Assumed:
        """What is assumed of a metric."""
        return self.known.get(metric, self.default)

    def keys(self, by: str) -> list[SliceKey | None]:
        """The values of a slice."""
        return [SliceKey(by=by, value=value) for value in sorted(self.sizes.get(by, {}))]

    def size(self, key: SliceKey | None) -> int:
        """How many examples it holds."""
        return self.n if key is None else self.sizes.get(key.by, {}).get(key.value, 0)

    def worth(self, metric: str, n: int) -> float:
        """The effective n."""
        return max(1.0, n / self.of(metric).design_effect)

    def mde(self, metric: str, n: int, *, confidence: float | None = None) -> float | None:
        """The smallest difference n examples tell with power 0.8; None without an example."""
        if n < 1:
            return None
        return smallest_detectable(
            self.worth(metric, n), spread=self.of(metric).spread, confidence=confidence or self.confidence
        )

    def needed(self, metric: str, margin: float, *, confidence: float, noise: float = 1.0) -> int:
        """How many examples prove a margin if nothing changed; yes/no never fewer than if not one of them differed.

        `noise` is how much more the figure varies than a mean of these examples.
        """
        likely = self.of(metric)
        needed = examples_needed(margin, spread=likely.spread * noise, confidence=confidence)
        least = unchanged_examples(margin, confidence=confidence) if likely.binary else 1
        return math.ceil(max(needed, least) * likely.design_effect - 1e-9)


def alarms(spec: SuiteSpec, sizes: Sizes) -> int:
    """How many (metric, slice value) cells are listened to."""
    cells = {
        (metric, by, value)
        for gate in spec.gates
        if isinstance(gate, NoRegression) and is_alarm(gate)
        for metric in metrics_of(gate)
        for by in gate.slices
        for value, n in sizes.get(by, {}).items()
        if n >= gate.min_n
    }
    return len(cells)
