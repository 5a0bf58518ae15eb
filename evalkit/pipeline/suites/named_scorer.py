"""A scorer as a suite names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.core.exchange import Example
from evalkit.core.ports import Scorer
from evalkit.core.verdict import Metric
from evalkit.pipeline.suites.consistency import Consistency


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedScorer:
    """A scorer as the suite names it.

    `when` limits it to examples whose tags have one of the values.
    """

    name: str
    type: str
    scorer: Scorer
    when: Mapping[str, tuple[str, ...]]
    metrics: tuple[Metric, ...]
    """The scorer's own, and behind them those of `consistency`"""
    consistency: tuple[Consistency, ...] = ()
    """What its repeats show beside their mean; nothing where a suite asks once"""

    def applies(self, example: Example) -> bool:
        """Tell whether this scorer looks at this example at all."""
        return has_tags(example, self.when)

    def metric_name(self, metric: Metric) -> str:
        """Name the metric as SCORER or SCORER.PART."""
        return f"{self.name}.{metric.part}" if metric.part else self.name


def has_tags(example: Example, when: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether every tag named has one of its values."""
    return not when or all(example.tags.get(tag) in values for tag, values in when.items())
