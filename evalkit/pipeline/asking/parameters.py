"""Parameters that an API does not have are told before the first call, not by its first refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evalkit.core.errors import ModelError, Problem
from evalkit.core.ports import facts_of
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.options import Mode
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.suite.generate import GenerateSpec, arm_generate


def refuse_missing_parameters(arms: Sequence[OpenArm], suites: Sequence[Prepared], *, mode: Mode) -> None:
    """Raise ModelError where a suite asks for parameters that an API lacks.

    A model that knows says so: `check_sampling(generate)` returns a sentence for each. Nothing is asked in a replay.
    """
    if mode == "replay":
        return
    wrong = dict.fromkeys(problem for arm in arms for suite in suites for problem in _problems(arm, suite))
    if wrong:
        raise ModelError(wrong)


def _problems(arm: OpenArm, suite: Prepared) -> list[Problem]:
    check: Callable[[GenerateSpec], Sequence[str]] | None = getattr(arm.model, "check_sampling", None)
    if check is None or facts_of(arm.model).recorded:
        return []
    spec = suite.suite.spec
    return [
        Problem(
            what=f"model {arm.arm.name!r}, suite {spec.name!r}: {what}",
            where=arm.arm.where,
            todo="leave it out for this model in models.yaml: generate: {NAME: null}",
        )
        for what in check(arm_generate(spec.generate, arm.arm.spec.generate))
    ]
