"""The one sentence under a verdict: what holds, and in which suites."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.verdict import Fault, Finding, Outcome, SuiteVerdict
from evalkit.gates.faults import GATE_FAILS
from evalkit.gates.outcome import is_unsound
from evalkit.gates.states import FAILING


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
    if guilty and all(suite.findings and not is_unsound(suite.findings) for suite in guilty):
        return f"a margin is below the noise floor in: {where}"
    return f"nothing sound to compare in: {where}" if guilty else "no suite was compared"


def _failed(guilty: Sequence[SuiteVerdict]) -> list[str]:
    faults = {suite.name: {_fault(finding) for finding in suite.findings} for suite in guilty}
    known = {fault for found in faults.values() for fault in found if fault is not None}
    return [
        f"{fault.said} in: {', '.join(name for name, found in faults.items() if fault in found)}"
        for fault in sorted(known, key=lambda fault: (fault.rank, fault.said))
    ]


def _fault(finding: Finding) -> Fault | None:
    """What a finding holds against the candidate; None where it does not fail. A flag says more than the state."""
    if finding.state not in FAILING:
        return None
    known = finding.words.faults
    return next((known[name] for name in (*finding.flags, finding.state) if name in known), GATE_FAILS)
