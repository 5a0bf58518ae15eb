"""Every metric over all cases: both arms, the difference and its interval."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block, Table
from evalkit.core.columns import Comparison
from evalkit.core.nouns import Estimate, Verdict
from evalkit.report import figures, tones

_COLUMNS = ("Metric", "Base", "Candidate", "Difference", "Interval", "n", "Fixed", "Broken", "Detectable")
_NUMERIC = (1, 2, 3, 4, 5, 6, 7, 8)


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """One table with a forest plot; what an answer costs has its own section."""
    overall = [item for item in verdict.suites[0].metrics if item.slice is None and figures.unit(item.metric) is None]
    if not overall:
        return []
    return [
        Table(
            heading="Metrics",
            columns=_COLUMNS,
            rows=tuple(row(item) for item in overall),
            tones=tuple(tones.of_interval(item) for item in overall),
            details=tuple("" if item.delta is not None else item.because for item in overall),
            bars=tuple(tones.bar(item, up=item.higher_is_better, tone=tones.of_interval(item)) for item in overall),
            numeric=_NUMERIC,
            note=f"Intervals at {figures.level(overall[0])}; better is on the right. "
            "Detectable: the smallest change these cases could have shown.",
        )
    ]


def row(item: Estimate) -> tuple[str, ...]:
    """The cells of one metric."""
    return (
        item.metric if item.higher_is_better else f"{item.metric} ↓",
        figures.value(item.base, item),
        figures.value(item.candidate, item),
        figures.change(item.delta, item),
        figures.interval(item),
        figures.count(item.n),
        figures.count(item.fixed),
        figures.count(item.broken),
        figures.size(item.mde, item),
    )
