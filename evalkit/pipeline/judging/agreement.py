"""How far several judges agree with each other, over all answers that both judged."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations

from evalkit.core.exchange import Json
from evalkit.core.fingerprint import plain
from evalkit.pipeline.asking.measure import ArmScores
from evalkit.stats.agreement import Weights
from evalkit.stats.over_cases import kappa_over_cases

_WEIGHTS: Mapping[str, Weights] = {"rubric": "quadratic", "pairwise": "linear"}
Row = tuple[Hashable, Mapping[str, float]]
"""A case, and what each judge says of one of its answers"""


def agreement_between(judges: Sequence[str], rows: Sequence[Row], *, kind: str) -> list[dict[str, Json]]:
    """Return kappa of every two judges, with its interval over cases."""
    out: list[dict[str, Json]] = []
    for one, other in combinations(judges, 2):
        both = [(case, says[one], says[other]) for case, says in rows if one in says and other in says]
        if both:
            cases, first, second = ([row[at] for row in both] for at in range(3))
            weights = _WEIGHTS.get(kind, "none")
            kappa = kappa_over_cases(first, second, cases=cases, weights=weights)
            out.append({"judges": [one, other], **plain(kappa), "weights": weights})
    return out


def rows_of(scorer: str, judges: Sequence[str], arms: Sequence[ArmScores]) -> list[Row]:
    """Return what each judge says of every answer of these arms."""
    return [
        (case, {name: value for name in judges if (value := score.parts.get(name)) is not None})
        for arm in arms
        for case, scores in arm.scores.get(scorer, {}).items()
        for score in scores
        if score.status == "SCORED"
    ]
