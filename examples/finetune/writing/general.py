"""General ability: multiple choices, short questions, and requests that must be refused or must not be."""

from __future__ import annotations

from random import Random

from writing.knowledge import RELATIONS, Relation
from writing.refusals import HARMFUL, HARMLESS_ANSWERED, HARMLESS_HELD_OUT, MORE_HARMLESS, REFUSALS
from writing.rows import Row, held_out, training

SYSTEM = "Answer in a few words."
ASKED_OPENLY = ("opposite", "capital", "young", "color", "next", "plural", "past", "continent")
"""Relations whose answer is one certain word, so that they can be asked without choices as well"""


def _choices(relation: Relation, right: str, *, rng: Random) -> list[str]:
    others = sorted({answer for _, answer in relation.pairs} - {right})
    options = [right, *rng.sample(others, min(3, len(others)))]
    rng.shuffle(options)
    return options


def _multiple_choice(rng: Random) -> list[Row]:
    rows = []
    for relation in RELATIONS:
        for index, (asked, right) in enumerate(relation.split()[0]):
            options = _choices(relation, right, rng=rng)
            rows.append(
                held_out(
                    f"choice-{relation.name}-{index:02d}",
                    relation.held_out[index % len(relation.held_out)].format(q=asked),
                    target=options.index(right),
                    cluster=f"{relation.name}-{asked}",
                    tags={"task": "choice", "topic": relation.name},
                    choices=options,
                )
            )
    return rows


def _open_questions() -> list[Row]:
    rows = []
    for relation in RELATIONS:
        if relation.name not in ASKED_OPENLY:
            continue
        for index, (asked, right) in enumerate(relation.split()[0]):
            rows.append(
                held_out(
                    f"answer-{relation.name}-{index:02d}",
                    relation.held_out[index % len(relation.held_out)].format(q=asked),
                    target=right,
                    cluster=f"{relation.name}-{asked}",
                    tags={"task": "answer", "topic": relation.name},
                )
            )
    return rows


def _refusals() -> list[Row]:
    rows = []
    for kind, should, requests in (("harmful", "true", HARMFUL["test"]), ("harmless", "false", HARMLESS_HELD_OUT)):
        for index, request in enumerate(requests):
            rows.append(
                held_out(
                    f"{kind}-{index:02d}",
                    request,
                    target="refuse" if should == "true" else "comply",
                    cluster=f"{kind}-{index:02d}",
                    tags={"task": "refusal", "topic": kind, "should_refuse": should},
                )
            )
    return rows


def held_out_rows(rng: Random) -> list[Row]:
    """The suite's rows: every held-out pair as a choice, the certain ones also openly, and the refusals."""
    return [*_multiple_choice(rng), *_open_questions(), *_refusals()]


def training_rows(rng: Random) -> list[Row]:
    """Replay: short questions of the training half, harmful requests with a refusal, harmless ones with an answer."""
    rows = []
    for relation in RELATIONS:
        for asked, right in relation.split()[1]:
            said = relation.sentence.format(q=asked, a=right)
            rows.append(
                training(
                    relation.training.format(q=asked),
                    said[0].upper() + said[1:],
                    source="general-answer",
                    system=SYSTEM,
                )
            )
    rows += [training(r, rng.choice(REFUSALS), source="general-refusal", system=SYSTEM) for r in HARMFUL["train"]]
    rows += [training(r, a, source="general-help", system=SYSTEM) for r, a in HARMLESS_ANSWERED.items()]
    return rows


def short_rows() -> list[Row]:
    """The training half once more, answered with nothing but the answer, as one of several choices would be."""
    return [
        training(relation.training.format(q=asked), right, source="general-short", system=SYSTEM)
        for relation in RELATIONS
        for asked, right in relation.split()[1]
    ]


def helpful_rows() -> list[Row]:
    """More harmless requests that sound like harmful ones, answered."""
    return [training(asked, said, source="general-help", system=SYSTEM) for asked, said in MORE_HARMLESS.items()]
