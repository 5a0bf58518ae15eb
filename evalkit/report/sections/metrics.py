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
    """The scorers' own values, then their parts, each with a forest plot; what an answer costs has its own section."""
    overall = [item for item in verdict.suites[0].metrics if item.slice is None and figures.unit(item.metric) is None]
    main = [item for item in overall if "." not in item.metric]
    parts = [item for item in overall if "." in item.metric and item.n]
    empty = [item.metric for item in overall if "." in item.metric and not item.n]
    silent = f"No case has a value of: {', '.join(empty)}." if empty else ""
    about = "Intervals at {}; better is on the right. Detectable: the smallest change these cases could have shown."
    tables = []
    if main:
        note = about.format(figures.level(main[0])) + ("" if parts or not silent else f" {silent}")
        tables.append(_table("Metrics", main, note=note))
    if parts:
        tables.append(_table("Parts", parts, note=silent))
    return tables


def _table(heading: str, items: Sequence[Estimate], *, note: str) -> Table:
    return Table(
        heading=heading,
        columns=_COLUMNS,
        rows=tuple(row(item) for item in items),
        tones=tuple(tones.of_interval(item) for item in items),
        details=tuple("" if item.delta is not None else item.because for item in items),
        bars=tuple(tones.bar(item, up=item.higher_is_better, tone=tones.of_interval(item)) for item in items),
        numeric=_NUMERIC,
        note=note,
    )


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
