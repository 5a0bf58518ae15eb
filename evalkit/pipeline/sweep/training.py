"""What a user names becomes checkpoints: a folder, a fine-tuning job, or a model of models.yaml that names either."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import Problem, SuiteError, UsageError, did_you_mean
from evalkit.models.checkpoints import find_checkpoints
from evalkit.models.named import base_of
from evalkit.models.training import Training
from evalkit.pipeline.arms.nearest import nearest_file
from evalkit.pipeline.arms.roster import BASE, Roster, UnknownArm, absolute_spec, roster
from evalkit.pipeline.asking.run_arms import context_of
from evalkit.pipeline.options import Options
from evalkit.suite.spec import ModelSpec

_PART = re.compile(r"(\d+)(?:-(\d+))?")


def find_training(base: str, source: str, *, options: Options, steps: str | None = None) -> Training:
    """Find the checkpoints of what the user named.

    `steps` leaves only these: "500,1000" or "500-2000". Raises UsageError for what is no training, for steps that no
    checkpoint has and for a base that bears the name of one; ModelError for a job that cannot be looked up.
    """
    known = replace(roster(options.models), given=options.given_models)
    if known.wrong:
        raise SuiteError(known.wrong)
    spec = _spec_of(source, known, options)
    found = find_checkpoints(source, spec, base=_base_spec(base, known, spec), context=context_of(options))
    if found is None:
        raise UsageError(_no_training(source, known))
    found = found if steps is None else _within(found, steps)
    names = [facts.name for facts, _ in found.checkpoints]
    if base in names:
        what = f"the base {base!r} bears the name of a checkpoint of {source}"
        raise UsageError(Problem(what=what, todo="give the base another name in models.yaml, or its whole path"))
    return found


def _spec_of(source: str, known: Roster, options: Options) -> ModelSpec:
    """What models.yaml says of it, else the folder or the job itself."""
    if source not in known.specs and (folder := Path(source).expanduser()).is_dir():
        return ModelSpec(provider="local", model=str(folder.resolve()))
    try:
        return absolute_spec(known.arm(source))
    except UnknownArm as error:
        if source.startswith("ft") or ":" in source:
            raise
        raise UsageError(_no_training(source, known)) from error


def _base_spec(base: str, known: Roster, spec: ModelSpec) -> ModelSpec | None:
    """The base as far as it is named; one that is to be found beside the checkpoints is found later."""
    try:
        return absolute_spec(known.arm(base))
    except UnknownArm:
        return None if base != BASE else base_of(spec)


def _no_training(source: str, known: Roster) -> Problem:
    near = nearest_file(Path(source)) or did_you_mean(source, known.specs)
    return Problem(
        what=f"{source!r} is no training{near}",
        allowed="a folder with checkpoints, adapters or recordings; ftjob-ID; or a model of models.yaml that names one",
    )


def _within(found: Training, steps: str) -> Training:
    ranges = [_read_range(part.strip()) for part in steps.split(",")]
    there = [facts.step for facts, _ in found.checkpoints if facts.step is not None]
    empty = [f"{low}" if low == high else f"{low}-{high}" for low, high in ranges if not _hits(there, low, high)]
    if empty:
        what = f"--steps {steps}: {found.source} has no checkpoint at {', '.join(empty)}"
        raise UsageError(Problem(what=what, allowed=", ".join(map(str, there)) or "none has a step"))
    left = tuple(one for one in found.checkpoints if any(_hits([one[0].step], low, high) for low, high in ranges))
    chosen = found.trainers_choice if found.trainers_choice in {facts.name for facts, _ in left} else None
    return replace(found, checkpoints=left, trainers_choice=chosen, steps=steps)


def _read_range(part: str) -> tuple[int, int]:
    match = _PART.fullmatch(part)
    low, high = (int(match[1]), int(match[2] or match[1])) if match is not None else (1, 0)
    if low > high:
        allowed = "numbers and ranges of steps: 500,1000 or 500-2000"
        raise UsageError(Problem(what=f"--steps: {part!r} is no step", allowed=allowed))
    return low, high


def _hits(steps: Sequence[int | None], low: int, high: int) -> bool:
    return any(step is not None and low <= step <= high for step in steps)
