"""The cases: what broke, what was fixed, what stayed wrong or right, with both answers side by side."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import overload

from evalkit.core.answers import answer_text
from evalkit.core.blocks import Block, Case, Cases, Group
from evalkit.core.columns import Comparison, PairedColumn
from evalkit.core.exchange import EMPTY, Example, Json, Response
from evalkit.core.indented_json import indent_json
from evalkit.core.verdict import Score, Verdict
from evalkit.reading.ending import ending_of
from evalkit.report import figures
from evalkit.report.case_evidence import CaseEvidence
from evalkit.report.numbers import numbers_of
from evalkit.report.read_levels import read_levels
from evalkit.report.turns import last_question, tell_turns

GROUPS: tuple[Group, ...] = ("broken", "fixed", "both_wrong", "both_right", "failed")
_ENDED = {"normal": "", "cut": "cut at max_tokens", "cut_thinking": "cut while thinking", "filtered": "filtered"}
Groups = dict[str, list[Group | None]]
Shown = tuple[str, str, str]
"""A metric, and the figure of each arm"""


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return all cases of a suite, the gravest finding's broken ones first."""
    if comparison is None or not comparison.examples:
        return []
    sorting = _Sorting.of(comparison)
    groups = [GROUPS.index(sorting.group(comparison, at)) for at in range(len(comparison.examples))]
    worst = _places(verdict)
    ids = [example.id for example in comparison.examples]
    order = array("I", sorted(range(len(ids)), key=lambda at: (groups[at], worst.get(ids[at], len(worst)))))
    counts = Counter(groups)
    return [
        Cases(
            heading="Cases",
            cases=_MadeCases(comparison, sorting, order),
            known_ids=[ids[at] for at in order],
            counts={group: counts[at] for at, group in enumerate(GROUPS)},
            numbers=tuple(numbers_of(comparison, order)),
        )
    ]


class _MadeCases(Sequence[Case]):
    """Cases that are made where they are looked at; a page has room for one, however many there are."""

    def __init__(self, comparison: Comparison, sorting: _Sorting, order: Sequence[int]) -> None:
        self._comparison, self._sorting, self._order = comparison, sorting, order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, at: int) -> Case: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Case]: ...
    def __getitem__(self, at: int | slice) -> Case | Sequence[Case]:
        if isinstance(at, slice):
            return _MadeCases(self._comparison, self._sorting, self._order[at])
        return _case(self._comparison, self._order[at], self._sorting)


def all_cases(comparison: Comparison) -> Iterator[Case]:
    """Give every example of a comparison as a case, in data order."""
    sorting = _Sorting.of(comparison)
    return (_case(comparison, at, sorting) for at in range(len(comparison.examples)))


def find_broken_cases(comparison: Comparison | None, verdict: Verdict, *, most: int) -> tuple[list[Case], int]:
    """Return the first `most` broken cases, and how many there are.

    Those named by the gravest finding come first.
    """
    if comparison is None:
        return [], 0
    sorting = _Sorting.of(comparison)
    rows = [at for at in range(len(comparison.examples)) if sorting.group(comparison, at) == "broken"]
    worst = _places(verdict)
    rows.sort(key=lambda at: worst.get(comparison.examples[at].id, len(worst)))
    return [_case(comparison, at, sorting) for at in rows[:most]], len(rows)


