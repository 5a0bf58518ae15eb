"""The cases of a kept run, chosen by suite, state, tag and metric: what people look at, label and hand on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.columns import Comparison
from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Json
from evalkit.report.rows import case_rows
from evalkit.report.sections.cases import GROUPS, metric_groups
from evalkit.store.runs import Run

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to show; nothing chosen is all.

    Any of the suites, any of the states, of every tag one of its values. With a `metric` a case's state is what that
    metric alone says of it.
    """

    suites: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    metric: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenCases:
    """Rows that all have the same `columns`.

    With them stands the number of cases that they were chosen from.
    """

    rows: Sequence[Mapping[str, Json]]
    columns: tuple[str, ...]
    of: int


def choose_cases(run: Run, choice: CaseFilter) -> ChosenCases:
    """Choose the rows of a run that fit, in the data's order.

    UsageError, with every problem, for a suite, state, tag, value of a tag or metric that the run does not have: an
    empty table would read as "nothing broke".
    """
    comparisons = [one for one in run.comparisons if not choice.suites or one.suite in choice.suites]
    problems = _unknown("--suite ", "the run has no suite", choice.suites, [one.suite for one in run.comparisons])
    problems += _unknown("--state ", "there is no state", choice.states, GROUPS)
    if not problems:
        problems += _unknown_tags(choice.tags, comparisons)
        metrics = dict.fromkeys(name for one in comparisons for name in metric_groups(one))
        problems += _unknown("--metric ", "no case has the metric", [choice.metric] if choice.metric else [], metrics)
    if problems:
        raise UsageError(problems)
    rows = case_rows(comparisons, metric=choice.metric)
    kept = [row for row in rows if _fits(row, choice)]
    columns = tuple(rows[0]) if rows else ("id", "suite", "state")
    return ChosenCases(rows=kept, columns=columns, of=sum(len(one.examples) for one in comparisons))


def _fits(row: Mapping[str, Json], choice: CaseFilter) -> bool:
    if choice.states and row["state"] not in choice.states:
        return False
    return all(row.get(f"tag.{name}") in values for name, values in choice.tags.items())


def _unknown(option: str, what: str, given: Collection[str], known: Collection[str]) -> list[Problem]:
    return [
        Problem(what=f"{option}{word}: {what} {word!r}{did_you_mean(word, known)}", allowed=_some(known))
        for word in given
        if word not in known
    ]


def _unknown_tags(tags: Mapping[str, tuple[str, ...]], comparisons: Sequence[Comparison]) -> list[Problem]:
    known: dict[str, dict[str, None]] = {}
    for example in (example for one in comparisons for example in one.examples):
        for name, value in example.tags.items():
            known.setdefault(name, {})[value] = None
    problems = _unknown("--tag ", "no case has the tag", tags, known)
    for name, values in tags.items():
        problems += _unknown(f"--tag {name}=", f"no case has the {name}", values, known[name]) if name in known else []
    return problems


def _some(known: Collection[str]) -> str:
    words = list(known)
    more = f", ... ({len(words) - _SHOWN:,} more)" if len(words) > _SHOWN else ""
    return (join_allowed(words[:_SHOWN]) or "none") + more
