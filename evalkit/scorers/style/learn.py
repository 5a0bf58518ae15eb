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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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
    """Against the near misses that the user gives"""
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

    TF-IDF of character n-grams (1 to 3) and logistic regression, with probabilities by a sigmoid fitted on held-out
    folds (Platt 1999); folds keep the texts of one prompt together. All figures of the report are of held-out texts.
    Raises ValueError for fewer than two prompts on either side.
    """
    whole = [text[:_LONGEST] for text in texts]
    label, groups = np.asarray(in_style, dtype=np.int64), _number(prompts)
    if min(np.unique(groups[label == side]).size for side in (0, 1)) < 2:
        raise ValueError("a style needs texts in it and texts that are not, of at least two prompts each")
    folds = _deal(prompts, label)
    scores, probabilities = _held_out(whole, label, folds, FOLDS)
    model = _fit(whole, label, folds)
    distant = [np.asarray(model.decision_function([one[:_LONGEST] for one in near]))] if near else []
    ours = np.flatnonzero(label == 1)
    report = Report(
        n=len(whole),
        prompts=int(np.unique(groups).size),
        auc=measure_auc(scores, label, groups),
        length_only=_one_feature([math.log1p(len(text)) for text in whole], label, groups),
        markup_only=_one_feature([len(_MARKUP.findall(text)) / (1 + len(text)) for text in whole], label, groups),
        near=_near(scores[ours], groups[ours], distant[0]) if distant else None,
        ece=measure_ece(probabilities, label),
    )
    return Learned(model, report)


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


def measure_ece(probabilities: Floats, label: Ints, *, bins: int = BINS) -> float:
    """Measure the expected calibration error in bins of equal mass."""
    order = np.argsort(probabilities, kind="stable")
    gaps = [abs(probabilities[rows].mean() - label[rows].mean()) * rows.size for rows in np.array_split(order, bins)]
    return float(sum(gaps) / label.size)


def _pipeline() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    cut = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, lowercase=False)
    return make_pipeline(cut, LogisticRegression(C=10.0, max_iter=2_000))


def _fit(texts: Sequence[str], label: Ints, folds: Ints) -> Any:
    from sklearn.calibration import CalibratedClassifierCV

    class _Style:
        """The classifier of all texts, with the sigmoid of the held-out ones."""

        def __init__(self) -> None:
            splits = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in np.unique(folds)]
            self.sure = CalibratedClassifierCV(_pipeline(), method="sigmoid", cv=splits, ensemble=False)
            self.sure.fit(list(texts), label)

        def predict_proba(self, new: Sequence[str]) -> Floats:
            out: Floats = self.sure.predict_proba(list(new))
            return out

        def decision_function(self, new: Sequence[str]) -> Floats:
            out: Floats = self.sure.calibrated_classifiers_[0].estimator.decision_function(list(new))
            return out

    return _Style()


def _held_out(texts: Sequence[str], label: Ints, folds: Ints, count: int) -> tuple[Floats, Floats]:
    """Scores and probabilities of every text by models that have not seen its prompt."""
    scores, probabilities = np.zeros(len(texts)), np.zeros(len(texts))
    for fold in np.unique(folds):
        seen, new = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        inner = folds[seen]
        model = _fit([texts[int(at)] for at in seen], label[seen], inner)
        held = [texts[int(at)] for at in new]
        scores[new], probabilities[new] = model.decision_function(held), model.predict_proba(held)[:, 1]
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


def _near(ours: Floats, groups: Ints, others: Floats) -> Auc:
    last = int(groups.max()) + 1
    label = np.concatenate([np.ones(ours.size, np.int64), np.zeros(others.size, np.int64)])
    return measure_auc(
        np.concatenate([ours, others]), label, np.concatenate([groups, np.arange(last, last + others.size)])
    )


def _one_feature(values: Sequence[float], label: Ints, groups: Ints) -> float:
    """The AUC of one number, whichever way it points."""
    found = measure_auc(np.asarray(values), label, groups).value
    return max(found, 1.0 - found)
