"""Training rows are asked as suites of their own, behind the others: one as they stand, one with the answer begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalkit.core.exchange import EMPTY
from evalkit.core.ports import facts_of
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.asking.run_arms import Duel
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.training_sample import ASKED, PREFIX, asked_examples, begun_examples, derive_suite, name_of


def with_training(suites: Sequence[Prepared], arms: Sequence[OpenArm]) -> tuple[Prepared, ...]:
    """Return the suites, and behind them those of their training rows.

    A completion is begun in the assistant's own turn where all arms go on with one, and none has a prompt of its own
    that would take its place; else in words.
    """
    return (*suites, *(part for suite in suites for part in training_parts(suite, arms).values()))


def training_parts(prepared: Prepared, arms: Sequence[OpenArm]) -> dict[str, Prepared]:
    """Return what a suite asks of training rows, by the way it is asked.

    Empty where it asks none.
    """
    sample, spec = prepared.training, prepared.suite.spec.training
    if sample is None or spec is None:
        return {}
    own = any(arm.variant.prompt is not None for arm in arms)
    all_can = all(facts_of(arm.model).continues for arm in arms)
    continued = not own and (spec.continued == "continue" or (spec.continued == "auto" and all_can))
    asked = replace(
        prepared,
        suite=derive_suite(prepared.suite, ASKED),
        examples=asked_examples(prepared.suite, sample),
        scorers=sample.scorers,
        levels={},
        notes=(),
        places=EMPTY,
        held_out=None,
        training=None,
    )
    begun = tuple(begun_examples(prepared.suite, sample, continued=continued))
    if not begun:
        return {ASKED: asked}
    return {
        ASKED: asked,
        PREFIX: replace(asked, suite=derive_suite(prepared.suite, PREFIX), examples=begun, scorers=()),
    }


def fold_training(duels: Sequence[Duel], suites: Sequence[Prepared]) -> list[Duel]:
    """Put the duels over training rows to the suites they belong to.

    They come behind those of the suites.
    """
    own = {duel.prepared.suite.spec.name: duel for duel in duels[len(suites) :]}
    out = []
    for duel in duels[: len(suites)]:
        name = duel.prepared.suite.spec.name
        mine = {way: found for way in (ASKED, PREFIX) if (found := own.get(name_of(name, way))) is not None}
        out.append(replace(duel, training=mine))
    return out
