"""Who a metric looks at, for a forecast: everybody, some, or the cases of one label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalkit.core.exchange import Example
from evalkit.core.ports import PartlyBasedScorer, Scorer
from evalkit.core.verdict import Metric
from evalkit.gates.expected import Count, Population
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.pipeline.suites.prepare import Prepared

_MEANS_OF_LABELS = ("macro_f1", "balanced_accuracy")


def population(suite: Prepared, named: NamedScorer | None = None, metric: Metric | None = None) -> Population:
    """Return who a scorer looks at, in all and by slice.

    None: everybody. With them stand the clusters that they come from.
    """
    rows = [at for at, example in enumerate(suite.examples) if named is None or named.applies(example)]
    scorer = named.scorer if named is not None else None
    if isinstance(scorer, PartlyBasedScorer) and metric is not None:
        rows = [at for at in rows if scorer.cases_behind(suite.examples[at], metric.part)]
    slices: dict[str, dict[str, Count]] = {}
    for by, values in suite.levels.items():
        members: dict[str, list[int]] = {}
        for at in rows:
            members.setdefault(values[at], []).append(at)
        slices[by] = {value: _count(suite, members.get(value, ()), named, metric) for value in sorted(set(values))}
    return Population(whole=_count(suite, rows, named, metric), slices=slices)


def special_populations(suite: Prepared) -> Iterator[tuple[str, Population]]:
    """Return the populations of metrics that skip some cases, by name."""
    for named in suite.scorers:
        labelled = isinstance(named.scorer, PartlyBasedScorer)
        for metric in named.metrics:
            if named.when or (labelled and metric.part):
                yield named.metric_name(metric), population(suite, named, metric)


def _count(suite: Prepared, rows: Sequence[int], named: NamedScorer | None, metric: Metric | None) -> Count:
    """How many cases, and clusters; a mean of labels is worth what its smallest labels allow: L^2 / sum(1 / n)."""
    whole = Count.of([suite.examples[at].unit for at in rows])
    if named is None or metric is None or metric.over is None or metric.part not in _MEANS_OF_LABELS or not rows:
        return whole
    sizes = [size for size in _sizes(named.scorer, metric, [suite.examples[at] for at in rows]) if size]
    if not sizes:
        return whole
    n = max(1, round(len(sizes) ** 2 / sum(1.0 / size for size in sizes)))
    return Count(n, max(1, round(n * whole.clusters / whole.n))) if n < whole.n else whole


def _sizes(scorer: Scorer, metric: Metric, examples: Sequence[Example]) -> list[int]:
    """How many cases each label has; none where the scorer does not say."""
    if not isinstance(scorer, PartlyBasedScorer) or metric.over is None:
        return []
    return [
        sum(scorer.cases_behind(example, f"recall.{label}") for example in examples) for label in metric.over.labels
    ]