@dataclass(frozen=True, slots=True)
class _Sorting:
    """What is computed once for all cases of a comparison."""

    groups: Groups
    main: Sequence[str]
    scores: Mapping[str, Sequence[Shown]]
    levels: Mapping[str, Sequence[str]]
    """What suites cut by that is no tag as it stands"""
    alone: bool
    """Whether every case is a unit of its own"""
    failed: Set[str]
    """The ids of cases with a failed call"""
    known: dict[tuple[Group | None, ...], dict[str, Group]] = field(default_factory=dict)
    """What `of_metrics` said: few patterns, however many cases"""

    @classmethod
    def of(cls, comparison: Comparison) -> _Sorting:
        groups = metric_groups(comparison)
        return cls(
            groups,
            main_metrics(comparison),
            {name: _show_column(name, comparison.columns[name]) for name in groups},
            {
                **{name: of for name, of in comparison.levels.items() if not _are_tags(name, of, comparison.examples)},
                **read_levels(comparison),
            },
            len({*comparison.clusters}) == len(comparison.clusters),
            _find_failed(comparison),
        )

    def of_metrics(self, at: int) -> dict[str, Group]:
        """By metric that the case is paired on, its group there."""
        pattern = tuple(row[at] for row in self.groups.values())
        if pattern not in self.known:
            both = zip(self.groups, pattern, strict=True)
            self.known[pattern] = {name: group for name, group in both if group is not None}
        return self.known[pattern]

    def group(self, comparison: Comparison, at: int) -> Group:
        """One broken metric makes a broken case; a case with a failed call is neither right nor wrong."""
        mine = self.of_metrics(at)
        mine = {name: mine[name] for name in self.main if name in mine}
        if not mine or comparison.examples[at].id in self.failed:
            return "failed"
        return next(group for group in ("broken", "fixed", "both_wrong", "both_right") if group in mine.values())


def _are_tags(name: str, levels: Sequence[str], examples: Sequence[Example]) -> bool:
    """Whether a slice is a tag as it stands: neither binned nor folded, and no intersection."""
    return all(
        level == (example.tags.get(name) or "(missing)") for level, example in zip(levels, examples, strict=True)
    )


def main_metrics(comparison: Comparison) -> list[str]:
    """Return the metrics that decide a case's group.

    The scorers' own yes/no values, or all their values if none is yes/no.
    """
    own = [name for name in comparison.columns if name in comparison.base_scores]
    yes_no = [name for name in own if comparison.columns[name].binary]
    return yes_no or own


def metric_groups(comparison: Comparison) -> Groups:
    """Return each example's group, by metric.

    Worse in the candidate is broken, better is fixed; None where not paired.
    """
    return {name: _groups(column) for name, column in comparison.columns.items() if figures.unit(name) is None}


def _groups(column: PairedColumn) -> list[Group | None]:
    sign = 1.0 if column.higher_is_better else -1.0
    base, candidate = sign * column.base.values, sign * column.candidate.values
    out: list[Group | None] = []
    for one, two, counts in zip(base.tolist(), candidate.tolist(), column.paired.tolist(), strict=True):
        right = one >= 0.5 if column.higher_is_better else one > -0.5
        same: Group = "both_right" if right else "both_wrong"
        out.append(None if not counts else "broken" if two < one else "fixed" if two > one else same)
    return out


def _case(comparison: Comparison, at: int, sorting: _Sorting) -> Case:
    example, mine = comparison.examples[at], sorting.of_metrics(at)
    base_rows = comparison.base_responses.get(example.id, ())
    candidate_rows = comparison.candidate_responses.get(example.id, ())
    base, candidate = (rows[0] if rows else None for rows in (base_rows, candidate_rows))
    scores, now_scores = (_of_case(of, example.id) for of in (comparison.base_scores, comparison.candidate_scores))
    group = sorting.group(comparison, at)
    said, now_said = answer_text(base, comparison.base_scores), answer_text(candidate, comparison.candidate_scores)
    wanted = target_text(example)
    return Case(
        id=example.id,
        group=group,
        prompt=last_question(example),
        expected=wanted,
        base=said,
        candidate=now_said,
        scores=tuple(sorting.scores[name][at] for name in mine),
        tags=example.tags,
        evidence={}  # where both are right there is nothing to explain
        if group == "both_right"
        else CaseEvidence(scores, now_scores, (said, now_said, wanted)),
        turns=tell_turns(example, base, candidate),
        base_calls=_calls(base) or _written_calls(scores),
        candidate_calls=_calls(candidate) or _written_calls(now_scores),
        groups=mine,
        status=(_status(base), _status(candidate)),
        thoughts=(_thought(base), _thought(candidate)),
        repeats=(
            _repeats(base_rows, scores, sorting.main),
            _repeats(candidate_rows, now_scores, sorting.main),
        ),
        cluster="" if sorting.alone or example.cluster is None else example.cluster,
        levels={name: of[at] for name, of in sorting.levels.items()} if sorting.levels else EMPTY,
    )


