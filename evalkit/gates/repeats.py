"""Several answers to one question: how often an arm disagrees with itself, and what a user who comes back will see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.core.verdict import Estimate
from evalkit.gates import words
from evalkit.stats.repeats import flip_rate, pass_at_k, pass_hat_k
from evalkit.suite.spec import SuiteSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """One arm's repeats of one metric.

    They are over the `n` examples with at least two of them.

    `flips` is the mean share of pairs of repeats that disagree, `unsteady` the share of examples that did not always
    score alike. For yes/no metrics `at[k - 1]` is pass@k (one of k answers passes) and `hat[k - 1]` pass^k (all of k
    pass), each over the examples with k repeats; empty for graded ones.
    """

    n: int
    flips: float
    unsteady: float
    at: tuple[float, ...]
    hat: tuple[float, ...]


def repeats_of(arm: Column, *, binary: bool, higher_is_better: bool) -> Repeats | None:
    """Return what an arm's repeats show; None where no example has two."""
    found = flip_rate(arm.raw, arm.scored)
    if found.rate is None or found.flipped is None:
        return None
    passes = (arm.raw >= 1.0) if higher_is_better else (arm.raw <= 0.0)
    counts = arm.scored.sum(axis=1)
    passed = (passes & arm.scored).sum(axis=1)
    kinds, sizes = np.unique(np.column_stack([counts, passed]), axis=0, return_counts=True)
    at, hat = [], []
    for k in range(1, int(counts.max()) + 1 if binary else 1):
        enough = kinds[:, 0] >= k
        seen, weights = kinds[enough].tolist(), sizes[enough]
        at.append(float(np.average([pass_at_k(n, c, k=k) for n, c in seen], weights=weights)))
        hat.append(float(np.average([pass_hat_k(n, c, k=k) for n, c in seen], weights=weights)))
    return Repeats(
        n=int(found.examples.size), flips=found.rate, unsteady=found.flipped, at=tuple(at), hat=tuple(hat)
    )  # fmt: skip


def repeat_notes(comparison: Comparison, spec: SuiteSpec) -> tuple[str, ...]:
    """Return one sentence a main metric and arm.

    It is for suites that ask more than once.
    """
    if spec.repeats < 2 or comparison.unsound:
        return ()
    notes = []
    for metric in (name for name in spec.scorers if name in comparison.columns):
        pair = comparison.columns[metric]
        for name, arm in ((comparison.base.name, pair.base), (comparison.candidate.name, pair.candidate)):
            found = repeats_of(arm, binary=pair.binary, higher_is_better=pair.higher_is_better)
            if found is not None:
                notes.append(_tell(metric, name, pair, found))
    return tuple(notes)


def flip_notes(estimates: Sequence[Estimate], spec: SuiteSpec) -> tuple[str, ...]:
    """Return one sentence a metric proven to be always right less often.

    It is for metrics that no gate looks at.
    """
    named = {metric for _, gate in spec.all_gates() for metric, _ in gate.metric_names()}
    return tuple(
        f"{one.metric} is proven to have fallen, and no gate looks at it: every repeat is right in "
        f"{words.value(one.base, share=True)} of cases of the base and {words.value(one.candidate, share=True)} of the "
        "candidate"
        for one in estimates
        if one.slice is None
        and one.metric.endswith(".pass_all")
        and one.high is not None
        and one.high < 0.0
        and one.base is not None
        and one.candidate is not None
        and not looks_at_consistency(named, one.metric.removesuffix(".pass_all"))
    )


def looks_at_consistency(named: Iterable[str], metric: str) -> bool:
    """Tell whether one of these names looks at how consistent a metric is."""
    return any(name == f"{metric}.flip_rate" or name.startswith(f"{metric}.pass_") for name in named)


def _tell(metric: str, arm: str, pair: PairedColumn, found: Repeats) -> str:
    text = (
        f"{metric} of {arm}: two repeats disagree in {words.value(found.flips, share=True)} of cases, "
        f"{words.value(found.unsteady, share=True)} of {words.count(found.n, 'case')} did not always score alike"
    )
    if not pair.binary:
        return text
    k = len(found.at)
    one, some, every = (words.value(v, share=True) for v in (found.at[0], found.at[-1], found.hat[-1]))
    return f"{text}; one answer passes in {one}, one of {k} in {some} (pass@{k}), all {k} in {every} (pass^{k})"
