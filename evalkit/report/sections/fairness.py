"""Fairness: for every group, how its gap to the others changed from base to candidate."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Bar, Bars, Block
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Verdict
from evalkit.report import figures, tones

NOTE = (
    "Neither side is better: a group's gap can grow in both directions, so the margin is dashed on both. Whether "
    "it grew says the colour, and the finding."
)


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """A forest plot of the findings of fairness gates that have an interval."""
    bars = []
    for finding in verdict.suites[0].findings:
        if finding.gate != "fairness" or finding.delta is None or finding.low is None or finding.high is None:
            continue
        where = figures.place(finding.slice) or "all groups"
        label = f"{finding.metric} · {where}"
        tone = tones.STATE[finding.state]
        bars.append(
            Bar(
                label=label,
                value=finding.delta,
                low=finding.low,
                high=finding.high,
                tone=tone,
                margin=finding.margin,
                either=True,
            )
        )
    if not bars:
        return []
    return [Bars(heading="Change of each group's gap", bars=tuple(bars), unit="pp", note=NOTE)]