def _of_case(scores: Mapping[str, Mapping[str, Sequence[Score]]], example: str) -> dict[str, Sequence[Score]]:
    """Scorer -> one score a repeat, of the scorers that apply to a case."""
    return {name: found for name, rows in scores.items() if (found := rows.get(example))}


def _find_failed(comparison: Comparison) -> Set[str]:
    return {
        example
        for answers in (comparison.base_responses, comparison.candidate_responses)
        for example, rows in answers.items()
        if any(response.failure is not None for response in rows)
    }


def _places(verdict: Verdict) -> dict[str, int]:
    """How early each example is named by the findings, the grave ones first."""
    findings = sorted(
        verdict.suites[0].findings, key=lambda finding: finding.state in ("PASS", "IMPROVED", "TOO_SMALL")
    )
    named = dict.fromkeys(example for finding in findings for example in finding.examples)
    return {example: at for at, example in enumerate(named)}


def _repeats(
    rows: Sequence[Response], scores: Mapping[str, Sequence[Score]], main: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Every answer of an arm that was asked more than once, with what the main metrics say of each."""
    if len(rows) < 2:
        return ()
    out = []
    for response in rows:
        said = response.text or "\n".join(f"{call.name}({call.arguments})" for call in response.tool_calls)
        values = [
            f"{name} {figures.number(score.value)}"
            for name in main
            for score in scores.get(name, ())
            if score.repeat == response.repeat
        ]
        out.append((said or _status(response), ", ".join(values)))
    return tuple(out)


def _calls(response: Response | None) -> tuple[tuple[str, str], ...]:
    return tuple((call.name, call.arguments) for call in response.tool_calls) if response is not None else ()


def _written_calls(scores: Mapping[str, Sequence[Score]]) -> tuple[tuple[str, str], ...]:
    """Calls that stand in the text, as the first scorer that read any found them."""
    for rows in scores.values():
        calls = rows[0].evidence.get("calls") if rows and rows[0].evidence.get("dialect") else None
        made = [
            call["got"] for call in calls or () if isinstance(call, Mapping) and isinstance(call.get("got"), Mapping)
        ]
        if made:
            return tuple((str(one.get("name")), _raw(one)) for one in made)
    return ()


def _raw(call: Mapping[str, Json]) -> str:
    return str(call["raw"]) if "raw" in call else json.dumps(call.get("arguments", {}), ensure_ascii=False)


def _status(response: Response | None) -> str:
    if response is None:
        return "no answer"
    if response.failure is not None:
        return f"{response.failure.kind}: {response.failure.message}"
    if response.refusal is not None:
        return "refused"
    return _ENDED[response.ended or ending_of(response)]


def _thought(response: Response | None) -> str:
    """What was thought, under how many tokens the server counted for it and what was taken out of the text."""
    if response is None or not (response.thought or response.taken):
        return ""
    counted = response.usage.reasoning if response.usage is not None else None
    head = [f"[{counted:,} tokens]"] if counted else []
    head += [f"[{sentence}]" for sentence in response.taken]
    return "\n".join([*head, response.thought or ""]).strip()


def target_text(example: Example) -> str:
    """Return the target as text: the right choice, the text, or JSON."""
    target = example.target
    if target is None:
        return ""
    if example.choices and isinstance(target, int) and 0 <= target < len(example.choices):
        return example.choices[target]
    if example.choices and isinstance(target, list) and all(type(one) is int for one in target):
        return ", ".join(example.choices[one] for one in target)
    return target if isinstance(target, str) else indent_json(target)


def _show_column(name: str, column: PairedColumn) -> list[Shown]:
    """By example: the metric and both arms' figures; one tuple for all cases that have the same."""
    both = zip(column.base.values.tolist(), column.candidate.values.tolist(), strict=True)
    known: dict[tuple[float, float], Shown] = {}
    out = []
    for pair in both:
        if pair not in known:
            known[pair] = (name, _figure(column, pair[0]), _figure(column, pair[1]))
        out.append(known[pair])
    return out


def _figure(column: PairedColumn, value: float) -> str:
    if column.binary and value in (0.0, 1.0):
        return "1" if value else "0"
    return figures.number(value)
