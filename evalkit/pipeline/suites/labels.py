"""Set metrics of a suite: labels learned from its targets, and gates that can judge a figure of all cases at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evalkit.core.errors import Problem
from evalkit.core.exchange import Example
from evalkit.core.ports import Scorer, TargetScorer
from evalkit.gates.resolve import why_not_judged
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.suite.load import Suite

_NAME_THEM = "name the labels in `labels`, or look at the targets"


def learn_labels(
    suite: Suite,
    scorers: Sequence[NamedScorer],
    examples: Sequence[Example],
    problems: list[Problem],
    *,
    named_scorer: Callable[[NamedScorer, Scorer], NamedScorer],
) -> tuple[NamedScorer, ...]:
    """Return the scorers, with labels learned from targets where they take them.

    They are the labels of the rows that such a scorer looks at.
    """
    out = []
    for named in scorers:
        if isinstance(named.scorer, TargetScorer):
            try:
                learned = named.scorer.with_targets([example for example in examples if named.applies(example)])
            except ValueError as error:
                where = suite.locate("scorers", named.name)
                problems.append(Problem(what=f"scorer {named.name!r}: {error}", where=where, todo=_NAME_THEM))
                out.append(named)
                continue
            named = named_scorer(named, learned)
        out.append(named)
    return tuple(out)


def sets_judged(suite: Suite, scorers: Sequence[NamedScorer], problems: list[Problem]) -> None:
    """Check that no gate on means of cases judges a set metric.

    Such a gate cannot judge a figure of all cases at once; told before anything is asked.
    """
    metrics = {named.metric_name(metric): metric for named in scorers for metric in named.metrics}
    for index, gate in enumerate(suite.spec.gates):
        judges = getattr(gate, "judges", ())
        for name, keys in gate.metric_names():
            metric = metrics.get(name)
            if metric is None:
                continue
            why = why_not_judged(name, sets=metric.over is not None, either=metric.either, judges=judges)
            if why is not None:
                problems.append(
                    Problem(
                        what=f"gate {gate.type}: {why}",
                        where=suite.locate("gates", index, *keys),
                        allowed="no_regression, must_improve and floor judge figures of all cases",
                        todo=f"give this gate a metric that every case has a value of, such as {main_metric_of(name)}",
                    )
                )


def main_metric_of(metric: str) -> str:
    """Return the main metric of the scorer that a metric belongs to.

    The metric is a part of that scorer.
    """
    return metric.partition(".")[0]
