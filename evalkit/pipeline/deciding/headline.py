"""The one sentence under a verdict: what holds, and in which suites."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.verdict import Finding, Outcome, SuiteVerdict
from evalkit.gates.states import FAILING

FAULTS = (
    "a critical case broke",
    "proven worse",
    "a gap between groups proven to grow",
    "a gap between groups proven too wide",
    "a gain that was asked for is ruled out",
    "a required level is missed",
    "a required level is not proven",
    "a budget is overrun",
    "what a budget limits is proven to have grown",
    "a gate fails",
)
"""What speaks against deploying, the gravest first"""

_FAULT = {
    ("critical", "CRITICAL_FAIL"): FAULTS[0],
    ("no_regression", "REGRESSION"): FAULTS[1],
    ("must_improve", "REGRESSION"): FAULTS[1],
    ("fairness", "REGRESSION"): FAULTS[2],
    ("fairness", "FLOOR_FAIL"): FAULTS[3],
    ("must_improve", "FLOOR_FAIL"): FAULTS[4],
    ("floor", "FLOOR_FAIL"): FAULTS[5],
    ("budget", "FLOOR_FAIL"): FAULTS[7],
    ("budget", "REGRESSION"): FAULTS[8],
}


def write_headline(outcome: Outcome, suites: Sequence[SuiteVerdict]) -> str:
    """Why the verdict is what it is; a FAIL names every kind of fault, each with its suites."""
    guilty = [suite for suite in suites if suite.outcome == outcome]
    where = ", ".join(suite.name for suite in guilty)
    if outcome == "PASS":
        return f"every gate of {len(suites)} {'suite' if len(suites) == 1 else 'suites'} passes"
    if outcome == "FAIL":
        return "; ".join(_failed(guilty))
    if outcome == "INCONCLUSIVE":
        return f"the data cannot tell in: {where}"
    return f"nothing sound to compare in: {where}" if guilty else "no suite was compared"


def _failed(guilty: Sequence[SuiteVerdict]) -> list[str]:
    faults = {suite.name: {_fault(finding) for finding in suite.findings} for suite in guilty}
    told = ((fault, [name for name, found in faults.items() if fault in found]) for fault in FAULTS)
    return [f"{fault} in: {', '.join(names)}" for fault, names in told if names]


def _fault(finding: Finding) -> str | None:
    """What a finding holds against the candidate; None where it does not fail."""
    if finding.state not in FAILING:
        return None
    if "unproven" in finding.flags:  # a floor that is met, but asked to be proven
        return FAULTS[6]
    return _FAULT.get((finding.gate, finding.state), FAULTS[-1])
