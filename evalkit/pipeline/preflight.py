"""What a run needs before it opens a model: suites that can run, arms that mean something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalkit.core.errors import EvalkitError, SuiteError
from evalkit.pipeline.arms.roster import Arm, roster
from evalkit.pipeline.judging.judges import find_judges
from evalkit.pipeline.options import Options
from evalkit.pipeline.suites.find import prepare_suites
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.variants.own_prompts import own_prompt_problems

ReadySuites = tuple[tuple[Prepared, ...], tuple[Arm, ...]]


def check_before_run(names: Sequence[str], *, options: Options) -> ReadySuites:
    """Prepare the suites of the options and the arms of these names.

    Raises what either alone would raise, and SuiteError with every problem of both where both are wrong.
    """
    try:
        known = replace(roster(options.models), given=options.given_models, found=options.found_models)
        arms = known.arms(names, mode=options.mode, root=options.root)
    except EvalkitError as error:
        raise _beside_suites(error, options) from None
    suites = prepare_suites(options)
    find_judges(suites, options=options, known=known)
    wrong = [problem for arm in arms for suite in suites for problem in own_prompt_problems(arm, suite)]
    if wrong:
        raise SuiteError(dict.fromkeys(wrong))
    return suites, arms


def _beside_suites(error: EvalkitError, options: Options) -> EvalkitError:
    try:
        prepare_suites(options)
    except EvalkitError as other:
        return SuiteError(dict.fromkeys([*error.problems, *other.problems]))  # models.yaml may look like a suite
    return error
