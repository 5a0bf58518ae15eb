"""The sample of training rows that both arms were asked, as gates look at it; what keeps a gate from looking at it."""

from __future__ import annotations

from evalkit.core.columns import Comparison
from evalkit.gates import words
from evalkit.gates.view import View, view
from evalkit.suite.spec import PolicySpec

ASKED, PREFIX = "asked", "prefix"
"""As the rows stand; with the begin of the completion given"""
ASK_THEM = "ask both arms the training rows"
"""What settles it where they were not asked"""


def look_at_training(seen: View, policy: PolicySpec) -> View | None:
    """Return the training rows as a view as sure as that of the suite.

    None where none were asked.
    """
    rows = seen.comparison.training.get(ASKED)
    return None if rows is None else view(rows, policy, confidence=seen.confidence)


def why_none(comparison: Comparison) -> str:
    """Say why no training row was asked."""
    told = " (their files are not here)" if _names_files(comparison) else ""
    return f"no training row was asked{told}, so nothing is known of them."


def why_unsound(comparison: Comparison, *, limit: float, arms: tuple[str, ...] = ("base", "candidate")) -> str:
    """Say why the answers to training rows prove nothing.

    Empty where they prove something. They do not where too many calls of an arm failed, as all do of a recording
    without them.
    """
    coverage = comparison.coverage
    failed = {"base": coverage.base_failed, "candidate": coverage.candidate_failed}
    kinds = {"base": coverage.base_failures, "candidate": coverage.candidate_failures}
    for arm in arms:
        if failed[arm] > limit * coverage.asked:
            calls = f"{failed[arm]:,} of {words.count(coverage.asked, 'call')}"
            told = f"{calls} of the {arm} on training rows failed"
            if kinds[arm].get("missing"):
                name = (comparison.base if arm == "base" else comparison.candidate).name
                return (
                    f"{told}: its recording has no answer to them; `evalkit record {name} --live -o FILE` keeps them."
                )
            first = {"base": coverage.base_failed_first, "candidate": coverage.candidate_failed_first}[arm]
            return f"{told} (the first failed with: {first}): ask them again." if first else f"{told}: ask them again."
    return f"of training rows: {'; '.join(comparison.unsound)}." if comparison.unsound else ""


def _names_files(comparison: Comparison) -> bool:
    spec = comparison.manifest.get("spec")
    return isinstance(spec, dict) and bool(spec.get("training"))
