"""From findings to one outcome: INVALID before FAIL before INCONCLUSIVE before PASS."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.verdict import Finding, Outcome
from evalkit.gates.states import FAILING
from evalkit.suite.spec import PolicySpec


def outcome(findings: Sequence[Finding], policy: PolicySpec) -> Outcome:
    """The outcome of a suite. No finding at all is INVALID; nothing but TOO_SMALL could not tell.

    INCONCLUSIVE becomes PASS where the policy says `on_inconclusive: warn` or `pass`.
    """
    states = {finding.state for finding in findings}
    if not states or "INVALID" in states:
        return "INVALID"
    if states & FAILING:
        return "FAIL"
    untold = "INCONCLUSIVE" in states or states == {"TOO_SMALL"}
    return "INCONCLUSIVE" if untold and policy.on_inconclusive == "fail" else "PASS"
