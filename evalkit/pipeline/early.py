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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Column
from evalkit.core.nouns import Finding, Json, Response, State
from evalkit.pipeline.adapted import adaptations, as_answered
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
    wished: float
    """The policy's confidence, which the looks and the end share"""

    @property
    def early(self) -> bool:
        """Whether calls were saved."""
        return self.look is not None and self.look.decision != "CONTINUE"


def primary_of(prepared: Prepared) -> Primary | None:
    """The first no_regression gate on a scorer's metric, without slices; None where the suite has none.

    A margin of everything cannot be watched: there is no larger drop to bet against.
    """
    for gate in prepared.suite.spec.gates:
        if isinstance(gate, NoRegression) and not gate.slices and gate.margin < 1.0:
            metric = gate.metric if isinstance(gate.metric, str) else gate.metric[0]
            if metric in prepared.metrics:  # not a latency, a cost
                return Primary(metric=metric, margin=gate.margin)
    return None


def run_until_told(
    opened: OpenArm,
    prepared: Prepared,
    base: ArmResult,
    *,
    primary: Primary,
    how: Asking,
    letters: bool,
    family: int = 1,
) -> Stopped:
    """Ask the candidate batch by batch until the primary metric is decided or nothing is left.

    `family` candidates against one base share the error of the looks, as they share that of the gates (Bonferroni).
    """
    policy = prepared.suite.spec.policy
    split = split_error(policy.confidence)
    monitor = Monitor(Rule(margin=primary.margin, alpha=split.alpha / family))
    units = _units(prepared)
    order = stopping_order(len(units), seed=policy.seed)
    answers: dict[str, tuple[Response, ...]] = {}
    chosen: list[int] = []
    column = base.measured.columns[primary.metric]
    watched = bool(column.present.any()) and _is_rate(column)
    size = monitor.rule.batch if watched else max(1, len(units))
    notes: list[str] = []
    for start in range(0, len(units), size):
        rows = sorted(row for unit in order[start : start + size] for row in units[int(unit)])
        part = subset(prepared, rows)
        result, _ = run_arm(opened, part, how=how, letters=letters)
        answers |= result.answers
        chosen += rows
        notes += [note for note in result.notes if note not in notes]
        watched = watched and _is_rate(result.measured.columns[primary.metric])
        if watched and monitor.take(_differences(primary.metric, part, base, result)) != "CONTINUE":
            break
    final = subset(prepared, sorted(chosen))
    whole = dataclasses.replace(
        result, identity=as_answered(opened.model.identity, adaptations(answers.values())), notes=tuple(notes)
    )
    return Stopped(
        prepared=final,
        base=_rescored(base, final, base.answers),
        candidate=_rescored(whole, final, answers),
        look=monitor.looks[-1] if monitor.looks else None,
        primary=primary,
        asked=len(final.examples),
        planned=len(prepared.examples),
        confidence=split.final_confidence,
        wished=policy.confidence,
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
    return not values.size or (float(values.min()) >= 0.0 and float(values.max()) <= 1.0)


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


def proof_of(stopped: Stopped) -> dict[str, Json]:
    """What a kept run must remember of an early stop, so that deciding again knows what the looks proved."""
    look = stopped.look if stopped.early else None
    return {
        "metric": stopped.primary.metric,
        "margin": stopped.primary.margin,
        "confidence": stopped.wished,
        "decision": look.decision if look else None,
        "units": look.n if look else None,
        "low": look.low if look else None,
        "high": look.high if look else None,
        "saved": stopped.planned - stopped.asked,
        "planned": stopped.planned,
    }


def told_early(
    proof: Mapping[str, Any], findings: Sequence[Finding], *, confidence: float, higher_is_better: bool
) -> tuple[Finding, ...]:
    """The findings with those of the primary metric replaced by what the looks proved (`proof_of`).

    The rest stays as judged on what was asked. INVALID stays too: looks at an unsound comparison prove nothing; and so
    does WAIVED. `confidence` is what the policy asks for now: looks made for less prove nothing at it.
    """
    if proof["decision"] is None:
        return tuple(findings)
    return tuple(
        _told(proof, finding, confidence=confidence, higher_is_better=higher_is_better)
        if (finding.gate, finding.metric, finding.slice) == ("no_regression", proof["metric"], None)
        and finding.state not in ("INVALID", "WAIVED")
        else finding
        for finding in findings
    )


def _told(proof: Mapping[str, Any], finding: Finding, *, confidence: float, higher_is_better: bool) -> Finding:
    margin = proof["margin"] if finding.margin is None else finding.margin
    state = _state(proof, margin) if confidence <= proof["confidence"] else "INCONCLUSIVE"
    low, high = proof["low"], proof["high"]
    # what was rejected on the way is ruled out at the same error: no interval contradicts its decision
    if proof["decision"] == "REGRESSION":
        high = min(high, 0.0)
    elif proof["decision"] == "PASS":
        low = max(low, -proof["margin"])
    ends = (low, high) if higher_is_better else (0.0 - high, 0.0 - low)
    meaning = {
        "PASS": f"proves it non-inferior within {margin:g}",
        "REGRESSION": f"proves it worse; margin {margin:g}",
    }.get(state, f"stopped the run before a margin of {margin:g} at {100 * confidence:g}% could be told")
    return dataclasses.replace(
        finding,
        state=state,
        low=ends[0],
        high=ends[1],
        method="betting confidence sequence",
        flags=(*finding.flags, "early_stop"),
        because=(
            f"{finding.metric}: after {proof['units']} units the betting e-process {meaning} "
            f"(confidence sequence {ends[0]:+.3f} to {ends[1]:+.3f}); "
            f"{proof['saved']} of {proof['planned']} calls were saved."
        ),
        p=None,
        p_adjusted=None,
    )


def _state(proof: Mapping[str, Any], margin: float) -> State:
    """The decision for the margin that was watched; for another one what the confidence sequence says of it."""
    if margin == proof["margin"]:
        return "PASS" if proof["decision"] == "PASS" else "REGRESSION"
    if proof["low"] > -margin:
        return "PASS"
    return "REGRESSION" if proof["high"] < 0.0 else "INCONCLUSIVE"
