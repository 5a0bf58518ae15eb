"""`--early-stop`: the candidate is asked in a seeded order and no longer than the primary metric needs.

The base's answers are there already, so only the candidate's calls are saved. Two fifths of the error are spent by the
looks on the way, three fifths by the gate at the end (`evalkit.stats.stopping`); clusters are the units. What stopped a
run is the primary metric alone: that of the first gate with a margin over all cases. Everything else is judged on the
examples that were asked, and the notes say so; cases that a gate guards one by one are asked in any case.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Column, PairedColumn
from evalkit.core.exchange import Response
from evalkit.gates.measured import orient_column
from evalkit.pipeline.asking.adapted_parameters import find_adaptations, notes_of, tell_adaptations
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.asking.ask import Asking
from evalkit.pipeline.asking.measure import measure
from evalkit.pipeline.asking.run_arm import OpenArm, run_arm
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.variants.variant import vary
from evalkit.stats import Monitor, Rule, split_error, stopping_order
from evalkit.stats.stopping import Look
from evalkit.suite.ask_gate import is_guarded, margin_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """The gate that may stop a run."""

    metric: str
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """How an early stop ended.

    Both arms over what was asked, and the look that decided (None: none did).
    """

    prepared: Prepared
    base: ArmResult
    candidate: ArmResult
    look: Look | None
    primary: Primary
    asked: int
    planned: int
    confidence: float
    """What is left for the gates at the end when nothing stopped the run"""
    wished: float
    """The policy's confidence, which the looks and the end share"""
    sequence: float
    """The two-sided confidence of the sequence that the looks saw"""

    @property
    def early(self) -> bool:
        """Whether a look decided before everything was asked."""
        return self.look is not None


def primary_of(prepared: Prepared) -> Primary | None:
    """Find the first gate with a margin of a metric over all cases.

    The metric is a scorer's. None where the suite has none. A margin of everything cannot be watched: there is no
    larger drop to bet against. Nor can one of a judge: it is asked when all answers are there.
    """
    judged = {named.name for named in prepared.judging_scorers}
    for gate in prepared.suite.spec.gates:
        for metric, _ in gate.metric_names()[:1]:
            margin = margin_within(gate, metric)
            if metric.partition(".")[0] in judged:
                continue
            if margin is not None and margin < 1.0 and metric in prepared.plain_metrics:  # not a latency, a cost, a set
                return Primary(metric=metric, margin=margin)
    return None


def ask_with_early_stop(
    opened: OpenArm,
    prepared: Prepared,
    base: ArmResult,
    *,
    primary: Primary,
    how: Asking,
    letters: bool,
    family: int = 1,
    hopeless: bool = False,
) -> Stopped:
    """Ask the candidate batch by batch until the primary metric is decided.

    It also ends when nothing is left. PASS must hold with every failed call counted against the candidate, REGRESSION
    without the failed ones. `family` candidates against one base share the error of the looks, as they share that of
    the gates (Bonferroni). `hopeless` stops at a REGRESSION alone, which costs nothing: a look less never errs more.
    """
    policy = prepared.suite.spec.policy
    split = split_error(policy.confidence)
    rule = Rule(margin=primary.margin, alpha=split.alpha / family)
    watch = _Watch(primary.metric, base, rule, hopeless=hopeless)
    parts: list[ArmResult] = []
    chosen: list[int] = []

    def ask_rows(rows: list[int]) -> None:
        parts.append(run_arm(opened, select_rows(prepared, rows), how=how, letters=letters))
        chosen.extend(rows)

    for rows in _batches(prepared, size=rule.batch if watch.watching else None, seed=policy.seed):
        ask_rows(rows)
        if watch.decide(select_rows(prepared, rows), parts[-1]):
            break
    if guarded := _guarded_rows(prepared, chosen):
        ask_rows(guarded)
    final = select_rows(prepared, sorted(chosen))
    return Stopped(
        prepared=final,
        base=_rescore(base, final, base.answers),
        candidate=_join(opened, parts, final),
        look=watch.decided.looks[-1] if watch.decided is not None else None,
        primary=primary,
        asked=len(final.examples),
        planned=len(prepared.examples),
        confidence=split.final_confidence,
        wished=policy.confidence,
        sequence=1.0 - 2.0 * rule.alpha,
    )


