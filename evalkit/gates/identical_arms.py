"""Two arms that say the same, word for word: the adapter may never have been applied."""

from __future__ import annotations

import math

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Response

HANDFUL = 5
_LEAST = 5
"""Answers from which sameness is worth a word"""


def identical_arms(comparison: Comparison) -> str | None:
    """Note that (nearly) all answers of both arms are the same; else None.

    It says so where all of them, or all but a handful, are the same.

    A handful is 1% of the answers, or up to 5 where these are no more than a twentieth.
    """
    same = answered = 0
    for example_id, rows in comparison.base_responses.items():
        others = {answer.repeat: answer for answer in comparison.candidate_responses.get(example_id, ())}
        for one in rows:
            two = others.get(one.repeat)
            if two is None or one.failure is not None or two.failure is not None:
                continue
            if one.text is None and two.text is None and one.scores and two.scores and not one.tool_calls:
                continue  # scores that others gave, without the words they were given for
            answered += 1
            same += is_same_answer(one, two)
    if answered < _LEAST or answered - same > max(min(HANDFUL, answered // 20), answered // 100):
        return None
    told = f"all {answered:,}" if same == answered else f"{same:,} of {answered:,}"
    text = (
        f"{comparison.suite}: {told} answers of {comparison.base.name} and {comparison.candidate.name} are the same, "
        "word for word"
    )
    if comparison.base.fingerprint == comparison.candidate.fingerprint:
        return f"{text}: both arms are one model. Was the adapter applied?"
    if any("prompt" in arm.details for arm in (comparison.base, comparison.candidate)):
        return f"{text}: the prompts make no difference there"
    return f"{text}. Was the adapter applied, is the candidate really another model?"


def is_same_answer(one: Response, two: Response) -> bool:
    """Return whether two answers say the same.

    It compares text, refusal, calls, and the likelihoods of choices to six digits.
    """
    if (one.text, one.refusal) != (two.text, two.refusal) or len(one.choice_scores) != len(two.choice_scores):
        return False
    if [(c.name, c.arguments) for c in one.tool_calls] != [(c.name, c.arguments) for c in two.tool_calls]:
        return False
    return all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(one.choice_scores, two.choice_scores, strict=True))
