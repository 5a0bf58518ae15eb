"""Findings that somebody answers for until a date; after it the gate is back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Json
from evalkit.core.verdict import Finding
from evalkit.gates.finding import invalid
from evalkit.gates.states import FAILING
from evalkit.suite.spec import Waiver

_ROUNDING = 1e-9
"""A change that is the limit but for the last bits of a float is within it"""
WAIVABLE = FAILING | {"INCONCLUSIVE"}
"""INVALID is not: what was not compared soundly cannot be accepted either."""


def apply_waivers(findings: Sequence[Finding], waivers: Sequence[Waiver], *, today: dt.date) -> tuple[Finding, ...]:
    """Apply every waiver; one that names no finding is INVALID.

    So a typo never passes for care.

    A waiver without `slice` covers the finding over all cases only. It holds through its expiry date. One that fits
    the findings of several gates is INVALID too, and covers none of them: it must say which by `index` or `margin`.
    """
    holding = [waiver for waiver in waivers if today <= waiver.expires]
    unclear = [waiver for waiver in holding if len(_gates(waiver, findings)) > 1]
    exact = [waiver for waiver in waivers if waiver not in unclear]
    out = tuple(_one(finding, exact, today=today) for finding in findings)
    lost = [waiver for waiver in holding if not _gates(waiver, findings)]
    return (
        *out,
        *(_report_lost(waiver, findings) for waiver in lost),
        *(_unclear(waiver, findings) for waiver in unclear),
    )


def _gates(waiver: Waiver, findings: Sequence[Finding]) -> list[int]:
    """The gates whose findings a waiver fits."""
    return sorted({finding.gate_index for finding in findings if covers(waiver, finding)})


def covers(waiver: Waiver, finding: Finding) -> bool:
    """Return whether a waiver speaks of this finding."""
    if waiver.gate != finding.gate or waiver.metric != finding.metric:
        return False
    if waiver.index is not None and waiver.index != finding.gate_index:
        return False
    if waiver.margin is not None and not _is_margin(waiver.margin, finding):
        return False
    if waiver.judge is not None and waiver.slice is None:
        return True
    if finding.slice is None or waiver.slice is None:
        return finding.slice is None and waiver.slice is None
    return waiver.slice == {finding.slice.by: finding.slice.value}


def _is_margin(margin: float, finding: Finding) -> bool:
    """Whether a finding was judged by this margin; what could not be judged has none, and is not told apart by it."""
    if finding.margin is None:
        return finding.state == "INVALID"
    return math.isclose(margin, finding.margin, rel_tol=1e-9)


def _beyond(waiver: Waiver, finding: Finding) -> str | None:
    """Why a finding is worse than what a waiver accepts; None where it is not."""
    if waiver.down_to is None and waiver.up_to is None:
        return None
    limits = [f"{name} {limit:+.4g}" for name, limit in _limits(waiver)]
    harm = "down_to" if finding.estimate.higher_is_better else "up_to"
    if getattr(waiver, harm) is None and not finding.words.either:
        worse = "falls" if harm == "down_to" else "rises"
        return (
            f"the waiver of {waiver.owner} accepts {' and '.join(limits)}, which limits nothing: {finding.metric} gets "
            f"worse where it {worse}, so the limit must be `{harm}`"
        )
    if finding.delta is None:
        return f"the waiver of {waiver.owner} accepts {' and '.join(limits)}, and there is no change to hold against it"
    past = (waiver.down_to is not None and finding.delta < waiver.down_to - _ROUNDING) or (
        waiver.up_to is not None and finding.delta > waiver.up_to + _ROUNDING
    )
    return (
        f"the waiver of {waiver.owner} accepts {' and '.join(limits)}, and the change is {finding.delta:+.4g}"
        if past
        else None
    )


def _limits(waiver: Waiver) -> list[tuple[str, float]]:
    both = (("down to", waiver.down_to), ("up to", waiver.up_to))
    return [(name, limit) for name, limit in both if limit is not None]


def _one(finding: Finding, waivers: Sequence[Waiver], *, today: dt.date) -> Finding:
    speaking = [waiver for waiver in waivers if waiver.judge is None and covers(waiver, finding)]
    if finding.state not in WAIVABLE or not speaking:
        return finding
    latest = max(speaking, key=lambda waiver: waiver.expires)
    about: dict[str, Json] = {
        "reason": latest.reason, "owner": latest.owner, "expires": latest.expires.isoformat(),
    }  # fmt: skip
    about |= {name.replace(" ", "_"): limit for name, limit in _limits(latest)}
    if today > latest.expires:
        return dataclasses.replace(
            finding,
            because=(
                f"{finding.because.rstrip('.')}; the waiver of {latest.owner} expired on {latest.expires}, "
                "so the gate is back."
            ),
            flags=(*finding.flags, "waiver_expired"),
            details={**finding.details, "waiver": about},
        )
    beyond = _beyond(latest, finding)
    if beyond is not None:
        return dataclasses.replace(
            finding,
            because=f"{finding.because.rstrip('.')}; {beyond}.",
            flags=(*finding.flags, "waiver_exceeded"),
            details={**finding.details, "waiver": about},
        )
    return dataclasses.replace(
        finding,
        state="WAIVED",
        because=(
            f"waived by {latest.owner} until {latest.expires} ({latest.reason}); without it {finding.state}: "
            f"{finding.because}"
        ),
        flags=(*finding.flags, "waived"),
        details={**finding.details, "waiver": {**about, "state": finding.state}},
    )


def _report_lost(waiver: Waiver, findings: Sequence[Finding]) -> Finding:
    gates = sorted({finding.gate for finding in findings})
    metrics = sorted({finding.metric for finding in findings if finding.gate == waiver.gate})
    values = sorted(
        f"{f.slice.by}: {f.slice.value}"
        for f in findings
        if f.slice is not None and f.gate == waiver.gate and f.metric == waiver.metric
    )
    if waiver.gate not in gates:
        why = f"no gate {waiver.gate!r} was judged{did_you_mean(waiver.gate, gates)}"
    elif waiver.metric not in metrics:
        why = f"no {waiver.gate} of {waiver.metric!r} was judged{did_you_mean(waiver.metric, metrics)}"
    elif fits := [f for f in findings if covers(waiver.model_copy(update={"index": None, "margin": None}), f)]:
        which = f"index {waiver.index}" if waiver.index is not None else f"margin {waiver.margin:g}"
        why = f"{waiver.gate} of {waiver.metric} was not judged by a gate of {which}; judged were: {_tell(fits)}"
    else:
        wanted = ", ".join(f"{by}: {value}" for by, value in (waiver.slice or {}).items()) or "all cases"
        why = f"{waiver.gate} of {waiver.metric} was not judged for {wanted}{did_you_mean(wanted, values)}"
    return invalid(waiver.gate, waiver.metric, f"the waiver of {waiver.owner} covers no finding: {why}.", index=-1)


def _unclear(waiver: Waiver, findings: Sequence[Finding]) -> Finding:
    fits = [finding for finding in findings if covers(waiver, finding)]
    why = (
        f"the waiver of {waiver.owner} fits several gates, so it covers none: say which by `index` or `margin` "
        f"({_tell(fits)})."
    )
    return invalid(waiver.gate, waiver.metric, why, index=-1)


def _tell(findings: Sequence[Finding]) -> str:
    """The gates of these findings, as a waiver may name them."""
    shown = {f.gate_index: "" if f.margin is None else f" with margin {f.margin:g}" for f in findings}
    return ", ".join(f"index {index}{margin}" for index, margin in sorted(shown.items()))
