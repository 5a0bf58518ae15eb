"""What would settle a finding that could not tell: every INCONCLUSIVE of every gate says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.seconds import BY_ROUNDS, ONE_AFTER_OTHER, OTHER_DAYS, SIDE_BY_SIDE
from evalkit.stats.rounds import METHOD as ROUNDS
from evalkit.stats.rounds import TOO_FEW

SETTLE = "settle"
"""The key of `details` that holds the sentence"""

_BY_FLAG = {
    "failed_calls": "ask the calls again that failed (they are not kept, so the same command asks them)",
    "one_sided": "gate on a metric that every case has, or see why one arm gives such answers nothing to judge",
    "unknown": "record the arms with what the budget measures (usage, latency, a `price` in models.yaml)",
    "ended": "raise max_tokens (or lower the reasoning effort) and ask again",
    "not_side_by_side": f"use {SIDE_BY_SIDE}",
    "gap": "more cases of this group, until its gap is proven to lie on one side of max_gap",
    "ahead": "name this group as the `reference`, which compares each of the others with it",
}
_LOOK = "look at three answers, the target and the scorer's options"


def with_settlement(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings; those that could not tell carry `details.settle`.

    They end in it where they did not say it yet.
    """
    return [_tell(finding) if finding.state == "INCONCLUSIVE" else finding for finding in findings]


def _tell(finding: Finding) -> Finding:
    if SETTLE in finding.details:
        return finding
    told = what_settles(finding)
    named = finding.n_needed is not None and f"{finding.n_needed:,}" in finding.because
    said = finding.because if named or "to settle it" in finding.because else _join(finding.because, told)
    return replace(finding, because=said, details={**finding.details, SETTLE: told})


def _join(because: str, told: str) -> str:
    return f"{because.rstrip('.')}; to settle it: {told}."


def what_settles(finding: Finding) -> str:
    """Say in a few words what would let the gate tell."""
    if finding.method == ROUNDS and BY_ROUNDS in finding.because:
        return "more cases, or both asked anew while the server is less busy (`--live`)"
    if TOO_FEW in finding.because:
        return "more cases"
    if finding.method == ROUNDS:
        return "time both anew (`--live`, or without `.evalkit/timing`) while the machine does nothing else"
    if "look_at" in finding.details:
        return _LOOK
    if finding.n_needed is not None and finding.n_needed > finding.n:
        more = words.count(finding.n_needed, "case")
        return f"about {more} instead of {finding.n:,}{_like_these(finding)}"
    if ONE_AFTER_OTHER in finding.because:
        return (
            "ask both arms in one run (`--live`, without `--early-stop`) under a budget with `max_ratio`, which asks "
            "them in turn"
        )
    if OTHER_DAYS in finding.because:
        return "ask both arms in one run (`--live`, or `--max-age 6h`), or record both on one day"
    for flag in finding.flags:
        if flag in _BY_FLAG:
            return _BY_FLAG[flag]
    if finding.details.get("guarded") == 0:
        return "tag cases that the base passes, or name in `metrics` what it does pass"
    if finding.details.get("open"):
        return "ask the open cases again, or see why they have no value"
    if finding.n == 0:
        return "cases that both arms have a value for"
    return _by_figures(finding)


def _like_these(finding: Finding) -> str:
    return f" of {finding.slice.by}={finding.slice.value}" if finding.slice is not None else ""


def _by_figures(finding: Finding) -> str:
    """Where the value seen lies within what is allowed more cases tell; where it lies beyond they will not."""
    delta, low, high, margin = finding.delta, finding.low, finding.high, finding.margin
    if delta is None or low is None or high is None:
        return "more cases like these"
    room = _room(finding, delta, margin)
    if room <= 0.0:
        return "nothing but a better candidate, or a wider limit: the value seen lies beyond what the gate allows"
    width = max(high - delta, delta - low)
    times = max(1.05, (width / room) ** 2)
    return f"about {words.count(int(finding.n * times) + 1, 'case')} instead of {finding.n:,}{_like_these(finding)}"


def _room(finding: Finding, delta: float, margin: float | None) -> float:
    """How far the value seen lies from the margin, on the side that is allowed."""
    allowed = 0.0 if margin is None else margin
    better = delta if finding.estimate.higher_is_better else -delta
    return better + allowed if margin is not None else better
