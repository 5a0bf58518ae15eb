"""The parts of the metrics: what a scorer measures beside its own value."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Verdict
from evalkit.report import tones
from evalkit.report.sections.metrics import overall, table


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return one table with a forest plot.

    Parts without a single value are named below it.
    """
    parts = [item for item in overall(verdict) if "." in item.metric]
    measured = tones.worst_first([item for item in parts if item.n])
    silent = [item.metric for item in parts if not item.n]
    if not measured:
        return []
    note = f"No case has a value of: {', '.join(silent)}." if silent else ""
    return [table("Parts of the metrics", measured, note=note)]
