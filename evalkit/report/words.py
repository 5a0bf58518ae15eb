"""The sentences that every renderer says the same way."""

from __future__ import annotations

from collections import Counter

from evalkit.core.nouns import Finding, SuiteVerdict, Verdict

_DEPLOY = {
    "PASS": "deploy",
    "FAIL": "do not deploy",
    "INCONCLUSIVE": "cannot tell yet",
    "INVALID": "nothing may be concluded",
}


def deploy(verdict: Verdict) -> str:
    """What the outcome means for the question everybody has."""
    return _DEPLOY[verdict.outcome]


def tally(suite: SuiteVerdict) -> str:
    """`1 REGRESSION, 4 PASS`: the states of a suite's findings, the rarest concern last."""
    counts = Counter(finding.state for finding in suite.findings)
    return ", ".join(
        f"{many} {state}" for state, many in sorted(counts.items(), key=lambda item: (item[0] == "PASS", item))
    )


def on_inconclusive(manifest_spec: object) -> str:
    """What the suite's policy says of findings that cannot tell; `fail` where it is not known."""
    policy = manifest_spec.get("policy") if isinstance(manifest_spec, dict) else None
    said = policy.get("on_inconclusive") if isinstance(policy, dict) else None
    return said if isinstance(said, str) else "fail"


def fails(finding: Finding) -> bool:
    """Whether a finding speaks against deploying by itself."""
    return finding.state in ("REGRESSION", "FLOOR_FAIL", "CRITICAL_FAIL", "INVALID")
