"""Arms that a replay cannot find: no recording answers for them, and not one of their answers is kept."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.errors import Problem, UnsoundComparison, count_of
from evalkit.core.ports import facts_of
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.asking.run_arm import OpenArm


def refuse_unanswered(arms: Sequence[tuple[OpenArm, Sequence[ArmResult]]], *, suites: Sequence[str]) -> None:
    """Raise UnsoundComparison where arms of a replay have no answer.

    It is raised where they have not one answer in all suites, and tells all of them.
    """
    problems = [problem for arm, results in arms if (problem := _unanswered_problem(arm, results)) is not None]
    if problems:
        raise UnsoundComparison(problems, suites=dict.fromkeys(suites, tuple(problems)))


def _unanswered_problem(arm: OpenArm, results: Sequence[ArmResult]) -> Problem | None:
    if not facts_of(arm.model).kept:
        return None  # it answers from where it is: what is missing there has its own words
    failures = [row.failure for result in results for rows in result.answers.values() for row in rows]
    if not failures or any(failure is None or failure.kind != "missing" for failure in failures):
        return None
    name, asked = arm.arm.name, count_of(len(failures), "prompt")
    ask = "drop --replay (in pytest: add --evalkit-live) to ask it"
    if arm.turn:
        what = f"the arm {name!r}, named a second time, has no kept answers of its second turn to {asked}"
        return Problem(what=what, where=arm.arm.where, todo=ask)
    keep = f"or keep its answers with `evalkit record {name} -o FILE` and "
    keep += f"name FILE under `recording:` of {name!r}" if arm.arm.where else f"compare FILE instead of {name!r}"
    what = f"the arm {name!r} has no recording and no kept answers to any of {asked}"
    return Problem(what=what, where=arm.arm.where, todo=f"{ask}, {keep}")
