"""Whether people agree with each other and with the scorers, on the labels that a comparison's answers bear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json, Response
from evalkit.core.fingerprint import plain
from evalkit.foreign.known_scores import YES_NO, yes_no_word
from evalkit.foreign.labels.nouns import LabelValue
from evalkit.stats.agreement import Kappa, kappa_of_labels
from evalkit.stats.raters import Agreement, fleiss_kappa, krippendorff_alpha

ArmName = Literal["base", "candidate"]
ARMS: tuple[ArmName, ...] = ("base", "candidate")
BY = "@"
"""Between the name of a label and its annotator, in scores"""
CasePlace = tuple[str, str]
"""Suite and id of a case"""
LabelRows = Mapping[CasePlace, Mapping[str, LabelValue]]
"""Case -> annotator -> what was said, of one question"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstScorer:
    """A label's majority beside one yes/no metric of the same arm."""

    metric: str
    kappa: Kappa
    people: float
    scorer: float
    """Share of yes in what people say, and in what the scorer says, of the same cases"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelReport:
    """One question: who answered it, how far they agree, and how far scorers do.

    `cohen` is of exactly two annotators, `fleiss` of more on the cases that as many judged.
    """

    name: str
    annotators: tuple[str, ...]
    cases: int
    cohen: Kappa | None = None
    fleiss: Agreement | None = None
    alpha: Agreement | None = None
    level: str = "nominal"
    against: tuple[AgainstScorer, ...] = ()


def find_agreement(comparison: Comparison) -> list[Json]:
    """Tell how far annotators agree whose labels the answers bear.

    They are scores `NAME@ANNOTATOR`; what is told is JSON, a question each. Nothing where no answer bears one.
    """
    found: dict[str, dict[CasePlace, dict[str, LabelValue]]] = {}
    for arm in ARMS:
        answers: Mapping[str, tuple[Response, ...]] = getattr(comparison, f"{arm}_responses")
        for ident, rows in answers.items():
            for row in rows:
                for score, value in row.scores.items():
                    name, by, who = score.partition(BY)
                    if by and name and who and isinstance(value, (bool, int, float)):
                        place = found.setdefault(f"{arm}.{name}", {}).setdefault((comparison.suite, ident), {})
                        place.setdefault(who, float(value))
    return [plain(report_labels(name, rows, [comparison])) for name, rows in found.items()]


def report_labels(name: str, rows: LabelRows, comparisons: Sequence[Comparison]) -> LabelReport:
    """Tell how far people agree on one question.

    And how far the scorers of the same arm agree with them.
    """

    people = tuple(sorted({who for row in rows.values() for who in row}))
    values = sorted({value for row in rows.values() for value in row.values()}, key=lambda one: (str(type(one)), one))
    numbers = all(isinstance(value, float) for value in values)
    code = {value: float(value) if numbers else float(at) for at, value in enumerate(values)}
    ratings = np.full((len(people), len(rows)), np.nan)
    for column, row in enumerate(rows.values()):
        for who, value in row.items():
            ratings[people.index(who), column] = code[value]
    level: Literal["nominal", "ordinal"] = "ordinal" if numbers and len(values) > 2 else "nominal"
    several = len(people) > 1 and bool(((~np.isnan(ratings)).sum(axis=0) >= 2).any())
    return LabelReport(
        name=name,
        annotators=people,
        cases=len(rows),
        cohen=_cohen(ratings) if several and len(people) == 2 else None,
        fleiss=_fleiss(ratings) if several and len(people) > 2 else None,
        alpha=krippendorff_alpha(ratings, level=level) if several else None,
        level=level,
        against=tuple(_against(name, rows, comparisons)),
    )


def _cohen(ratings: Any) -> Kappa:
    both = ~np.isnan(ratings).any(axis=0)
    return kappa_of_labels(ratings[0, both].tolist(), ratings[1, both].tolist())


def _fleiss(ratings: Any) -> Agreement | None:
    """On the cases that the commonest number of people (at least two) judged."""
    judged = (~np.isnan(ratings)).sum(axis=0)
    sizes = Counter(int(many) for many in judged if many >= 2)
    size = max(sizes, key=lambda many: (sizes[many], many))
    chosen = ratings[:, judged == size]
    labels = np.unique(chosen[~np.isnan(chosen)])
    return fleiss_kappa(np.stack([(chosen == label).sum(axis=0) for label in labels], axis=1))


def _against(name: str, rows: LabelRows, comparisons: Sequence[Comparison]) -> Iterable[AgainstScorer]:
    """The majority of yes or no beside every yes/no metric of the same arm."""
    arm, dot, _ = name.partition(".")
    if not dot or arm not in ARMS:
        return
    words = {label_word(value) for row in rows.values() for value in row.values()}
    good = next((pair[0] for pair in YES_NO if words <= {*pair}), None)
    if good is None:
        return
    said = {place: yes for place, row in rows.items() if (yes := _majority(row.values(), good)) is not None}
    for metric in dict.fromkeys(m for one in comparisons for m, column in one.columns.items() if column.binary):
        pairs = [pair for one in comparisons for pair in _pairs(one, arm, metric, said)]
        if pairs:
            people, scorer = ([pair[side] for pair in pairs] for side in (0, 1))
            yield AgainstScorer(
                metric=metric,
                kappa=kappa_of_labels(people, scorer),
                people=sum(people) / len(people),
                scorer=sum(scorer) / len(scorer),
            )


def _pairs(one: Comparison, arm: str, metric: str, said: Mapping[CasePlace, bool]) -> Iterable[tuple[bool, bool]]:
    column = one.columns.get(metric)
    if column is None:
        return
    scored = getattr(column, arm)
    for example, there, value in zip(one.examples, scored.present.tolist(), scored.values.tolist(), strict=True):
        yes = said.get((one.suite, example.id))
        if there and yes is not None and value != 0.5:
            yield yes, value > 0.5


def _majority(values: Iterable[LabelValue], good: str) -> bool | None:
    """What most people say; None of a tie."""
    votes = [label_word(value) == good for value in values]
    yes = sum(votes)
    return None if 2 * yes == len(votes) else 2 * yes > len(votes)


def label_word(value: LabelValue) -> str:
    """Spell a label as the pairs of yes and no write it."""
    return yes_no_word(f"{value:g}" if isinstance(value, float) else value)
