"""`--early-stop`: the candidate is asked in a seeded order and no longer than the primary metric needs.

The base's answers are there already, so only the candidate's calls are saved. Two fifths of the error are spent by the
looks on the way, three fifths by the gate at the end (`evalkit.stats.stopping`); clusters are the units. What stopped a
run is the primary metric alone: the first `no_regression` gate without slices. Everything else is judged on the
examples that were asked, and the notes say so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Column
from evalkit.core.nouns import Finding, Response, State
from evalkit.pipeline.arm import OpenArm, run_arm
from evalkit.pipeline.ask import Asking
from evalkit.pipeline.measure import measure
from evalkit.pipeline.pair import ArmResult
from evalkit.pipeline.prepare import Prepared
from evalkit.stats import Monitor, Rule, split_error, stopping_order
from evalkit.stats.stopping import Look
from evalkit.suite.spec import NoRegression


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """The gate that may stop a run."""

    index: int
    metric: str
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """How an early stop ended: both arms over what was asked, and the last look (None: it was never reached)."""

    prepared: Prepared
    base: ArmResult
    candidate: ArmResult
    look: Look | None
    primary: Primary
    asked: int
    planned: int
    confidence: float
    """What is left for the gates at the end when nothing stopped the run"""

    @property
    def early(self) -> bool:
        """Whether calls were saved."""
        return self.look is not None and self.look.decision != "CONTINUE"


def primary_of(prepared: Prepared) -> Primary | None:
    """The first no_regression gate without slices, on its first metric; None where the suite has none."""
    for index, gate in enumerate(prepared.suite.spec.gates):
        if isinstance(gate, NoRegression) and not gate.slices:
            metric = gate.metric if isinstance(gate.metric, str) else gate.metric[0]
            return Primary(index=index, metric=metric, margin=gate.margin)
    return None


def run_until_told(
    opened: OpenArm, prepared: Prepared, base: ArmResult, *, primary: Primary, how: Asking, letters: bool
) -> Stopped:
    """Ask the candidate batch by batch until the primary metric is decided or nothing is left."""
    policy = prepared.suite.spec.policy
    split = split_error(policy.confidence)
    monitor = Monitor(Rule(margin=primary.margin, alpha=split.alpha))
    units = _units(prepared)
    order = stopping_order(len(units), seed=policy.seed)
    answers: dict[str, tuple[Response, ...]] = {}
    chosen: list[int] = []
    watched = _is_rate(base.measured.columns[primary.metric])
    size = monitor.rule.batch if watched else max(1, len(units))
    for start in range(0, len(units), size):
        rows = sorted(row for unit in order[start : start + size] for row in units[int(unit)])
        part = subset(prepared, rows)
        result, _ = run_arm(opened, part, how=how, letters=letters)
        answers |= result.answers
        chosen += rows
        if watched and monitor.take(_differences(primary.metric, part, base, result)) != "CONTINUE":
            break
    final = subset(prepared, sorted(chosen))
    return Stopped(
        prepared=final,
        base=_rescored(base, final, base.answers),
        candidate=_rescored(
            ArmResult(identity=opened.model.identity, answers=answers, measured=base.measured), final, answers
        ),
        look=monitor.looks[-1] if monitor.looks else None,
        primary=primary,
        asked=len(final.examples),
        planned=len(prepared.examples),
        confidence=split.final_confidence,
    )


def subset(prepared: Prepared, rows: Sequence[int]) -> Prepared:
    """The suite with these examples only, in their old order."""
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


def _rescored(arm: ArmResult, prepared: Prepared, answers: Mapping[str, tuple[Response, ...]]) -> ArmResult:
    mine = {example.id: answers[example.id] for example in prepared.examples if example.id in answers}
    measured = measure(
        prepared.examples, mine, scorers=prepared.scorers, repeats=prepared.suite.spec.repeats, prices=arm.price
    )
    return dataclasses.replace(arm, answers=mine, measured=measured)


def _differences(metric: str, part: Prepared, base: ArmResult, candidate: ArmResult) -> list[float]:
    """One difference a unit: the mean over its examples, higher is better.

    A failed call counts as the worst it could have been: a wrong answer of the candidate, a right one of the base.
    Units that the metric does not apply to are left out.
    """
    one = _rescored(base, part, base.answers).measured.columns[metric]
    two = candidate.measured.columns[metric]
    higher = next(m.higher_is_better for named in part.scorers for m in named.metrics if named.metric_name(m) == metric)
    best, worst = (1.0, 0.0) if higher else (0.0, 1.0)
    bases = np.where(one.present, one.values, best)
    candidates = np.where(two.present, two.values, worst)
    delta = (candidates - bases) * (1.0 if higher else -1.0)
    counts = (one.present & two.present) | _missing(one) | _missing(two)
    usable = [[row for row in rows if counts[row]] for rows in _units(part)]
    return [float(np.mean(delta[rows])) for rows in usable if rows]


def _is_rate(column: Column) -> bool:
    """Only metrics within [0, 1] have a known reach, which the looks need."""
    values = column.values[column.present]
    return bool(values.size) and float(values.min()) >= 0.0 and float(values.max()) <= 1.0


def _missing(column: Column) -> NDArray[np.bool_]:
    """(n,) bool: no value, because a call failed or a scorer crashed."""
    lost: NDArray[np.bool_] = ~column.present & (column.failed | column.errors).any(axis=1)
    return lost


def how_it_stopped(stopped: Stopped) -> str:
    """One sentence for the reader: what was saved, and what the other gates were judged on."""
    if not stopped.early:
        return (
            f"early stop: nothing was decided on the way; all {stopped.planned} examples were asked and the gates had "
            f"{100 * stopped.confidence:g}% confidence left"
        )
    assert stopped.look is not None
    return (
        f"early stop: {stopped.primary.metric} was decided ({stopped.look.decision}) after {stopped.asked} of "
        f"{stopped.planned} examples; {stopped.planned - stopped.asked} calls of the candidate were saved; the other "
        f"gates were judged on the {stopped.asked} that were asked"
    )


def told_early(stopped: Stopped, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings with the primary one replaced by what the looks proved; the rest as judged on what was asked."""
    look = stopped.look
    if look is None or not stopped.early:
        return tuple(findings)
    state: State = "PASS" if look.decision == "PASS" else "REGRESSION"
    because = (
        f"{stopped.primary.metric}: after {look.n} units the betting e-process proves it "
        f"{'non-inferior within' if state == 'PASS' else 'worse; margin'} {stopped.primary.margin:g} "
        f"(confidence sequence {look.low:+.3f} to {look.high:+.3f}); "
        f"{stopped.planned - stopped.asked} of {stopped.planned} calls were saved."
    )
    return tuple(
        dataclasses.replace(
            finding,
            state=state,
            low=look.low,
            high=look.high,
            method="betting confidence sequence",
            flags=(*finding.flags, "early_stop"),
            because=because,
            p=None,
            p_adjusted=None,
        )
        if finding.gate_index == stopped.primary.index and finding.metric == stopped.primary.metric
        else finding
        for finding in findings
    )
