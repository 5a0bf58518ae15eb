"""A style learned from texts in it and texts that are not: how sure it is, and how well it tells new ones apart."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.scorers.style.classifier import fit_classifier

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FOLDS, BINS = 5, 10
_LONGEST = 20_000
_MARKUP = re.compile(
    r"^\s*(?:[-*+・●]|\d+[.)．）])\s|^#{1,6}\s|\*\*|`|[!！?？♪☆★…～〜]|[\U0001F300-\U0001FAFF]", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Auc:
    """The area under the ROC curve, with its 95% interval.

    How often a text in the style is taken for more like it than one that is not.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How well a learned style tells texts apart that it did not learn from."""

    n: int
    """Texts learned from"""
    prompts: int
    auc: Auc
    length_only: float
    """What the length of a text alone would tell"""
    markup_only: float
    """What bullets, headings, emphasis and marks alone would tell"""
    near: Auc | None
    """Against near misses that the user gives, and that it did not learn from either"""
    ece: float
    """Expected calibration error of held-out probabilities, in ten bins of equal mass"""


@dataclass(frozen=True, slots=True)
class Learned:
    """A style that was learned."""

    model: Any
    report: Report

    def probability(self, text: str) -> float:
        """Return how probably a text is in the style."""
        return float(self.model.predict_proba([text[:_LONGEST]])[0, 1])


def learn_style(
    texts: Sequence[str], in_style: Sequence[bool], prompts: Sequence[str], *, near: Sequence[str] = ()
) -> Learned:
    """Learn a style from texts that are in it and texts that are not.

    TF-IDF of character n-grams (1 to 3) and what the rules of `register` see, by logistic regression, with
    probabilities by a sigmoid fitted on held-out folds (Platt 1999); folds keep the texts of one prompt together. Near
    misses are texts that are not in it, too; both sides weigh the same. All figures of the report are of held-out
    texts. Raises ValueError for fewer than two prompts on either side.
    """
    whole = [text[:_LONGEST] for text in (*texts, *near)]
    label, many = np.asarray([*in_style, *[False] * len(near)], dtype=np.int64), len(texts)
    names = [*prompts, *(f"\0near {text}" for text in near)]
    groups = _number(names)
    if min(np.unique(groups[:many][label[:many] == side]).size for side in (0, 1)) < 2:
        raise ValueError("a style needs texts in it and texts that are not, of at least two prompts each")
    folds = np.concatenate([_deal(prompts, label[:many]), _deal(names[many:], label[many:])])
    missed = np.arange(len(whole)) >= many
    pairs, against, weights = ~missed, (label == 1) | missed, _weigh(label, missed)
    scores, probabilities = _held_out(whole, label, folds, missed)
    sizes = [math.log1p(len(text)) for text in texts]
    marks = [len(_MARKUP.findall(text)) / (1 + len(text)) for text in texts]
    report = Report(
        n=many,
        prompts=int(np.unique(groups[pairs]).size),
        auc=measure_auc(scores[pairs], label[pairs], groups[pairs]),
        length_only=_one_feature(sizes, label[pairs], groups[pairs]),
        markup_only=_one_feature(marks, label[pairs], groups[pairs]),
        near=measure_auc(scores[against], label[against], groups[against]) if near else None,
        ece=measure_ece(probabilities, label, weights=weights),
    )
    return Learned(fit_classifier(whole, label, folds, weights), report)


def measure_auc(scores: Floats, label: Ints, groups: Ints) -> Auc:
    """Measure the area under the ROC curve with an interval over groups.

    The interval is DeLong's with the components added up by group (Obuchowski 1997), on the logit scale.
    """
    yes, no = scores[label == 1], scores[label == 0]
    above = _shares_below(yes, no)
    below = 1.0 - _shares_below(no, yes)
    value = float(above.mean())
    count = int(groups.max()) + 1
    parts = np.bincount(groups[label == 1], (above - value) / yes.size, count)
    parts += np.bincount(groups[label == 0], (below - value) / no.size, count)
    seen = int(np.unique(groups).size)
    error = math.sqrt(float((parts**2).sum()) * seen / max(1, seen - 1))
    least = 0.5 / max(yes.size, no.size)
    safe = min(max(value, least), 1.0 - least)
    spread = 1.96 * max(error, least / 2) / (safe * (1.0 - safe))
    middle = math.log(safe / (1.0 - safe))
    low, high = (1.0 / (1.0 + math.exp(-(middle + side * spread))) for side in (-1.0, 1.0))
    return Auc(value, min(low, value), max(high, value))


def measure_ece(probabilities: Floats, label: Ints, *, bins: int = BINS, weights: Floats | None = None) -> float:
    """Measure the expected calibration error in bins of equal mass.

    `weights` (N,) say how much each text counts within its bin; all the same without them.
    """
    mass = np.ones(label.size) if weights is None else weights
    order = np.argsort(probabilities, kind="stable")
    gaps = [abs(float(mass[rows] @ (probabilities[rows] - label[rows]))) for rows in np.array_split(order, bins)]
    return float(sum(gaps) / mass.sum())


def _weigh(label: Ints, near: Bools) -> Floats:
    """Weights by which texts in the style and all others count the same in sum, near misses at most half of these."""
    plain = (label == 0) & ~near
    mass = np.where(near, min(1.0, float(plain.sum()) / max(1.0, float(near.sum()))), 1.0)
    ours = label == 1
    return np.where(ours, 1.0, mass * float(ours.sum()) / float(mass[~ours].sum()))


def _held_out(texts: Sequence[str], label: Ints, folds: Ints, near: Bools) -> tuple[Floats, Floats]:
    """Scores and probabilities of every text by models that have not seen its prompt."""
    scores, probabilities = np.zeros(len(texts)), np.zeros(len(texts))
    for fold in np.unique(folds):
        seen, new = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        some = [texts[int(at)] for at in seen]
        model = fit_classifier(some, label[seen], folds[seen], _weigh(label[seen], near[seen]))
        held = [texts[int(at)] for at in new]
        probabilities[new] = model.predict_proba(held)[:, 1]
        scores[new] = model.calibrated_classifiers_[0].estimator.decision_function(held)
    return scores, probabilities


def _deal(prompts: Sequence[str], label: Ints) -> Ints:
    """A fold for every text, the same for all of one prompt, whatever their order; both sides in all folds."""
    names = sorted(set(prompts), key=lambda one: (zlib.crc32(one.encode("utf-8", "surrogatepass")), one))
    side = dict.fromkeys(names, 0)
    for prompt, one in zip(prompts, label, strict=True):
        side[prompt] |= 1 << int(one)
    places: dict[str, int] = {}
    for kind in (1, 2, 3):
        for at, name in enumerate(one for one in names if side[one] == kind):
            places[name] = at % FOLDS
    return np.asarray([places[prompt] for prompt in prompts], dtype=np.int64)


def _number(prompts: Sequence[str]) -> Ints:
    names = {name: at for at, name in enumerate(sorted(set(prompts)))}
    return np.asarray([names[prompt] for prompt in prompts], dtype=np.int64)


def _shares_below(one: Floats, other: Floats) -> Floats:
    """Of every number in `one` the share of `other` that is below it; equal ones count half."""
    ordered = np.sort(other)
    left, right = np.searchsorted(ordered, one, "left"), np.searchsorted(ordered, one, "right")
    return np.asarray((left + right) / (2.0 * other.size), dtype=np.float64)


def _one_feature(values: Sequence[float], label: Ints, groups: Ints) -> float:
    """The AUC of one number, whichever way it points."""
    found = measure_auc(np.asarray(values), label, groups).value
    return max(found, 1.0 - found)
