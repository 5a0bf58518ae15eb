"""What the tests of report renderers share."""

from __future__ import annotations

from evalkit.core.verdict import Finding, SuiteVerdict, Verdict


def alone(*findings: Finding, outcome: str = "FAIL") -> Verdict:
    suite = SuiteVerdict(name="desk", outcome=outcome, findings=findings, metrics=(), examples=3)  # type: ignore[arg-type]
    return Verdict(version="1", outcome=outcome, base="base", candidate="ft", suites=(suite,))  # type: ignore[arg-type]
