"""Scorers that know how far to trust them: no gate takes one that says it is not good enough."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.errors import Problem
from evalkit.core.ports import UnsureScorer
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.suite.load import Suite


def unproven_judged(suite: Suite, scorers: Sequence[NamedScorer], problems: list[Problem]) -> None:
    """Check that no gate stands on a scorer that is not fit for one.

    Its figures are shown all the same where no gate asks for them.
    """
    owners = {named.metric_name(metric): named for named in scorers for metric in named.metrics}
    why: dict[str, str] = {}
    for index, gate in enumerate(suite.spec.gates):
        for name, keys in gate.metric_names():
            named = owners.get(name)
            if named is None or not isinstance(named.scorer, UnsureScorer):
                continue
            told = why.setdefault(named.name, named.scorer.not_to_gate)
            if told:
                problems.append(
                    Problem(
                        what=f"gate {gate.type}: {name!r} cannot gate: {told}",
                        where=suite.locate("gates", index, *keys),
                        todo="leave the gate out (the metric is shown all the same), or teach the scorer better",
                    )
                )
