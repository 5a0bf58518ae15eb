"""Foreign arms into our own nouns: one data set, one suite, the responses of every arm."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.errors import Problem, UnsoundComparison, count_of
from evalkit.core.exchange import EMPTY, Example, Json, Message, Response
from evalkit.core.fingerprint import prompt_digest
from evalkit.foreign.nouns import ForeignArm, ForeignRow, ScoreScale
from evalkit.foreign.share import share_scores

_MOST_SLICES = 5
SCORED_BY = "scored_by"
"""The tag of cases that are not all scored by the same"""
NOT_SAID = "(the source does not say what was asked)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A data set after the import.

    A suite (YAML), its examples, and the responses by the name of the arm.
    """

    name: str
    suite: str
    examples: tuple[Example, ...]
    responses: Mapping[str, tuple[Response, ...]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryPlan:
    """How a data set is to be carried over.

    `asked_alike`: whether arms must have been asked the same.
    """

    name: str
    scales: Mapping[str, ScoreScale]
    margins: Mapping[str, float]
    scorers: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    asked_alike: bool = True
    about: str = ""


def carry(arms: Sequence[tuple[str, ForeignArm]], plan: CarryPlan, *, data: str = "data.jsonl") -> Carried:
    """Join arms (by the names they go under); the first is the base.

    Raises UnsoundComparison: an id twice, no id in common, targets that differ.
    """
    numbered = [(name, _number_repeats(name, arm.rows)) for name, arm in arms]
    problems = _in_common(numbered)
    groups = _score_names_by_case(numbered, [*plan.scales])
    examples, conflicts = _examples(numbered, groups)
    if conflicts:
        names = " and ".join(name for name, _ in numbered)
        what = f"the target of {count_of(len(conflicts), 'case')} differs between {names} (first: {conflicts[0]!r})"
        problems.append(Problem(what=what, todo="compare results of one data set"))
    if problems:
        raise UnsoundComparison(problems, suites={plan.name: tuple(problems)})
    repeats = 1 + max(row.repeat for _, rows in numbered for row in rows)
    responses = {name: tuple(_response(row, plan) for row in rows) for name, rows in numbered}
    tags = list(dict.fromkeys(tag for example in examples for tag in example.tags if tag != SCORED_BY))
    return Carried(
        name=plan.name,
        suite=suite_text(plan, repeats=repeats, tags=tags[:_MOST_SLICES], data=data, groups=groups),
        examples=examples,
        responses=responses,
        notes=tuple(_coverage_notes(numbered)),
    )


def carry_alone(name: str, arms: Sequence[tuple[str, ForeignArm]]) -> Carried:
    """Carry answers without scores or targets.

    The responses alone, for a suite that is there already.
    """
    numbered = [(arm, _number_repeats(arm, one.rows)) for arm, one in arms]
    plan = CarryPlan(name=name, scales={}, margins={})
    responses = {arm: tuple(_response(row, plan) for row in rows) for arm, rows in numbered}
    return Carried(name=name, suite="", examples=(), responses=responses)


def suite_text(
    plan: CarryPlan,
    *,
    repeats: int = 1,
    tags: Sequence[str] = (),
    data: str,
    groups: Mapping[str, tuple[str, ...]] | None = None,
) -> str:
    """Write the suite as YAML: scores as `given`, no regression by the margin.

    `groups` (id -> the names of its scores) are those of cases that are not all scored by the same.
    """
    kinds = list(dict.fromkeys((groups or {}).values()))
    out = ["evalkit: 1", f"name: {_quote(plan.name)}"]
    out += [f"description: {_quote(plan.about)}"] if plan.about else []
    out += [f"dataset: {{path: {_quote(data)}}}"]
    out += [f"repeats: {repeats}"] if repeats > 1 else []
    out.append("scorers:")
    for name, scale in plan.scales.items():
        ends: dict[str, Json] = {"yes_no": True} if scale.yes_no else {"low": scale.low, "high": scale.high}
        spec: dict[str, Json] = {"type": "given", "score": name, **ends, "better": scale.better}
        if kinds:
            spec["when"] = {SCORED_BY: [_kind(names) for names in kinds if name in names]}
        out.append(f"  {_quote(metric_of(name))}: {_flow(spec)}")
    out += [f"  {_quote(name)}: {_flow(dict(spec))}" for name, spec in plan.scorers.items()]
    if tags:
        out.append("slices:")
        out += [f"  - {{by: {_quote(tag)}}}" for tag in tags]
    out.append("gates:")
    metrics = {metric_of(name): plan.margins[name] for name in plan.scales}
    metrics |= {name: plan.margins[name] for name in plan.scorers}
    for name, margin in metrics.items():
        out.append(f"  - {{type: no_regression, metric: {_quote(name)}, margin: {json.dumps(margin)}}}")
    return "\n".join(out) + "\n"


def _score_names_by_case(
    arms: Sequence[tuple[str, Sequence[ForeignRow]]], names: Sequence[str]
) -> dict[str, tuple[str, ...]] | None:
    """The scores that a case has in any arm, by its id; None where every case has all. A failed call may have any."""
    found: dict[str, set[str]] = {}
    for _, rows in arms:
        for row in rows:
            found.setdefault(row.id, set()).update(row.scores)
    groups = {ident: tuple(name for name in names if name in has) or tuple(names) for ident, has in found.items()}
    return groups if any(group != tuple(names) for group in groups.values()) else None


def _kind(names: Sequence[str]) -> str:
    return " + ".join(names)


def metric_of(score: str) -> str:
    """Return the name of the metric of a score.

    A dot would part it from a scorer's name.
    """
    return score.replace(".", "_")


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _flow(value: Mapping[str, Json]) -> str:
    return "{" + ", ".join(f"{key}: {json.dumps(one, ensure_ascii=False)}" for key, one in value.items()) + "}"


def _number_repeats(name: str, rows: Sequence[ForeignRow]) -> list[ForeignRow]:
    """The rows with their repeats counted from 0, in the order of what the source calls them."""
    by_id: dict[str, list[ForeignRow]] = defaultdict(list)
    for row in rows:
        by_id[row.id].append(row)
    twice: list[Problem] = []
    for ident, several in by_id.items():
        if len(several) == 1:
            several[0].repeat = 0
            continue
        several.sort(key=lambda row: _order(row.repeat))
        for number, row in enumerate(several):
            before = several[number - 1] if number else None
            if before is not None and _order(before.repeat) == _order(row.repeat):
                what = f"{name}: the id {ident!r} stands twice ({before.where} and {row.where})"
                todo = "keep one of the two, or name the column that counts repeats: --columns repeat=COLUMN"
                twice.append(Problem(what=what, todo=todo))
                break
        for number, row in enumerate(several):
            row.repeat = number
    if twice:
        more = [Problem(what=f"and {len(twice) - 3:,} more ids of {name} stand twice")] if len(twice) > 3 else []
        raise UnsoundComparison([*twice[:3], *more])
    return list(rows)


def _order(repeat: object) -> tuple[int, float, str]:
    try:
        return 0, float(str(repeat)), ""
    except ValueError:
        return 1, 0.0, str(repeat)


def _in_common(arms: Sequence[tuple[str, Sequence[ForeignRow]]]) -> list[Problem]:
    """A problem for each arm that shares not one id with the first."""
    (base, rows), *others = arms
    known = {row.id for row in rows}
    problems = []
    for name, theirs in others:
        ids = {row.id for row in theirs}
        if ids.isdisjoint(known):
            some, other = (", ".join(sorted(side)[:3]) for side in (known, ids))
            what = f"{base} and {name} have no id in common ({some} ...; {other} ...)"
            problems.append(Problem(what=what, todo="name the column that both share: --columns id=COLUMN"))
    return problems


def _examples(
    arms: Sequence[tuple[str, Sequence[ForeignRow]]], groups: Mapping[str, tuple[str, ...]] | None
) -> tuple[tuple[Example, ...], list[str]]:
    """One example an id, in the order of the first arm that has it; and the ids whose targets differ."""
    first: dict[str, ForeignRow] = {}
    asked: dict[str, tuple[Message, ...]] = {}
    conflicts: dict[str, None] = {}
    for _, rows in arms:
        for row in rows:
            known = first.setdefault(row.id, row)
            if row.id not in asked and (turns := row.asked):
                asked[row.id] = turns
            if known is not row and None not in (known.target, row.target) and known.target != row.target:
                conflicts[row.id] = None
            if known is not row and known.target is None:
                known.target = row.target
    blank = (Message(role="user", content=NOT_SAID),)
    examples = tuple(
        Example(
            id=ident,
            messages=asked.get(ident, blank),
            target=row.target,
            tags=row.tags if groups is None else {**row.tags, SCORED_BY: _kind(groups[ident])},
            cluster=row.cluster,
        )
        for ident, row in first.items()
    )
    return examples, list(conflicts)


def _response(row: ForeignRow, plan: CarryPlan) -> Response:
    text = row.text
    if text is None and not row.scores and not row.tool_calls and row.failure is None:
        text = ""
    scores = row.scores if row.failure is None else EMPTY
    if len(scores) > 1:
        wanted = {name: scores[name] for name in plan.scales if name in scores}
        scores = share_scores({**wanted, **scores})
    turns = row.asked
    return Response(
        example_id=row.id,
        repeat=row.repeat,
        text=None if row.failure is not None else text,
        tool_calls=row.tool_calls,
        scores=scores,
        failure=row.failure,
        usage=row.usage,
        latency_s=row.latency_s,
        prompt_sha256=prompt_digest(turns) if turns and row.failure is None else None,
        ended="normal" if row.failure is None and row.usage is None else None,
        suite=plan.name,
    )


def _coverage_notes(arms: Sequence[tuple[str, Sequence[ForeignRow]]]) -> Iterable[str]:
    (base, rows), *others = arms
    known = {row.id for row in rows}
    for name, theirs in others:
        ids = {row.id for row in theirs}
        if known - ids:
            yield f"{count_of(len(known - ids), 'case')} of {base} not in {name}"
        if ids - known:
            yield f"{count_of(len(ids - known), 'case')} of {name} not in {base}"
