"""What a judge is worth beside people: agreement, false passes, leanings, consistency, corrected rates."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal

import numpy as np

from evalkit.core.exchange import Json
from evalkit.core.fingerprint import plain
from evalkit.pipeline.deciding.agreement import ARMS
from evalkit.pipeline.judge_check.answers import Court, JudgedAnswer
from evalkit.stats.agreement import Weights
from evalkit.stats.judged import ppi_mean
from evalkit.stats.over_cases import difference_over_cases, kappa_over_cases, mean_over_cases
from evalkit.stats.proportions import clopper_pearson, wilson
from evalkit.stats.raters import krippendorff_alpha

LEAST_OF_GROUP = 10
"""Fewer labelled answers of a group say nothing of a leaning there"""
_MOST_STEPS = 20


def figures_of_part(court: Court, part: str) -> dict[str, Json] | None:
    """Return the figures of one part of the metric; None where nobody labelled it.

    `part` may end in a judge's name: then that judge's own say is held against what people say of the whole.
    """
    asked, judge = split_judge(court, part)
    sides = ("candidate",) if court.kind == "pairwise" else ARMS
    known = [one for one in court.answers if one.arm in sides and asked in one.people and part in one.values]
    if not known:
        return None
    low, high = court.about["reads"]["scale"] if asked == "" else (0.0, 1.0)
    people, said = [one.people[asked] for one in known], [one.values[part] for one in known]
    wrong = [(says - truth) / (high - low) for says, truth in zip(said, people, strict=True)]
    binary = {*people, *said} <= {0.0, 1.0}
    out: dict[str, Json] = {
        "n": len(known),
        "n_cases": len({one.case for one in known}),
        **_agreement(court, known, people, said, asked),
        "bias": plain(mean_over_cases(wrong, cases=_cases(known), reach=1.0)),
        "arms": _arms(known, wrong),
        "length": _length(known, wrong, _lengths(court, known)),
        "rates": _rates(court, part, asked),
    }
    out |= _groups(known, wrong)
    if binary:
        out["false_pass"] = _share([says for says, truth in zip(said, people, strict=True) if truth == 0.0])
        out["false_fail"] = _share([1.0 - says for says, truth in zip(said, people, strict=True) if truth == 1.0])
    return out | _consistency(court, judge)


def split_judge(court: Court, part: str) -> tuple[str, str | None]:
    """Return the part that people speak of, and the judge that says it.

    None of all judges together.
    """
    judges = [*court.about["judges"]]
    if len(judges) == 1:
        return part, judges[0]
    for name in judges:
        if part == name:
            return "", name
        if part.endswith(f".{name}"):
            return part.removesuffix(f".{name}"), name
    return part, None


def _cases(known: Sequence[JudgedAnswer]) -> list[Hashable]:
    return [one.case for one in known]


def _agreement(
    court: Court, known: Sequence[JudgedAnswer], people: Sequence[float], said: Sequence[float], part: str
) -> dict[str, Json]:
    """Kappa of what is gated (of scores weighted by the step) with a table, of labels by label."""
    labels = [one.labels for one in known if one.labels is not None]
    first: Sequence[Hashable]
    second: Sequence[Hashable]
    order: Sequence[Hashable]
    weights: Weights = "none"
    reads = court.about["reads"]
    if court.kind == "rubric" and part == "":
        low, high = reads["scale"]
        steps = min(_MOST_STEPS, int(high - low) or _MOST_STEPS) if reads["whole"] else _MOST_STEPS
        size = (high - low) / steps
        first, second = ([low + round((one - low) / size) * size for one in side] for side in (people, said))
        order, weights = [low + at * size for at in range(steps + 1)], "quadratic"
    elif court.kind == "pairwise":  # several draws or judges may say a quarter: the nearest of the three
        first, second = ([round(2.0 * one) / 2.0 for one in side] for side in (people, said))
        order = [0.0, 0.5, 1.0]
    else:
        first, second, order = people, said, [0.0, 1.0]
    kappa = kappa_over_cases(first, second, cases=_cases(known), order=order, weights=weights)
    if labels and len(labels) == len(known):  # the gate asks for good or not; readers, which label for which
        first, second, order = [one[0] for one in labels], [one[1] for one in labels], reads["labels"]
    table = [[sum(a == x and b == y for a, b in zip(first, second, strict=True)) for y in order] for x in order]
    return {
        "kappa": {**plain(kappa), "weights": weights},
        "confusion": {"people": list(order), "judge": list(order), "counts": table},
    }


def _share(hits: Sequence[float]) -> dict[str, Json]:
    """A share with its exact interval (Clopper-Pearson)."""
    if not hits:
        return {"n": 0, "value": None, "low": None, "high": None}
    low, high = clopper_pearson(int(sum(hits)), len(hits))
    return {"n": len(hits), "value": sum(hits) / len(hits), "low": low, "high": high}


def _arms(known: Sequence[JudgedAnswer], wrong: Sequence[float]) -> Json:
    """How far the judge leans to the candidate beyond what people say; of pairs that is its whole leaning."""
    sides = {one.arm for one in known}
    if len(sides) < 2:
        return plain(mean_over_cases(wrong, cases=_cases(known), reach=1.0)) if sides == {"candidate"} else None
    found = difference_over_cases(wrong, [one.arm == "candidate" for one in known], cases=_cases(known), reach=1.0)
    each = {arm: [w for one, w in zip(known, wrong, strict=True) if one.arm == arm] for arm in ARMS}
    means = {arm: {"n": len(mine), "value": float(np.mean(mine))} for arm, mine in each.items()}
    return {**plain(found), "by_arm": means}


def _lengths(court: Court, known: Sequence[JudgedAnswer]) -> list[float]:
    """How long each answer is; of pairs how much longer than the other."""
    other = {one.case: one.length for one in court.answers if one.arm == "base"} if court.kind == "pairwise" else {}
    return [float(one.length - other.get(one.case, 0)) for one in known]


def _length(known: Sequence[JudgedAnswer], wrong: Sequence[float], chars: Sequence[float]) -> Json:
    """How much more lenient the judge is on the longer half of the answers, and how errors go with length."""
    lengths = np.array(chars)
    middle = float(np.median(lengths))
    longer = lengths > middle
    if min(longer.sum(), (~longer).sum()) < LEAST_OF_GROUP:
        return None
    found = difference_over_cases(wrong, longer, cases=_cases(known), reach=1.0)
    ranks = lengths.argsort().argsort()
    steady = np.std(wrong) == 0.0 or np.std(lengths) == 0.0
    turned = None if steady else float(np.corrcoef(ranks, np.argsort(np.argsort(wrong, kind="stable")))[0, 1])
    return {**plain(found), "median_characters": middle, "rank_correlation": turned}


def _groups(known: Sequence[JudgedAnswer], wrong: Sequence[float]) -> dict[str, Json]:
    """The leaning by every tag, and the tags by which its sign changes."""
    groups: dict[str, dict[str, list[tuple[Hashable, float]]]] = {}
    for one, error in zip(known, wrong, strict=True):
        for by, value in one.tags.items():
            groups.setdefault(by, {}).setdefault(value, []).append((one.case, error))
    out: dict[str, Json] = {}
    changes: dict[str, Json] = {}
    for by, values in groups.items():
        told = {
            value: plain(mean_over_cases([e for _, e in rows], cases=[case for case, _ in rows], reach=1.0))
            for value, rows in sorted(values.items())
            if len(rows) >= LEAST_OF_GROUP
        }
        if len(told) < 2:
            continue
        out[by] = told
        lenient = [value for value, figure in told.items() if figure["low"] > 0.0]
        strict = [value for value, figure in told.items() if figure["high"] < 0.0]
        if lenient and strict:
            changes[by] = {"lenient": lenient, "strict": strict}
    return {"groups": out, "sign_changes": changes}


def _consistency(court: Court, judge: str | None) -> dict[str, Json]:
    """Whether the order of a pair turns the answer, and whether the judge says the same when asked again."""
    if judge is None:
        return {}
    out: dict[str, Json] = {}
    orders = [one.consistent[judge] for one in court.answers if one.arm == "candidate" and one.consistent[judge]]
    turned = [not same for row in orders for same in row]
    if turned:
        low, high = wilson(sum(turned), len(turned))
        out["order"] = {"n": len(turned), "value": sum(turned) / len(turned), "low": low, "high": high}
    rows = [one.draws[judge] for one in court.answers if len(one.draws[judge]) > 1]
    if rows:
        out["itself"] = {**plain(_alpha(rows, numbers=court.kind == "rubric")), "draws": max(map(len, rows))}
    return out


def _alpha(rows: Sequence[Sequence[str]], *, numbers: bool) -> object:
    words = sorted({word for row in rows for word in row})
    code = {word: float(word) if numbers else float(at) for at, word in enumerate(words)}
    ratings = np.full((max(map(len, rows)), len(rows)), np.nan)
    for column, row in enumerate(rows):
        ratings[: len(row), column] = [code[word] for word in row]
    level: Literal["ordinal", "nominal"] = "ordinal" if numbers else "nominal"
    return krippendorff_alpha(ratings, level=level)


def _rates(court: Court, part: str, asked: str) -> dict[str, Json]:
    """Both arms' means and their difference as the judge has them, and corrected by what people say (PPI++)."""
    truth: dict[str, Mapping[Hashable, float]] = {}
    says: dict[str, Mapping[Hashable, float]] = {}
    for arm in ARMS:
        mine = [one for one in court.answers if one.arm == arm and part in one.values]
        truth[arm] = {one.case: one.people[asked] for one in mine if asked in one.people}
        says[arm] = {one.case: one.values[part] for one in mine}
    out: dict[str, Json] = {arm: _correct(truth[arm], says[arm]) for arm in ARMS}
    both = says["base"].keys() & says["candidate"].keys()
    order = [case for case in says["base"] if case in both]
    change = {case: says["candidate"][case] - says["base"][case] for case in order}
    people = {
        case: truth["candidate"][case] - truth["base"][case]
        for case in order
        if case in truth["base"] and case in truth["candidate"]
    }
    return {**out, "difference": _correct(people, change)}


def _correct(truth: Mapping[Hashable, float], says: Mapping[Hashable, float]) -> Json:
    """The judge's mean beside the corrected one; null where too few are labelled, or none is not."""
    if not says:
        return None
    plain_mean = float(np.mean([*says.values()]))
    rest = [value for case, value in says.items() if case not in truth]
    told: dict[str, Json] = {"judge": plain_mean, "labelled": len(truth), "judged": len(rest), "value": None}
    if len(truth) < 2 or len(rest) < 2:
        few = "fewer than two answers are labelled" if len(truth) < 2 else "every answer is labelled"
        people = float(np.mean([*truth.values()])) if truth else None
        return {**told, "people": people, "reason": few}
    found = ppi_mean([*truth.values()], [says[case] for case in truth], rest)
    if found.error == 0.0:
        return {**told, "reason": "judge and people never differ on the labelled answers: no width can be told"}
    return {**told, "value": found.value, "low": found.low, "high": found.high, "judge_weight": found.lam}
