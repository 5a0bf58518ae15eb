"""What the looks of an early stop proved: told to the reader, kept with the run, and put in place of the fixed test."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from evalkit.core.exchange import Json
from evalkit.core.verdict import Finding, State
from evalkit.gates.finding import with_figures
from evalkit.pipeline.asking.early_stop import Stopped

_UNSEEN = frozenset({"one_sided", "nothing_to_lose", "one_reading", "unread"})
"""Flags of what no look can prove: nothing was seen that could have been worse"""


def how_it_stopped(stopped: Stopped) -> str:
    """Write how a run stopped early: what was saved, for the reader.

    The one sentence also says what the other gates were judged on.
    """
    if not stopped.early:
        return (
            f"early stop: nothing was decided on the way; all {stopped.planned} examples were asked and the gates had "
            f"{100 * stopped.confidence:g}% confidence left"
        )
    assert stopped.look is not None
    return (
        f"early stop: {stopped.primary.metric} was decided ({stopped.look.decision}) after {stopped.asked} of "
        f"{stopped.planned} examples; {_calls(stopped)} calls of the candidate were saved; the other "
        f"gates were judged on the {stopped.asked} that were asked"
    )


def _calls(stopped: Stopped) -> int:
    """Calls that were not made: every repeat of every example that was not asked."""
    return (stopped.planned - stopped.asked) * stopped.prepared.suite.spec.repeats


def proof_of(stopped: Stopped) -> dict[str, Json]:
    """Record what a kept run must remember of an early stop.

    Deciding again then knows what the looks proved.
    """
    look = stopped.look if stopped.early else None
    return {
        "metric": stopped.primary.metric,
        "margin": stopped.primary.margin,
        "confidence": stopped.wished,
        "sequence": stopped.sequence,
        "decision": look.decision if look else None,
        "units": look.n if look else None,
        "low": look.low if look else None,
        "high": look.high if look else None,
        "saved": _calls(stopped),
        "planned": stopped.planned * stopped.prepared.suite.spec.repeats,
    }


def apply_early_stop(
    proof: Mapping[str, Any],
    findings: Sequence[Finding],
    *,
    confidence: float,
    higher_is_better: bool,
    watched: Collection[int],
) -> tuple[Finding, ...]:
    """Replace the findings of the primary metric by what the looks proved.

    What they proved is that of `proof_of`. `watched` are the indices of the gates that have a margin of that metric
    over all cases. The rest stays as judged on what was asked. INVALID stays too: looks at an unsound comparison prove
    nothing; so does WAIVED, and what was not seen (answers that escaped or were not read, a base with nothing to lose),
    unless the looks proved harm. `confidence` is what the policy asks for now: looks made for less prove nothing at it.
    """
    if proof["decision"] is None:
        return tuple(findings)
    return tuple(
        _tell(proof, finding, confidence=confidence, higher_is_better=higher_is_better)
        if finding.gate_index in watched
        and (finding.metric, finding.slice) == (proof["metric"], None)
        and finding.state not in ("INVALID", "WAIVED")
        and (not _UNSEEN & set(finding.flags) or proof["decision"] == "REGRESSION")
        else finding
        for finding in findings
    )


def _tell(proof: Mapping[str, Any], finding: Finding, *, confidence: float, higher_is_better: bool) -> Finding:
    margin = proof["margin"] if finding.margin is None else finding.margin
    state = _state(proof, margin) if confidence <= proof["confidence"] else "INCONCLUSIVE"
    low, high = proof["low"], proof["high"]
    # what was rejected on the way is ruled out at the same error: no interval contradicts its decision
    if proof["decision"] == "REGRESSION":
        high = min(high, 0.0)
    elif proof["decision"] == "PASS":
        low = max(low, -proof["margin"])
    ends = (low, high) if higher_is_better else (0.0 - high, 0.0 - low)
    meaning = {
        "PASS": f"proves it non-inferior within {margin:g}",
        "REGRESSION": f"proves it worse; margin {margin:g}",
    }.get(state, f"stopped the run before a margin of {margin:g} at {100 * confidence:g}% could be told")
    told = with_figures(
        finding,
        low=ends[0],
        high=ends[1],
        confidence=proof.get("sequence", finding.confidence),
        method="betting confidence sequence",
        p=None,
        p_adjusted=None,
    )
    return dataclasses.replace(
        told,
        state=state,
        flags=(*_refine(state, low, high, margin), "early_stop"),
        because=(
            f"{finding.metric}: after {proof['units']} units the betting e-process {meaning} "
            f"(confidence sequence {ends[0]:+.3f} to {ends[1]:+.3f}); "
            f"{proof['saved']} of {proof['planned']} calls were saved."
        ),
    )


def _refine(state: State, low: float, high: float, margin: float) -> tuple[str, ...]:
    """The flags of the partition (`evalkit.stats.classify`) for the sequence that is shown, not for the fixed test."""
    if state == "REGRESSION":
        return ("material",) if high < -margin else ()
    if state != "PASS":
        return ()
    return ("tolerated_drop",) * (high < 0.0) + ("equivalent",) * (high < margin)


def _state(proof: Mapping[str, Any], margin: float) -> State:
    """The decision for the margin that was watched; for another one what the confidence sequence says of it."""
    if margin == proof["margin"]:
        return "PASS" if proof["decision"] == "PASS" else "REGRESSION"
    if proof["low"] > -margin:
        return "PASS"
    return "REGRESSION" if proof["high"] < 0.0 else "INCONCLUSIVE"
