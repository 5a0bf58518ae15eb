"""Answers that never change because they are always wrong: consistency is worth something only of what passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalkit.core.columns import Comparison
from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.finding import with_figures
from evalkit.gates.look import look_at
from evalkit.gates.measured import orient_column
from evalkit.gates.nothing_to_lose import is_within_worst
from evalkit.gates.states import FINE

HARDLY = 0.05
"""A candidate that passes no more than this passes hardly anything"""
_FLIPS = ".flip_rate"


def settle_flips(findings: Sequence[Finding], comparison: Comparison) -> list[Finding]:
    """Return the findings; no flip rate is good where hardly anything passes."""
    return [_settle(finding, comparison) for finding in findings]


def _settle(finding: Finding, comparison: Comparison) -> Finding:
    metric = finding.metric.removesuffix(_FLIPS)
    if finding.state not in FINE or metric == finding.metric or metric not in comparison.columns:
        return finding
    of, key = orient_column(comparison.columns[metric]), finding.slice
    rows = [
        row
        for row in range(len(comparison.examples))
        if of.candidate_present[row] and (key is None or comparison.levels[key.by][row] == key.value)
    ]
    if not rows or not is_within_worst(of, float(of.candidate[rows].mean()), HARDLY):
        return finding
    look, cases = look_at(comparison, metric, rows)
    share = words.value(float(comparison.columns[metric].candidate.values[rows].mean()), share=of.share)
    because = (
        f"{finding.metric}{words.where(key)}: the candidate's {metric} is {share}, so it is steadily wrong, "
        f"which is no consistency; to settle it, {look}; as measured: {finding.because}"
    )
    return replace(
        with_figures(finding, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=tuple(flag for flag in finding.flags if flag == "alarm"),
        because=because,
        details={**finding.details, "look_at": cases},
    )
