"""Seconds of arms on this machine: what was taken at different times proves nothing, what was taken side by side may.

A local arm answers in batches, one arm after the other: what else the machine did, how warm it was, and what had been
computed before count as a difference between models. So a claim on seconds needs rounds in which both arms answered the
same questions in turn (`manifest["timing"]`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalkit.core.columns import Comparison
from evalkit.core.exchange import ModelIdentity
from evalkit.core.verdict import Estimate, Finding
from evalkit.gates.finding import with_figures
from evalkit.suite.ask_gate import margin_within
from evalkit.suite.gate_spec import GateSpec

SECONDS = frozenset({"latency_s", "first_token_s", "tokens_per_s"})
TIMING = "timing"
"""Of the manifest: {"rounds": [{"base": [seconds], "candidate": [seconds]}]}, or {"in_turn": False} of served arms"""
IN_TURN = "in_turn"
"""Of the timing: false where arms at a server were asked one after the other"""
APART = "apart"
"""Of the manifest: when either arm was asked, where not at one time: {"base": "on ...", "candidate": "around ..."}"""
NOT_SIDE_BY_SIDE = "not_side_by_side"
"""The flag of a finding on seconds that were not taken side by side"""

WHY = (
    "the seconds of arms on one machine were taken one arm after the other, so that whatever else the machine did "
    "counts as a difference between the models: nothing is proven"
)
SIDE_BY_SIDE = (
    "a budget with `max_ratio`, and both arms on this machine without --replay, so that they are timed in turn"
)
OTHER_DAYS = "else the servers did then"
ONE_AFTER_OTHER = (
    "the seconds of the two arms were taken one after the other, not in turn, so that whatever "
    f"{OTHER_DAYS} counts as a difference between the models: nothing is proven"
)
BY_ROUNDS = "counted by rounds in which both arms were asked in turn"
_SHARED = (
    "answers of one round meet the server in one state, so that cases prove nothing of seconds: a budget with "
    "`max_ratio` counts rounds"
)
_LOCAL = "local"
_COLUMNS = {"latency_s": "rounds", "first_token_s": "first_token"}


def is_local(identity: ModelIdentity) -> bool:
    """Return whether an arm answers, or was recorded, on one's own machine."""
    recorded = str(identity.details.get("recorded_from", ""))
    return identity.provider == _LOCAL or recorded.startswith(f"{_LOCAL}:")


def shares_a_machine(comparison: Comparison) -> bool:
    """Return whether either arm's seconds are shares of a machine's time."""
    return is_local(comparison.base) or is_local(comparison.candidate)


def timed_rounds(comparison: Comparison, column: str) -> tuple[list[list[float]], list[list[float]]] | None:
    """Return the seconds of base and candidate by round.

    It is None where they were not timed side by side, or not of this column.
    """
    rounds = comparison.manifest.get(TIMING, {}).get(_COLUMNS.get(column, ""))
    if not rounds or (_apart(comparison) and not shares_a_machine(comparison)):
        return None
    return [list(one["base"]) for one in rounds], [list(one["candidate"]) for one in rounds]


def why_not_compared(comparison: Comparison) -> str:
    """Say why seconds of these arms prove nothing, case by case.

    Empty where they may. They were taken on one machine, one arm after the other, or on other days, or at other hours;
    or in rounds.
    """
    if shares_a_machine(comparison):
        return WHY
    apart = _apart(comparison)
    if apart:
        return (
            f"the seconds of the base were taken {apart['base']} and those of the candidate {apart['candidate']}, so "
            f"that whatever {OTHER_DAYS} counts as a difference between the models: nothing is proven"
        )
    timing = comparison.manifest.get(TIMING, {})
    if timing.get(IN_TURN) is False:
        return ONE_AFTER_OTHER
    return _SHARED if timing else ""


def _apart(comparison: Comparison) -> Mapping[str, str]:
    """When either arm was asked, where that was at other times; empty otherwise."""
    return comparison.manifest.get(APART) or _recorded_apart(comparison)


def _recorded_apart(comparison: Comparison) -> dict[str, str]:
    """When two recordings say that they were made on different days."""
    days = [str(arm.details.get("recorded", ""))[:10] for arm in (comparison.base, comparison.candidate)]
    if not all(days) or days[0] == days[1]:
        return {}
    return {"base": f"on {days[0]}", "candidate": f"on {days[1]}"}


def say_when(comparison: Comparison) -> str:
    """Say when seconds from a server were taken; empty for other arms."""
    arms = (comparison.base, comparison.candidate)
    if not any("host" in arm.details for arm in arms):
        return ""
    if all("recorded_from" in arm.details for arm in arms):
        return "; recorded one arm after the other, so how busy the server was is part of it"
    return "; asked one arm after the other, so how busy the server was is part of it"


def without_clock(findings: Sequence[Finding], gate: GateSpec, comparison: Comparison) -> Sequence[Finding]:
    """Return a gate's findings, INCONCLUSIVE on seconds that arms on one machine share.

    That is what it claims of seconds per case between such arms, or between arms that were not asked at one time.

    Those of a gate that looks at the candidate alone stay.
    """
    why = why_not_compared(comparison)
    if not why:
        return findings
    return [
        replace(
            with_figures(finding, low=None, high=None, p=None, p_adjusted=None, mde=None),
            state="INCONCLUSIVE",
            n_needed=None,
            flags=(NOT_SIDE_BY_SIDE,),
            because=f"{finding.metric}: {why}.",
        )
        if finding.metric in SECONDS
        and finding.state not in ("INVALID", "TOO_SMALL")
        and (finding.state in ("IMPROVED", "REGRESSION") or margin_within(gate, finding.metric) is not None)
        else finding
        for finding in findings
    ]


def without_intervals(estimates: Sequence[Estimate], comparison: Comparison) -> tuple[Estimate, ...]:
    """Return the estimates; shared seconds come without an interval.

    They are seconds between arms on one machine, or of other times: an interval would claim too much.
    """
    why = why_not_compared(comparison)
    if not why:
        return tuple(estimates)
    return tuple(
        replace(one, low=None, high=None, p=None, p_adjusted=None, mde=None, because=why)
        if one.metric in SECONDS
        else one
        for one in estimates
    )
