"""From findings to one outcome: INVALID before FAIL before INCONCLUSIVE before PASS."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.verdict import Finding, Outcome
from evalkit.gates.states import BELOW_NOISE, FAILING
from evalkit.suite.spec import PolicySpec


def outcome(findings: Sequence[Finding], policy: PolicySpec) -> Outcome:
    """Return the outcome of a suite.

    No finding at all is INVALID; nothing but TOO_SMALL could not tell.

    A margin that a noise run refused is INVALID, too, but no comparison is unsound by it: what fails comes before.

    INCONCLUSIVE becomes PASS where the policy says `on_inconclusive: warn` or `pass`.
    """
    states = {finding.state for finding in findings}
    if not states or is_unsound(findings):
        return "INVALID"
    if states & FAILING:
        return "FAIL"
    if "INVALID" in states:
        return "INVALID"
    untold = "INCONCLUSIVE" in states or states == {"TOO_SMALL"}
    return "INCONCLUSIVE" if untold and policy.on_inconclusive == "fail" else "PASS"


def is_unsound(findings: Sequence[Finding]) -> bool:
    """Return whether a finding is INVALID for another reason than noise.

    Noise is the reason where a noise run refused the margin.
    """
    return any(finding.state == "INVALID" and BELOW_NOISE not in finding.flags for finding in findings)