class _Watch:
    """Looks at the primary metric after every batch, as long as it is a rate."""

    def __init__(self, metric: str, base: ArmResult, rule: Rule, *, hopeless: bool) -> None:
        self._metric = metric
        self._base = base
        self._hopeless = hopeless
        self._worst, self._complete = Monitor(rule), Monitor(rule)
        column = base.measured.columns[metric]
        self.watching = bool(column.present.any()) and _is_rate(column)
        self.decided: Monitor | None = None

    def decide(self, part: Prepared, result: ArmResult) -> bool:
        """Take one batch in; true as soon as the metric is decided."""
        self.watching = self.watching and _is_rate(result.measured.columns[self._metric])
        if not self.watching:
            return False
        against, without = _differences(self._metric, part, self._base, result)
        if self._worst.take(against) == "PASS" and not self._hopeless:
            self.decided = self._worst
        elif self._complete.take(without) == "REGRESSION":
            self.decided = self._complete
        return self.decided is not None


def _batches(prepared: Prepared, *, size: int | None, seed: int) -> Iterator[list[int]]:
    """Rows of whole units in a seeded order, `size` units at a time; all at once without a size."""
    units = _units(prepared)
    order = stopping_order(len(units), seed=seed)
    size = size or max(1, len(units))
    for start in range(0, len(units), size):
        yield sorted(row for unit in order[start : start + size] for row in units[int(unit)])


def _join(opened: OpenArm, parts: Sequence[ArmResult], final: Prepared) -> ArmResult:
    """The batches of one arm as one result, scored over the whole."""
    answers: dict[str, tuple[Response, ...]] = {}
    heard: dict[str, tuple[Response, ...]] = {}
    for part in parts:
        answers |= part.answers
        heard |= part.as_read
    changes = find_adaptations(answers.values())
    identity = tell_adaptations(vary(opened.model.identity, opened.variant), changes)
    prompts = {key: sha for part in parts for key, sha in part.prompts.items()}
    told = (*notes_of(opened.model, changes), *(note for part in parts for note in part.told))
    whole = dataclasses.replace(parts[-1], identity=identity, notes=told, prompts=prompts, as_read=heard)
    return _rescore(whole, final, answers)


def select_rows(prepared: Prepared, rows: Sequence[int]) -> Prepared:
    """Restrict the suite to these examples, in their old order."""
    return dataclasses.replace(
        prepared,
        examples=tuple(prepared.examples[row] for row in rows),
        levels={by: tuple(values[row] for row in rows) for by, values in prepared.levels.items()},
    )


def _units(prepared: Prepared) -> list[list[int]]:
    """Rows by independent unit, in the order of the data."""
    found: dict[str, list[int]] = {}
    for row, example in enumerate(prepared.examples):
        found.setdefault(example.unit, []).append(row)
    return list(found.values())


def _guarded_rows(prepared: Prepared, asked: Sequence[int]) -> list[int]:
    """Rows not asked yet that a gate guards: every one of them must pass, so none may be left out."""
    left = sorted({*range(len(prepared.examples))} - {*asked})
    gates = prepared.suite.spec.gates
    return [row for row in left if any(is_guarded(gate, prepared.examples[row]) for gate in gates)]


def _rescore(arm: ArmResult, prepared: Prepared, answers: Mapping[str, tuple[Response, ...]]) -> ArmResult:
    mine = {example.id: answers[example.id] for example in prepared.examples if example.id in answers}
    measured = measure(
        prepared.examples, mine, scorers=prepared.plain_scorers, repeats=prepared.suite.spec.repeats, prices=arm.price
    )
    return dataclasses.replace(arm, answers=mine, measured=measured)


def _differences(metric: str, part: Prepared, base: ArmResult, candidate: ArmResult) -> tuple[list[float], list[float]]:
    """One difference a unit, the mean over its examples, higher is better: every failed call at its worst, and without.

    At its worst a failed call is a wrong answer of the candidate, a right one of the base. Units that the metric does
    not apply to are left out.
    """
    what = next(m for named in part.scorers for m in named.metrics if named.metric_name(m) == metric)
    of = orient_column(
        PairedColumn(
            metric=metric,
            base=_rescore(base, part, base.answers).measured.columns[metric],
            candidate=candidate.measured.columns[metric],
            higher_is_better=what.higher_is_better,
            binary=what.binary,
            low=what.low,
            high=what.high,
            unit=what.unit,
        )
    )
    units = _units(part)
    return _means(of.worst_candidate - of.worst_base, units, of.judged), _means(
        of.candidate - of.base, units, of.paired
    )


def _means(delta: NDArray[np.float64], units: Sequence[Sequence[int]], counts: NDArray[np.bool_]) -> list[float]:
    usable = [[row for row in rows if counts[row]] for rows in units]
    return [float(np.mean(delta[rows])) for rows in usable if rows]


def _is_rate(column: Column) -> bool:
    """Only metrics within [0, 1] have a known reach, which the looks need."""
    values = column.values[column.present]
    return not values.size or (float(values.min()) >= 0.0 and float(values.max()) <= 1.0)
