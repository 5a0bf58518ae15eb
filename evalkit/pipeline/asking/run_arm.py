"""One arm through one suite: render, ask, read, score."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from evalkit.core.exchange import Request, Response
from evalkit.core.ports import Model
from evalkit.pipeline.arms.price import price_of
from evalkit.pipeline.arms.roster import Arm
from evalkit.pipeline.asking.adapted_parameters import find_adaptations, notes_of, tell_adaptations
from evalkit.pipeline.asking.arm_result import ArmResult, group_by_example, transform_answers
from evalkit.pipeline.asking.ask import Asking, ask
from evalkit.pipeline.asking.measure import measure
from evalkit.pipeline.asking.read_answers import read_answers
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompts import requests
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


def asks_by_letters(prepared: Prepared, models: Sequence[Model]) -> bool:
    """Tell whether choices are asked by letter.

    As the suite says, or (auto) when an arm cannot give log-likelihoods.
    """
    wish = prepared.suite.spec.generate.choices
    return wish == "letters" or (wish == "auto" and not all(model.scores_choices for model in models))


def run_arm(opened: OpenArm, prepared: Prepared, *, how: Asking, letters: bool) -> ArmResult:
    """Ask and score one arm, with the digest of every prompt."""
    prompts: dict[str, str] = {}

    def note_requests() -> Iterator[Request]:
        for request in requests(
            prepared.suite,
            prepared.examples,
            letters=letters,
            first_repeat=opened.turn * prepared.suite.spec.repeats,
            own=opened.arm.spec.generate,
            prompt=opened.variant.prompt,
        ):
            prompts[request.example_id] = request.prompt_sha256
            yield request

    money = price_of(opened.arm.spec, opened.model)
    if how.budget is not None:
        how.budget.arm(price=money.price, guess=money.guess)
    read = group_by_example(read_answers(ask(opened.model, note_requests(), how=how), prepared.suite.spec.reading))
    answers = transform_answers(read, opened.variant.transform)

    def price(response: Response) -> float | None:
        return None if response.usage is None else money.price(response.usage)

    changes = find_adaptations(answers.values())
    return ArmResult(
        identity=tell_adaptations(vary(opened.model.identity, opened.variant), changes),
        answers=answers,
        as_read=read,
        prompts=prompts,
        measured=measure(
            prepared.examples,
            answers,
            scorers=prepared.plain_scorers,
            repeats=prepared.suite.spec.repeats,
            prices=price,
        ),
        notes=notes_of(opened.model, changes),
        price=price,
        generate=arm_generate(prepared.suite.spec.generate, opened.arm.spec.generate),
        written=written_by(opened.arm.spec.generate),
    )


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
