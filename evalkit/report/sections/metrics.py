"""The scorers' own values over all cases: both arms, the difference and its interval."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block, Prose, Table
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Estimate, Verdict
from evalkit.report import figures, tones
from evalkit.report.links import Links, spread, to_changed

CAVEAT = (
    "The comparison of this suite is not sound: these figures say what was measured, and nothing may be concluded from "
    "them."
)
_COLUMNS = ("Metric", "Base", "Candidate", "Difference", "Interval", "n", "Fixed", "Broken", "Detectable")
_NUMERIC = (1, 2, 3, 4, 5, 6, 7, 8)


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return one table with a forest plot.

    The parts of a metric and what an answer costs have sections of their own.
    """
    main = tones.worst_first([item for item in overall(verdict) if "." not in item.metric])
    if not main:
        return []
    about = "better is on the right. Detectable: the smallest change these cases could have shown."
    found = table("Metrics", main, note=f"Intervals at {figures.level(main[0])}; {about}")
    return [Prose(text=CAVEAT, tone="unsure"), found] if verdict.suites[0].outcome == "INVALID" else [found]


def overall(verdict: Verdict) -> list[Estimate]:
    """Return the estimates over all cases of what scorers measure."""
    return [item for item in verdict.suites[0].metrics if item.slice is None and figures.unit(item.metric) is None]


def table(heading: str, items: Sequence[Estimate], *, note: str) -> Table:
    """Return a row per metric; one without any value says why."""
    return Table(
        heading=heading,
        columns=_COLUMNS,
        rows=tuple(_row(item) for item in items),
        tones=tuple(tones.of_interval(item) for item in items),
        details=tuple("" if item.delta is not None else item.because for item in items),
        bars=tuple(tones.bar(item, up=item.higher_is_better, tone=tones.of_interval(item)) for item in items),
        numeric=_NUMERIC,
        links=tuple(_links(item) for item in items),
        note=note,
    )


def _links(item: Estimate) -> Links:
    counts = {5: ("all", item.n), 6: ("fixed", item.fixed), 7: ("broken", item.broken)}
    return spread(to_changed(item.metric, None, counts), len(_COLUMNS))


def _row(item: Estimate) -> tuple[str, ...]:
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
