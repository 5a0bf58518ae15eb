"""One arm through one suite: render, ask, read, score."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TypeVar

from evalkit.core.exchange import Json, Request, Response
from evalkit.core.packed import PackedRows
from evalkit.core.ports import Model, facts_of
from evalkit.data.conversations import is_run
from evalkit.models.provenance import tell_training
from evalkit.pipeline.arms.price import price_of
from evalkit.pipeline.arms.roster import Arm
from evalkit.pipeline.asking.adapted_parameters import find_adaptations, notes_of, tell_adaptations
from evalkit.pipeline.asking.arm_result import ArmResult, group_by_example, transform_answers
from evalkit.pipeline.asking.ask import Asking, ask
from evalkit.pipeline.asking.conversations import Conversations
from evalkit.pipeline.asking.measure import measure
from evalkit.pipeline.asking.read_answers import read_answers
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompt_parts import PromptParts
from evalkit.pipeline.suites.prompts import requests
from evalkit.pipeline.suites.turns import dialogues
from evalkit.pipeline.variants.variant import PLAIN, Variant, vary
from evalkit.suite.generate import arm_generate, written_by

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenArm:
    """An arm whose model is open.

    `turn` counts how often the same arm was named before: A/A takes other draws.
    """

    arm: Arm
    model: Model
    turn: int = 0
    variant: Variant = PLAIN
    training: Mapping[str, Json] = field(default_factory=dict)
    """What files that models.yaml names tell of its training, as details of who answers"""


def asks_by_letters(prepared: Prepared, models: Sequence[Model]) -> bool:
    """Tell whether choices are asked by letter.

    As the suite says, or (auto) when an arm cannot give log-likelihoods.
    """
    wish = prepared.suite.spec.generate.choices
    return wish == "letters" or (wish == "auto" and not all(model.scores_choices for model in models))


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRun:
    """One arm on its way through one suite.

    `waiting` is still to be asked; `said` are answers to single calls; `talks` holds those of conversations.
    """

    opened: OpenArm
    prepared: Prepared
    how: Asking
    talks: Conversations
    prompts: dict[str, str]
    waiting: Iterator[Request]
    said: PackedRows[Response]


def run_arm(opened: OpenArm, prepared: Prepared, *, how: Asking, letters: bool) -> ArmResult:
    """Ask and score one arm, with the digest of every prompt."""
    run = start_run(opened, prepared, how=how, letters=letters)
    ask_next(run)
    return finish_run(run)


def start_run(opened: OpenArm, prepared: Prepared, *, how: Asking, letters: bool) -> ArmRun:
    """Set out to ask one arm one suite; nothing is asked yet."""
    prompts: dict[str, str] = {}
    talks = open_conversations(opened, prepared)

    def note_requests() -> Iterator[Request]:
        for request in requests(
            prepared.suite,
            prepared.examples,
            letters=letters,
            first_repeat=opened.turn * prepared.suite.spec.repeats,
            own=opened.arm.spec.generate,
            prompt=opened.variant.prompt,
        ):
            if request.turn is not None:
                talks.open(request)
            else:
                prompts[request.example_id] = request.prompt_sha256
            yield request

    money = price_of(opened.arm.spec, opened.model)
    if how.budget is not None:
        how.budget.arm(price=money.price, guess=money.guess)
    return ArmRun(
        opened=opened,
        prepared=prepared,
        how=how,
        talks=talks,
        prompts=prompts,
        waiting=note_requests(),
        said=PackedRows(Response),
    )


def ask_next(run: ArmRun, most: int | None = None) -> Iterator[Response]:
    """Ask what waits, `most` requests of it, and lead conversations to their end.

    What was answered is kept in the run; returns it once more, made anew where it is looked at.
    """
    due = islice(run.waiting, most)
    model, how, before, first = run.opened.model, run.how, len(run.talks.answers), len(run.said)
    said = read_answers(ask(model, due, how=how), run.prepared.suite.spec.reading)
    for response in lead_conversations(said, run.talks, model, run.prepared, how=how):
        run.said.append(response)
    alone = (run.said[at] for at in range(first, len(run.said)))
    return chain(alone, run.talks.answers[before:])


def finish_run(run: ArmRun) -> ArmResult:
    """Score what was said."""
    opened, prepared, talks = run.opened, run.prepared, run.talks
    money = price_of(opened.arm.spec, opened.model)
    prompts = run.prompts | talks.prompts
    heard = read = group_by_example(_with_more(run.said, talks.answers), prepared.places)
    if talks.spoken:
        heard = group_by_example(_with_more(run.said, talks.spoken), prepared.places)
    answers = transform_answers(read, opened.variant.transform)
    changes = find_adaptations(heard.values())
    return ArmResult(
        identity=tell_adaptations(vary(tell_training(opened.model.identity, opened.training), opened.variant), changes),
        answers=answers,
        as_read=heard,
        prompts=prompts,
        measured=measure(
            prepared.examples,
            answers,
            scorers=prepared.plain_scorers,
            repeats=prepared.suite.spec.repeats,
            prices=money.of_answer,
            places=prepared.places,
        ),
        notes=(*notes_of(opened.model, changes), *(told := talks.notes(opened.arm.name))),
        told=told,
        price=money.of_answer,
        generate=arm_generate(prepared.suite.spec.generate, opened.arm.spec.generate),
        written=written_by(opened.arm.spec.generate),
    )


def _with_more(alone: PackedRows[Response], more: Sequence[Response]) -> PackedRows[Response]:
    """The answers to single calls, and those of conversations behind them."""
    if not more:
        return alone
    both = PackedRows(Response)
    for response in chain(alone, more):
        both.append(response)
    return both


def open_conversations(opened: OpenArm, prepared: Prepared) -> Conversations:
    """Find the rows of several calls, as this arm's prompt asks them."""
    if not any(is_run(example) for example in prepared.examples):
        return Conversations(dialogues={})
    whole = PromptParts(prepared.suite, opened.variant.prompt)
    found = dialogues(prepared.suite, prepared.examples, whole)
    return Conversations(dialogues=found, recorded=facts_of(opened.model).recorded)


def lead_conversations(
    said: Iterable[Response], talks: Conversations, model: Model, prepared: Prepared, *, how: Asking
) -> Iterator[Response]:
    """Give the answers that belong to no conversation.

    Then it asks round by round until no conversation is left.
    """
    for response in said:
        if talks.holds(response):
            talks.take(response)
        else:
            yield response
    while due := talks.draw_due():
        how.tally.total += sum(request.turn is not None and request.turn.step > 1 for request in due)
        for response in read_answers(ask(model, due, how=how), prepared.suite.spec.reading):
            talks.take(response)


def with_new_tally(
    how: Asking, *, total: int, arm: tuple[int, int] = (1, 1), suite: tuple[int, int] = (1, 1)
) -> Asking:
    """Give the asking a fresh tally for another arm or suite.

    Each tally says which of how many it is.
    """
    return dataclasses.replace(how, tally=type(how.tally)(total=total, arm=arm, suite=suite))


def number_all(many: Sequence[_Thing]) -> list[tuple[tuple[int, int], _Thing]]:
    """Number each: which of how many it is, counted from 1."""
    return [((number, len(many)), thing) for number, thing in enumerate(many, start=1)]
