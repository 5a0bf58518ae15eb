"""What makes an arm more than its model: a prompt of its own, and what is made of its answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from evalkit.core.errors import Location, ModelError, Problem
from evalkit.core.exchange import Json, ModelIdentity
from evalkit.core.fingerprint import digest
from evalkit.pipeline.arms.roster import Arm
from evalkit.pipeline.arms.transforms import Transform, make_transform
from evalkit.pipeline.suites.few_shot import read_shots, shot_rows
from evalkit.pipeline.suites.prompt_parts import ArmPrompt
from evalkit.suite.prompt_spec import PromptSpec, TransformSpec

PROMPT, TRANSFORM = "prompt", "transform"
"""Keys of an identity's details, and of a recording's header"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """An arm's own prompt and transform; neither of most arms.

    `told` is what stands in reports and headers: enough to ask and to read the answers the same way again.
    """

    prompt: ArmPrompt | None = None
    transform: Transform | None = None
    told: Mapping[str, Json] = dataclasses.field(default_factory=dict)


PLAIN = Variant()


def variant_of(arm: Arm, identity: ModelIdentity) -> Variant:
    """Return an arm's variant: that of models.yaml, else that of its recording.

    Raises SuiteError where its files cannot be read, ModelError where a header's prompt is none.
    """
    prompt = arm_prompt(arm) or _read_prompt(identity)
    spec = arm.spec.transform if arm.spec.transform is not None else _read_transform(identity)
    transform = make_transform(spec) if spec is not None else None
    if prompt is None and transform is None:
        return PLAIN
    told: dict[str, Json] = {}
    if prompt is not None:
        told[PROMPT] = _tell(prompt)
    if transform is not None:
        told[TRANSFORM] = dict(transform.told)
    return Variant(prompt=prompt, transform=transform, told=told)


def arm_prompt(arm: Arm) -> ArmPrompt | None:
    """Return the prompt that models.yaml gives an arm; None where it gives none."""
    if arm.spec.prompt is None:
        return None

    def locate(part: str) -> Location | None:
        return arm.file.locate("models", arm.name, "prompt", part) if arm.file is not None else arm.where

    return ArmPrompt(spec=arm.spec.prompt, folder=arm.folder, locate=locate)


def vary(identity: ModelIdentity, variant: Variant) -> ModelIdentity:
    """Return the identity with the variant in it: another prompt is another arm.

    A recording that was made with this very variant has it in its fingerprint already.
    """
    if not variant.told:
        return identity
    known = {name: identity.details.get(name) for name in variant.told}
    if digest(known) == digest(variant.told):
        return identity
    fingerprint = digest([identity.fingerprint, variant.told])
    return dataclasses.replace(identity, fingerprint=fingerprint, details={**identity.details, **variant.told})


def _tell(prompt: ArmPrompt) -> dict[str, Json]:
    """The parts that the arm names, files read."""
    parts: dict[str, Json] = {name: getattr(prompt.spec, name) for name in sorted(prompt.spec.model_fields_set)}
    if parts.get("few_shot") is not None:
        where = prompt.locate("few_shot")
        parts["few_shot"] = shot_rows(read_shots(parts["few_shot"], folder=prompt.folder, where=where))
    return parts


def _read_prompt(identity: ModelIdentity) -> ArmPrompt | None:
    said = identity.details.get(PROMPT) if "recording" in identity.details else None
    if said is None:
        return None
    try:
        return ArmPrompt(spec=PromptSpec.model_validate(said), folder=Path())
    except ValidationError:
        raise ModelError(Problem(what=f"{_recording(identity)}: the header's `prompt` is none")) from None


def _read_transform(identity: ModelIdentity) -> TransformSpec | None:
    said = identity.details.get(TRANSFORM) if "recording" in identity.details else None
    if said is None:
        return None
    try:
        return TransformSpec.model_validate({key: value for key, value in said.items() if key != "function_version"})
    except (ValidationError, AttributeError):
        raise ModelError(Problem(what=f"{_recording(identity)}: the header's `transform` is none")) from None


def _recording(identity: ModelIdentity) -> str:
    return f"recording {identity.details.get('recording')}"
