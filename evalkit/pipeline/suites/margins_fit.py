"""Margins that can never fail: larger than the scale of the metric they are meant for."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.errors import Problem
from evalkit.core.verdict import Metric
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.suite.load import Suite

_FIELDS = ("margin", "min_gain")


def margins_fit(suite: Suite, scorers: Sequence[NamedScorer], problems: list[Problem]) -> None:
    """Check that margins and gains are within their metric's scale.

    Each is at most what the scale reaches; told before anything is asked.
    """
    metrics = {named.metric_name(metric): metric for named in scorers for metric in named.metrics}
    for index, gate in enumerate(suite.spec.gates):
        for field in _FIELDS:
            margin = getattr(gate, field, None)
            for name, _ in gate.metric_names() if isinstance(margin, float | int) else ():
                reach = _reach(metrics[name]) if name in metrics else None
                if reach is not None and margin is not None and margin > reach:
                    problems.append(
                        Problem(
                            what=f"gate {gate.type}: a {field} of {margin:g} on {name} can never fail",
                            where=suite.locate("gates", index, field),
                            allowed=f"at most {reach:g}, all that its scale reaches",
                            todo=f'2 points of a rate are 0.02, and 5% of the base\'s value is {field}: "5%"',
                        )
                    )


def _reach(metric: Metric) -> float | None:
    if metric.binary:
        return 1.0
    return None if metric.low is None or metric.high is None else metric.high - metric.low
