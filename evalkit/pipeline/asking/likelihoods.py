"""Likelihoods asked of an arm that gives none are refused before the first call."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.errors import Problem, UsageError
from evalkit.core.ports import StretchScorer, facts_of
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.suites.prepare import Prepared


def refuse_no_likelihoods(arms: Sequence[OpenArm], suites: Sequence[Prepared]) -> None:
    """Raise UsageError where a suite measures likelihoods and an arm has none to give.

    A chat API answers in text; local weights, and recordings of what they measured, have log-probabilities.
    """
    wrong = [
        Problem(
            what=f"scorer {named.name!r} of suite {suite.suite.spec.name!r} needs the log-probabilities of texts, and "
            f"model {arm.arm.name!r} ({arm.model.identity.provider}) gives none",
            where=arm.arm.where,
            allowed="models of provider local, recordings of them (evalkit record), and providers of packages whose "
            "facts say `measures_text`",
            todo="run this suite with local weights, or leave the scorer out for this model",
        )
        for suite in suites
        for named in suite.scorers
        if isinstance(named.scorer, StretchScorer)
        for arm in arms
        if not facts_of(arm.model).measures_text
    ]
    if wrong:
        raise UsageError(wrong)
