"""A mean that stayed while luck moved in: always right on 80 % of cases, or right 80 % of the time on all of them.

A gate on the mean of several answers cannot tell these apart, and users who come back can. Where nobody gates on how
consistent the answers are, "no worse" is not said of a candidate that is proven to be always right less often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.finding import with_figures
from evalkit.gates.proof import judge_interval
from evalkit.gates.repeats import looks_at_consistency
from evalkit.gates.states import FINE
from evalkit.gates.view import Cell, view
from evalkit.suite.gate_spec import GateSpec
from evalkit.suite.spec import SuiteSpec

UNSTEADY = "unsteady"
"""The flag of a finding on a mean whose answers became a matter of luck"""


def settle_unsteady(
    findings: Sequence[Finding], comparison: Comparison, spec: SuiteSpec, *, confidence: float
) -> list[Finding]:
    """Return the findings, INCONCLUSIVE where every repeat is right less often than it was.

    That is a drop beyond the margin, proven at `confidence`, that the drop of the mean does not explain: a point of the
    mean is at most as many points of `pass_all` as there are repeats. A gate on the consistency of a metric decides it
    instead.
    """
    gates: dict[int, GateSpec] = dict(spec.all_gates())
    named = {metric for gate in gates.values() for metric, _ in gate.metric_names()}
    looks = Counter((found.gate_index, found.metric) for found in findings if found.alarm)
    out = []
    for finding in findings:
        gate, column = gates.get(finding.gate_index), comparison.columns.get(finding.metric)
        asked = gate is not None and gate.claims_no_loss and finding.state in FINE
        if asked and _count_repeats(column) > 1 and not looks_at_consistency(named, finding.metric):
            many = looks[finding.gate_index, finding.metric] if finding.alarm else 1
            finding = _settle(finding, comparison, spec, confidence=1.0 - (1.0 - confidence) / many)
        out.append(finding)
    return out


def _count_repeats(column: PairedColumn | None) -> int:
    return 0 if column is None or not column.binary or column.either else column.base.raw.shape[1]


def _settle(finding: Finding, comparison: Comparison, spec: SuiteSpec, *, confidence: float) -> Finding:
    column, name = comparison.columns[finding.metric], f"{finding.metric}.pass_all"
    steady = PairedColumn(
        metric=name, base=find_all_right(column, "base"), candidate=find_all_right(column, "candidate")
    )
    seen = view(replace(comparison, columns={name: steady}, sets={}), spec.policy, confidence=confidence)
    lost = (finding.delta or 0.0) * (-1.0 if finding.estimate.higher_is_better else 1.0)
    allowed = (finding.margin or 0.0) + column.base.raw.shape[1] * max(0.0, lost)
    cell = seen.cell(name, finding.slice)
    if allowed >= 1.0 or "material" not in judge_interval(cell.result, allowed)[1]:
        return finding
    return _tell_luck(finding, cell, name)


def _tell_luck(finding: Finding, cell: Cell, name: str) -> Finding:
    result = cell.result
    base, candidate = (
        words.value(value or 0.0, share=True) for value in ((result.base, result.candidate) if result else (0.0, 0.0))
    )
    todo = (
        f"name a gate on {name} (with the margin that you accept), {finding.metric}.pass_2 or "
        f"{finding.metric}.flip_rate, which then decides it"
    )
    because = (
        f"{finding.metric}{words.where(finding.slice)}: the mean does not show that answers became a matter of luck: "
        f"every repeat is right in {base} of the base's cases and in {candidate} of the candidate's, proven to be more "
        f"than what is allowed; to settle it, {todo}; as measured: {finding.because}"
    )
    return replace(
        with_figures(finding, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=(*(flag for flag in finding.flags if flag == "alarm"), UNSTEADY),
        because=because,
        details={**finding.details, "settle": todo},
    )


def find_all_right(column: PairedColumn, arm: str) -> Column:
    """Find whether every repeat of an example passes, (n, 1).

    One wrong repeat is enough to know; where all that came back pass and a call failed it is missing.
    """
    of: Column = column.base if arm == "base" else column.candidate
    passes = of.scored & ((of.raw >= 1.0) if column.higher_is_better else (of.raw <= 0.0))
    gone = ((of.failed | of.errors) & ~of.scored).any(axis=1)
    count, passed = of.scored.sum(axis=1), passes.sum(axis=1)
    known = (count > 0) & ((passed < count) | ~gone)
    return Column(
        raw=np.where(known & (passed == count), 1.0, 0.0)[:, None],
        scored=known[:, None],
        failed=(gone & ~known)[:, None],
        errors=np.zeros_like(known)[:, None],
    )
