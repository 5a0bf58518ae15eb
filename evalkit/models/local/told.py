"""What is told of a local model: beside the verdict from its files alone, and to who waits when it is loaded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.models.local.arm import LocalArm
from evalkit.models.local.prompt import Prompt
from evalkit.models.local.sampling import Draw, Row
from evalkit.models.local.shaping import LEFT_OUT, NEUTRAL, set_in
from evalkit.models.local.words import brings_tokenizer, difference, template_of

if TYPE_CHECKING:
    from evalkit.models.local.engine import Engine

EXACT = frozenset({"float32", "float64"})
ANSWERS, TOKENS = 8, 8


def notes(arm: LocalArm) -> tuple[str, ...]:
    """Return sentences for the reader of a verdict.

    They are the same whether answers are asked for or were kept.
    """
    return tuple(_notes(arm))


def _notes(arm: LocalArm) -> Iterator[str]:
    if arm.adapter is not None and (brings_tokenizer(arm.adapter) or template_of(arm.adapter)):
        clauses = difference(arm.adapter, arm.base)
        if clauses:
            yield f"{arm.name} is asked with what its adapter brings: {'; '.join(clauses)}"
    if how := _rounding(arm):
        yield (
            f"{arm.name} computes in {how}: an answer may depend on what is asked beside it; `deterministic: true` "
            "in models.yaml makes it independent"
        )
    config = {} if arm.embedded else arm.base.read_json("generation_config.json")
    if own := set_in(config, NEUTRAL):
        yield f"{arm.name}: {_list_all(own)} of its generation config counts only where `temperature` is null"
    if lost := set_in(config, LEFT_OUT):
        yield f"{arm.name}: {_list_all(lost)} of its generation config is left out"
    for form, text in arm.dates.items():
        yield f"the chat template of {arm.name} writes the date of today ({text!r}, as {form}) into every prompt"


def _rounding(arm: LocalArm) -> str:
    """The numbers that a batch may round otherwise; empty where it does not, or nothing is shared."""
    dtype = str(arm.fingerprint.parts["dtype"])
    if arm.spec.deterministic or (dtype in EXACT and arm.spec.quantization is None):
        return ""
    return dtype if arm.spec.quantization is None else f"{arm.spec.quantization} and {dtype}"


def _list_all(entries: dict[str, object]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in sorted(entries.items()))


def describe_loaded(engine: Engine, arm: LocalArm) -> Iterator[str]:
    """Yield sentences for who waits.

    They tell of a way that is slower than the fast one, and of measured batch invariance.
    """
    if engine.ways.sentence:
        yield f"{arm.base_label} is computed {engine.ways.sentence}: no quicker way gave its own logits"
    if how := _rounding(arm):
        equal = batch_invariance(engine, arm.adapter_key)
        yield (
            f"{arm.base_label} in {how}: {equal} of {ANSWERS} made-up answers are the same alone and in a batch; "
            "`deterministic: true` in models.yaml makes all answers so"
        )


def batch_invariance(engine: Engine, adapter: str | None) -> int:
    """Count the greedy answers that a batch does not change.

    `ANSWERS` made-up ones are answered in one batch and one at a time.
    """
    from evalkit.models.local.schedule import answer_rows

    rng = random.Random(5)
    prompts = [tuple(rng.randrange(engine.vocabulary) for _ in range(rng.randint(6, 24))) for _ in range(ANSWERS)]

    def rows() -> list[Row]:
        return [_row(number, ids) for number, ids in enumerate(prompts)]

    together = {row.prompt.request.example_id: row.tokens for row in answer_rows(engine, adapter, rows(), print)}
    alone = [next(answer_rows(engine, adapter, [row], print)) for row in rows()]
    return sum(together[row.prompt.request.example_id] == row.tokens for row in alone)


def _row(number: int, ids: tuple[int, ...]) -> Row:
    request = Request(
        example_id=str(number), messages=(Message(role="user", content=""),), sampling=Sampling(max_tokens=TOKENS)
    )
    return Row(
        prompt=Prompt(request=request, ids=ids),
        draw=Draw(temperature=0.0, top_p=1.0, uniform=random.random),
        limit=TOKENS,
        ends=frozenset(),
        stops=(),
        decode=lambda _: "",
    )
