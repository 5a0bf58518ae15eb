"""What the `groups` of a suite say beyond their shape: names that must exist, keys that need each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from evalkit.core.errors import Location, Problem, did_you_mean, join_allowed
from evalkit.suite.measured import BEHAVIOUR, MEASURED
from evalkit.suite.spec import SuiteSpec

Locate = Callable[..., Location]


def group_problems(spec: SuiteSpec, locate: Locate, *, scorers: Sequence[str] | None) -> Iterator[Problem]:
    """List every problem of the group tables of a suite.

    `scorers` are the names that there are, None when it may be any.
    """
    for place, metric in enumerate(spec.groups.metrics):
        scorer = metric.partition(".")[0]
        if scorers is not None and scorer not in scorers and metric not in (*MEASURED, *BEHAVIOUR):
            yield Problem(
                what=f"no scorer produces the metric {metric!r}{did_you_mean(scorer, scorers)}",
                where=locate("groups", "metrics", place),
                allowed=f"{join_allowed(scorers)} (or SCORER.PART), and {join_allowed((*MEASURED, *BEHAVIOUR))}",
            )
    chosen, where = spec.groups.selected, locate("groups", "selected")
    given = spec.groups.probability
    if given is not None:
        here, scorer = locate("groups", "probability"), given.partition(".")[0]
        if scorers is not None and scorer not in scorers:
            what = f"no scorer produces the metric {given!r}{did_you_mean(scorer, scorers)}"
            yield Problem(what=what, where=here, allowed=join_allowed(scorers))
        if chosen is None or chosen.label is None:
            what = "`probability` is that of a label, which `selected` must name"
            yield Problem(what=what, where=here, todo="add selected: {label: ...}")
    if chosen is None:
        return
    if (chosen.label is None) == (chosen.matches is None):
        yield Problem(what="`selected` needs either a label or a pattern (matches)", where=where)
    if chosen.matches is not None:
        if chosen.scorer is not None:
            yield Problem(what="a pattern is looked for in the answer, and needs no scorer", where=where)
        try:
            re.compile(chosen.matches)
        except re.error as error:
            yield Problem(what=f"not a regular expression: {error}", where=locate("groups", "selected", "matches"))
    elif scorers is not None and chosen.scorer is None and len(spec.scorers) > 1:
        what = "`selected` needs the scorer that reads its label"
        yield Problem(what=what, where=where, allowed=join_allowed(scorers))
    elif scorers is not None and chosen.scorer is not None and chosen.scorer not in scorers:
        yield Problem(
            what=f"no scorer {chosen.scorer!r}{did_you_mean(chosen.scorer, scorers)}",
            where=locate("groups", "selected", "scorer"),
            allowed=join_allowed(scorers),
        )
