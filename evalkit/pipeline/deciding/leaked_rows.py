"""What the gates say with the leaked rows and without them: neither is a verdict, both are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from evalkit.core.columns import Comparison
from evalkit.core.errors import count_of
from evalkit.core.exchange import Json
from evalkit.core.verdict import Finding
from evalkit.gates.decide import decide, outcome
from evalkit.pipeline.pairing.leaked import KEY, judge_both_ways, without_leaked
from evalkit.suite.spec import SuiteSpec

_FIGURES = ("n", "base", "candidate", "delta", "low", "high", "confidence", "margin", "because")


def judge_with_and_without(
    comparison: Comparison, spec: SuiteSpec, *, today: dt.date
) -> tuple[tuple[str, ...], dict[str, Json]]:
    """Write one note and the figures with and without the leaked rows.

    Nothing where no row leaked.
    """
    if KEY not in comparison.manifest:
        return (), {}
    family = int(comparison.manifest.get("family", 1))
    rest = without_leaked(comparison)
    both = {
        name: decide(of, spec, today=today, family=family)
        for name, of in (("with", judge_both_ways(comparison)), ("without", rest))
    }
    rows = comparison.manifest[KEY]["rows"]
    told = {name: f"{outcome(findings, spec.policy)} ({_states(findings)})" for name, findings in both.items()}
    left = f"{count_of(len(rest.examples), 'row')} left" if rest.examples else "no row left"
    note = f"with the {count_of(len(rows), 'leaked row')} the gates would say {told['with']}; without, {left}: " + (
        told["without"] if rest.examples else "nothing to judge"
    )
    figures: dict[str, Json] = {"rows": dict(rows), "of": len(comparison.examples)}
    for name, findings in both.items():
        figures[name] = {"outcome": outcome(findings, spec.policy), "findings": [_row(one) for one in findings]}
    return (note,), figures


def _states(findings: Sequence[Finding]) -> str:
    """The first findings in a few words."""
    told = [f"{one.gate} {one.metric} {one.state}{_change(one)}" for one in findings[:3]]
    return ", ".join(told) + (f" and {len(findings) - 3} more" if len(findings) > 3 else "")


def _change(finding: Finding) -> str:
    if finding.base is None or finding.candidate is None:
        return ""
    return f" {finding.base:.3g} -> {finding.candidate:.3g}"


def _row(finding: Finding) -> dict[str, Json]:
    of = {"by": finding.slice.by, "value": finding.slice.value} if finding.slice is not None else None
    row: dict[str, Json] = {"gate": finding.gate, "metric": finding.metric, "slice": of, "state": finding.state}
    return row | {name: getattr(finding, name) for name in _FIGURES}
