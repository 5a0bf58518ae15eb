"""Whether the prompts of arms can be put around the rows of suites, before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalkit.core.errors import Problem
from evalkit.pipeline.arms.roster import Arm
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompts import prompt_problems
from evalkit.pipeline.variants.variant import arm_prompt

Found = Mapping[str, Sequence[Problem]]
"""What is wrong on one suite, by the name of the arm; nothing of an arm that fits"""


def own_prompt_problems(arm: Arm, suite: Prepared) -> list[Problem]:
    """List why an arm's own prompt does not fit a suite's rows.

    Also solved examples of the suite that are among its rows.
    """
    own = arm_prompt(arm)
    if own is None and suite.suite.spec.prompt.few_shot is None:
        return []
    whose = f"model {arm.name!r}, suite {suite.suite.spec.name!r}: " if own is not None else ""
    found = prompt_problems(suite.suite, suite.examples, prompt=own)
    return [replace(problem, what=f"{whose}{problem.what}") for problem in found]


def problems_by_arm(arms: Sequence[Arm], suite: Prepared) -> Found:
    """Return what is wrong with each arm's own prompt on a suite."""
    found = {arm.name: own_prompt_problems(arm, suite) for arm in arms if arm.spec.prompt is not None}
    return {name: problems for name, problems in found.items() if problems}


def find_misfits(found: Sequence[Found]) -> frozenset[str]:
    """Name the arms whose prompt fits no suite.

    What fits one is for that one.
    """
    names = {name for one in found for name in one}
    return frozenset(name for name in names if all(name in one for one in found))
