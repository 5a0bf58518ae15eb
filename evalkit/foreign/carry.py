"""Foreign arms into our own nouns: one data set, one suite, the responses of every arm."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.errors import Problem, UnsoundComparison, count_of
from evalkit.core.exchange import EMPTY, Example, Json, Message, Response
from evalkit.core.fingerprint import prompt_digest
from evalkit.core.on_disk import ManyRows
from evalkit.foreign.nouns import ForeignArm, ForeignRow, ScoreScale
from evalkit.foreign.paired_rows import Pairing, pair_rows
from evalkit.foreign.share import share_scores

_MOST_SLICES = 5
SCORED_BY = "scored_by"
"""The tag of cases that are not all scored by the same"""
NOT_SAID = "(the source does not say what was asked)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A data set after the import.

    A suite (YAML), its examples, and the responses by the name of the arm. They are made as they are gone over.
    """

    name: str
    suite: str
    examples: ManyRows[Example]
    responses: Mapping[str, ManyRows[Response]]
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
    on_disk: bool = False


def carry(arms: Sequence[tuple[str, ForeignArm]], plan: CarryPlan, *, data: str = "data.jsonl") -> Carried:
    """Join arms (by the names they go under); the first is the base.

    Raises UnsoundComparison: an id twice, no id in common, targets that differ.
    """
    pairing = pair_rows(arms, names=[*plan.scales], on_disk=plan.on_disk)
    problems = [*_in_common(arms, pairing)]
    if pairing.conflict is not None:
        names = " and ".join(name for name, _ in arms)
        differs = f"the target of {count_of(pairing.conflicts, 'case')} differs between {names}"
        what = f"{differs} (first: {pairing.conflict[1]!r})"
        problems.append(Problem(what=what, todo="compare results of one data set"))
    if problems:
        raise UnsoundComparison(problems, suites={plan.name: tuple(problems)})
    ordered = sorted(range(len(pairing.kinds)), key=pairing.order.__getitem__)
    kinds = [pairing.kinds[number] for number in ordered]
    unlike = any(kind != tuple(plan.scales) for kind in kinds)
    tags = [tag for tag in pairing.tags if tag != SCORED_BY]
    return Carried(
        name=plan.name,
        suite=suite_text(
            plan, repeats=pairing.most_repeats, tags=tags[:_MOST_SLICES], data=data, kinds=kinds if unlike else ()
        ),
        examples=_Examples([arm for _, arm in arms], pairing, unlike=unlike),
        responses={
            name: _Responses(arm.rows, repeats, plan)
            for (name, arm), repeats in zip(arms, pairing.repeats, strict=True)
        },
        notes=tuple(_coverage_notes(arms, pairing)),
    )


def carry_alone(name: str, arms: Sequence[tuple[str, ForeignArm]], *, on_disk: bool = False) -> Carried:
    """Carry answers without scores or targets.

    The responses alone, for a suite that is there already.
    """
    plan = CarryPlan(name=name, scales={}, margins={}, on_disk=on_disk)
    responses = {
        word: _Responses(arm.rows, pair_rows([(word, arm)], names=(), on_disk=on_disk).repeats[0], plan)
        for word, arm in arms
    }
    return Carried(name=name, suite="", examples=(), responses=responses)


def suite_text(
    plan: CarryPlan,
    *,
    repeats: int = 1,
    tags: Sequence[str] = (),
    data: str,
    kinds: Sequence[tuple[str, ...]] = (),
) -> str:
    """Write the suite as YAML: scores as `given`, no regression by the margin.

    `kinds` are the scores of cases, where these are not all scored by the same.
    """
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


def _in_common(arms: Sequence[tuple[str, ForeignArm]], pairing: Pairing) -> Iterator[Problem]:
    """A problem for each arm that shares not one id with the first."""
    for place, (name, _) in enumerate(arms[1:], start=1):
        if not pairing.common(0, place):
            some, other = (", ".join(pairing.some[at]) for at in (0, place))
            what = f"{arms[0][0]} and {name} have no id in common ({some} ...; {other} ...)"
            yield Problem(what=what, todo="name the column that both share: --columns id=COLUMN")


class _Examples:
    """One example an id, in the order of the first arm that has it."""

    def __init__(self, arms: Sequence[ForeignArm], pairing: Pairing, *, unlike: bool) -> None:
        self._arms = arms
        self._pairing = pairing
        self._unlike = unlike

    def __len__(self) -> int:
        return self._pairing.cases

    def __iter__(self) -> Iterator[Example]:
        late = iter(self._pairing.late)
        more = next(late, None)
        blank = (Message(role="user", content=NOT_SAID),)
        for number, (arm, firsts) in enumerate(zip(self._arms, self._pairing.firsts, strict=True)):
            for at, (row, first) in enumerate(zip(arm.rows, firsts, strict=True)):
                if not first:
                    continue
                asked, target = row.asked, row.target
                if more is not None and more.place == (number, at):
                    asked, target = asked or more.asked, more.target
                    more = next(late, None)
                scored = {SCORED_BY: _kind(self._pairing.kinds[first - 1])} if self._unlike else {}
                yield Example(
                    id=row.id,
                    messages=asked or blank,
                    target=target,
                    tags={**row.tags, **scored} if scored else row.tags,
                    cluster=row.cluster,
                )


class _Responses:
    """The responses of an arm, in the order of its rows."""

    def __init__(self, rows: ManyRows[ForeignRow], repeats: Sequence[int], plan: CarryPlan) -> None:
        self._rows = rows
        self._repeats = repeats
        self._plan = plan

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Response]:
        for row, repeat in zip(self._rows, self._repeats, strict=True):
            yield _response(row, repeat, self._plan)


def _response(row: ForeignRow, repeat: int, plan: CarryPlan) -> Response:
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
        repeat=repeat,
        text=None if row.failure is not None else text,
        tool_calls=row.tool_calls,
        scores=scores,
        failure=row.failure,
        usage=row.usage,
        latency_s=row.latency_s,
        prompt_sha256=prompt_digest(turns, remember=not plan.on_disk) if turns and row.failure is None else None,
        ended="normal" if row.failure is None and row.usage is None else None,
        suite=plan.name,
    )


def _coverage_notes(arms: Sequence[tuple[str, ForeignArm]], pairing: Pairing) -> Iterator[str]:
    base = arms[0][0]
    for place, (name, _) in enumerate(arms[1:], start=1):
        for one, other, some in ((0, place, (base, name)), (place, 0, (name, base))):
            if many := pairing.missing(one, other):
                yield f"{count_of(many, 'case')} of {some[0]} not in {some[1]}"
