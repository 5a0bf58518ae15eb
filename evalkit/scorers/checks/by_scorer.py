"""Checks that another scorer judges: its own options, its own reading of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.core.errors import SuiteError
from evalkit.core.exchange import Example, Json
from evalkit.core.ports import Scorer
from evalkit.core.verdict import Score
from evalkit.scorers.build import build_scorer
from evalkit.scorers.checks.nouns import BadCheck, CheckedAnswer, CheckResult, Judge

Options = Mapping[str, Any]
Passes = Callable[[Score], bool]
_SHOWN = ("missing", "unwanted", "none_of", "found", "count", "similarity", "got", "kind", "shares")
_LONGEST = 160


def build_check_scorer(type: str, options: Options, *, target: Json = None) -> Scorer:
    """Build the scorer with these options.

    Raises BadCheck where it refuses them or the target.
    """
    try:
        scorer = build_scorer(type, options, root=Path())
    except SuiteError as error:
        told = [p.what + (f" (allowed: {p.allowed})" if p.allowed else "") for p in error.problems]
        raise BadCheck("; ".join(told).replace(f"scorer {type!r}: ", "")) from None
    if target is not None:
        wrong = scorer.check(Example(id="", messages=(), target=target))
        if wrong:
            raise BadCheck("; ".join(wrong).replace("its target", "its value"))
    return scorer


def judge_by(type: str, options: Options, *, target: Json = None, passes: Passes | None = None) -> Judge:
    """Make a check that passes where the scorer says 1.

    With `passes`, where that says so of its score.
    """
    scorer = build_check_scorer(type, options, target=target)

    def judge(answer: CheckedAnswer) -> CheckResult:
        example = replace(answer.example, target=target, choices=(), tags={})
        score = scorer.score(example, answer.response)
        if score.status == "ERROR":
            return CheckResult(None, score.reason)
        passed = passes(score) if passes is not None else score.value == 1
        return CheckResult(passed, "" if passed else _because(score))

    return judge


def _because(score: Score) -> str:
    """What the scorer found instead, in few words."""
    found = [f"{name} {score.evidence[name]}" for name in _SHOWN if score.evidence.get(name) not in (None, "", [], ())]
    text = "; ".join([*([score.reason] if score.reason else []), *found])
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
