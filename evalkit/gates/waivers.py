"""Findings that somebody answers for until a date; after it the gate is back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from evalkit.core.errors import did_you_mean
from evalkit.core.verdict import Finding
from evalkit.gates.finding import invalid
from evalkit.gates.states import FAILING
from evalkit.suite.spec import Waiver

WAIVABLE = FAILING | {"INCONCLUSIVE"}
"""INVALID is not: what was not compared soundly cannot be accepted either."""


def waived(findings: Sequence[Finding], waivers: Sequence[Waiver], *, today: dt.date) -> tuple[Finding, ...]:
    """Apply every waiver; one that names no finding at all is INVALID, so that a typo never passes for care.

    A waiver without `slice` covers the finding over all cases only. It holds through its expiry date.
    """
    out = tuple(_one(finding, waivers, today=today) for finding in findings)
    lost = [w for w in waivers if today <= w.expires and not any(covers(w, f) for f in findings)]
    return (*out, *(_lost(waiver, findings) for waiver in lost))


def covers(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver speaks of this finding."""
    if waiver.gate != finding.gate or waiver.metric != finding.metric:
        return False
    if finding.slice is None or waiver.slice is None:
        return finding.slice is None and waiver.slice is None
    return waiver.slice == {finding.slice.by: finding.slice.value}


def _one(finding: Finding, waivers: Sequence[Waiver], *, today: dt.date) -> Finding:
    speaking = [waiver for waiver in waivers if covers(waiver, finding)]
    if finding.state not in WAIVABLE or not speaking:
        return finding
    latest = max(speaking, key=lambda waiver: waiver.expires)
    about = {"reason": latest.reason, "owner": latest.owner, "expires": latest.expires.isoformat()}
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


def _lost(waiver: Waiver, findings: Sequence[Finding]) -> Finding:
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
    else:
        wanted = ", ".join(f"{by}: {value}" for by, value in (waiver.slice or {}).items()) or "all cases"
        why = f"{waiver.gate} of {waiver.metric} was not judged for {wanted}{did_you_mean(wanted, values)}"
    return invalid(waiver.gate, waiver.metric, f"the waiver of {waiver.owner} covers no finding: {why}.", index=-1)
