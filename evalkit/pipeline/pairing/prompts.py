"""The proof that an arm was asked what it should be, and what is meant to differ between two arms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.notes import Note
from evalkit.pipeline.arms.transforms import count_nothing
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompt_parts import PARTS
from evalkit.pipeline.suites.prompts import input_digest
from evalkit.pipeline.variants.variant import PROMPT, TRANSFORM

_SHOWN = 3
_LONGEST = 60
_SUITES = "the suite's"
_WORDS = {"few_shot": "solved examples"}


def prove_prompts(prepared: Prepared, arm: ArmResult, unsound: list[str], notes: list[str]) -> None:
    """Hold what every answer was given to against what its arm is asked.

    Another prompt or another input makes the comparison unsound; no digest is a note.
    """
    name = arm.identity.name
    examples = {example.id: example for example in prepared.examples}
    other: list[str] = []
    inputs, unknown, answered = [], 0, 0
    for example_id, response in _answers(arm):
        answered += 1
        if response.prompt_sha256 is None:
            unknown += 1
        elif response.prompt_sha256 != arm.prompts[example_id]:
            other.append(example_id)
        if _has_other_input(response, examples.get(example_id)):
            inputs.append(example_id)
    if inputs:
        unsound.append(
            f"{name}: {len(inputs)} of {answered} answers were given to other inputs than the rows of this suite "
            f"(first: {', '.join(inputs[:_SHOWN])}); record the model again with this data"
        )
    elif other:
        whose = "its own prompt asks" if PROMPT in arm.identity.details else "this suite asks"
        unsound.append(
            f"{name}: {len(other)} of {answered} answers were given to other prompts than {whose} "
            f"(first: {', '.join(other[:_SHOWN])}); record the model again with this suite"
        )
    if unknown:
        said = f"{name}: {unknown} of {answered} answers carry no digest of their prompt: same prompts not proven"
        notes.append(Note(said, kind="prompts_not_proven"))


def prove_transform(arm: ArmResult, unsound: list[str], notes: list[str]) -> None:
    """Tell answers in which the arm's transform found nothing.

    They count as empty; where it finds nothing at all the comparison is unsound.
    """
    if TRANSFORM not in arm.identity.details:
        return
    rows = [response for _, response in _answers(arm) if response.text is not None]
    nothing = count_nothing(rows)
    name = arm.identity.name
    if rows and nothing == len(rows):
        why = next(reason for reason in rows[0].taken if reason)
        unsound.append(f"{name}: its transform found nothing in any of {nothing} answers ({why})")
    elif nothing:
        notes.append(f"{name}: its transform found nothing in {nothing} of {len(rows)} answers, which count as empty")
    elif rows and not any(response.taken for response in rows):
        notes.append(f"{name}: its transform changed none of {len(rows)} answers")


def tell_meant_difference(base: ArmResult, candidate: ArmResult) -> list[str]:
    """Say which parts of the arms' own prompts and transforms differ.

    Nothing where neither arm has any.
    """
    one, two = base.identity.details, candidate.identity.details
    told = [
        f"{_WORDS.get(part, part)}: {_show(_part(one, part))} and {_show(_part(two, part))}"
        for part in PARTS
        if _part(one, part) != _part(two, part)
    ]
    if one.get(TRANSFORM) != two.get(TRANSFORM):
        told.append(f"transform: {_show(one.get(TRANSFORM))} and {_show(two.get(TRANSFORM))}")
    if not told:
        return []
    names = f"{base.identity.name} and {candidate.identity.name}"
    same = "" if prompts_differ(base, candidate) or not candidate.prompts else "; yet every prompt came out the same"
    text = f"{names} are asked the same rows and differ on purpose, as arms of their own ({'; '.join(told)}){same}"
    return [Note(text, kind="prompts_differ")]


def prompts_differ(base: ArmResult, candidate: ArmResult) -> bool:
    """Tell whether any row is asked in other words of the candidate."""
    return any(base.prompts.get(example_id) != sha for example_id, sha in candidate.prompts.items())


def _answers(arm: ArmResult) -> Iterator[tuple[str, Response]]:
    for example_id, rows in arm.answers.items():
        for response in rows:
            if response.failure is None:
                yield example_id, response


def _has_other_input(response: Response, example: Example | None) -> bool:
    return response.input_sha256 is not None and example is not None and response.input_sha256 != input_digest(example)


def _part(details: Mapping[str, Json], part: str) -> Json:
    """A part of an arm's own prompt; "the suite's" where it does not name it."""
    prompt: Mapping[str, Json] = details.get(PROMPT) or {}
    return prompt.get(part, _SUITES)


def _show(value: Json) -> str:
    """A part in a few words."""
    if value is None:
        return "none"
    if value == _SUITES:
        return _SUITES
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item!r}" for key, item in value.items())
    text = " ".join(str(value).split())
    return f"“{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}”"
