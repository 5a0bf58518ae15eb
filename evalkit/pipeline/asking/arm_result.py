"""What asking one arm of one suite brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.exchange import ModelIdentity, Response
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


def group_by_example(responses: Sequence[Response]) -> dict[str, tuple[Response, ...]]:
    """Group responses by example id, repeats in order."""
    rows: dict[str, tuple[Response, ...]] = {}
    for response in responses:
        known = rows.get(response.example_id, ())
        rows[response.example_id] = (*known, response)
    for key, row in rows.items():
        if len(row) > 1:
            rows[key] = tuple(sorted(row, key=lambda r: r.repeat))
    return rows


def transform_answers(answers: Answers, transform: Transform | None) -> Answers:
    """Return the answers as the arm's transform leaves them."""
    if transform is None:
        return answers
    return {key: tuple(transform(response) for response in row) for key, row in answers.items()}
