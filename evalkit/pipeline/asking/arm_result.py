"""What asking one arm of one suite brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from evalkit.core.exchange import ModelIdentity, Response
from evalkit.core.packed import PackedRows, PackedTable, number_ids
from evalkit.pipeline.arms.transforms import Transform
from evalkit.pipeline.asking.measure import ArmScores
from evalkit.suite.generate import GenerateSpec

Answers = Mapping[str, tuple[Response, ...]]
"""Example id -> one response a repeat"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """One arm of one suite: who answered, what, and the numbers."""

    identity: ModelIdentity
    answers: Answers
    measured: ArmScores
    notes: tuple[str, ...] = ()
    price: Callable[[Response], float | None] = lambda _: None
    generate: GenerateSpec = field(default_factory=GenerateSpec)
    """How it was asked: the suite's `generate` and over it the arm's own"""
    written: frozenset[str] = frozenset()
    """Parameters that the arm says itself, in models.yaml"""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """Example id -> digest of what this arm is asked"""
    as_read: Answers = field(default_factory=dict)
    """The answers before the arm's transform: those that a recording keeps, every call of a conversation by its row"""
    told: tuple[str, ...] = ()
    """Of `notes`, those about conversations"""


def group_by_example(responses: PackedRows[Response], places: Mapping[str, int]) -> Answers:
    """Group responses by example id, in the order of `places`; repeats in order."""
    rows = [(response.example_id, response.repeat) for response in responses]
    known = places if all(key in places for key, _ in rows) else number_ids(key for key, _ in rows)
    order = sorted(range(len(rows)), key=lambda at: (known[rows[at][0]], rows[at][1]))
    if order == [*range(len(rows))]:
        return PackedTable.over(Response, known, responses, (key for key, _ in rows))
    table = PackedTable(Response, known)
    for key, same in groupby(order, key=lambda at: rows[at][0]):
        table.add(key, (responses[at] for at in same))
    return table


def transform_answers(answers: Answers, transform: Transform | None) -> Answers:
    """Return the answers as the arm's transform leaves them."""
    if transform is None:
        return answers
    table = PackedTable(Response, number_ids(answers))
    for key, row in answers.items():
        table.add(key, map(transform, row))
    return table
