"""Metrics of consistency: what several answers to one question show beside their mean.

SCORER.pass_all   every repeat passes
SCORER.pass_K     pass^K: the chance that K answers drawn from the repeats all pass
SCORER.flip_rate  the share of pairs of repeats that disagree; lower is better
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from evalkit.core.errors import Problem
from evalkit.core.verdict import Metric
from evalkit.suite.load import Suite

PASS_ALL, FLIP_RATE = "pass_all", "flip_rate"
_NAME = re.compile(r"pass_all|flip_rate|pass_[1-9]\d*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """One metric of consistency.

    `of` is the metric whose repeats it looks at, `k` the answers of pass^k (None: another kind).
    """

    metric: Metric
    of: Metric
    k: int | None = None

    @property
    def kind(self) -> str:
        """pass_all, flip_rate or pass_K."""
        return self.metric.part.rpartition(".")[2]


def is_consistency(metric: str) -> bool:
    """Tell whether a name is one of a metric of consistency."""
    return "." in metric and _NAME.fullmatch(metric.rpartition(".")[2]) is not None


def consistency_metrics(
    name: str, metrics: Sequence[Metric], *, repeats: int, named: Collection[str]
) -> Iterator[Consistency]:
    """List the metrics of consistency of one scorer.

    Of its main metric always, of its parts and at a K where a gate names them (`named`). None where nothing is asked
    twice. A part of the scorer's own that is called so keeps its name.
    """
    if repeats < 2:
        return
    own = {metric.part for metric in metrics}
    for metric in (one for one in metrics if one.over is None):
        for kind in (*([PASS_ALL] if metric.binary else []), FLIP_RATE, *_sizes(metric, repeats, named)):
            part = f"{metric.part}.{kind}" if metric.part else kind
            always = not metric.part and kind in (PASS_ALL, FLIP_RATE)
            if part not in own and (always or f"{name}.{part}" in named):
                k = int(kind[5:]) if kind[5:].isdigit() else None
                yield Consistency(metric=_metric(metric, part, kind), of=metric, k=k)


def _sizes(metric: Metric, repeats: int, named: Collection[str]) -> list[str]:
    """The pass_K that gates name and that this many repeats can show."""
    kinds = {name.rpartition(".")[2] for name in named if is_consistency(name)} - {PASS_ALL, FLIP_RATE}
    return sorted(kind for kind in kinds if metric.binary and 2 <= int(kind[5:]) <= repeats)


def _metric(of: Metric, part: str, kind: str) -> Metric:
    if kind == PASS_ALL:
        return replace(of, part=part, higher_is_better=True, binary=True, about="every repeat passes")
    about = "pairs of repeats that disagree" if kind == FLIP_RATE else f"pass^{kind[5:]}"
    return Metric(part=part, higher_is_better=kind != FLIP_RATE, binary=False, about=about, low=0.0, high=1.0)


def unguarded_consistency(suite: Suite, yes_no: Collection[str]) -> list[Problem]:
    """Advise suites that ask more than once and gate on means.

    Gates on a mean do not see answers that became a matter of luck. `yes_no` are the scorers whose main metric is a yes
    or a no.
    """
    if suite.spec.repeats < 2:
        return []
    named = {metric: index for index, gate in suite.spec.all_gates() for metric, _ in gate.metric_names()}
    looked = {metric.rpartition(".")[0] for metric in named if is_consistency(metric)}
    return [
        Problem(
            what=f"repeats: {suite.spec.repeats}, but no gate looks at how consistent {metric!r} is: a model that is "
            "always right on 80% of cases and one that is right 80% of the time on all of them have the same mean",
            where=suite.locate("gates", index),
            todo=f"add a gate on {metric}.{PASS_ALL} (every repeat right), {metric}.pass_2 or {metric}.{FLIP_RATE}",
        )
        for metric, index in named.items()
        if metric in yes_no and metric not in looked
    ]
