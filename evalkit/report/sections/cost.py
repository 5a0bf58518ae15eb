"""What answers cost: seconds, tokens and money an answer, and the totals."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block, Table
from evalkit.core.columns import Column, Comparison
from evalkit.core.verdict import Estimate, Verdict
from evalkit.report import figures, tones

_NAMES = {
    "latency_s": "Latency",
    "first_token_s": "First token",
    "cost_usd": "Cost",
    "tokens_in": "Tokens in",
    "tokens_out": "Tokens out",
    "tokens_thought": "Tokens thought",
    "tokens_per_s": "Tokens a second",
    "latency_p50": "Latency, median",
    "latency_p95": "Latency, 95th percentile",
    "first_token_p50": "First token, median",
}
_SUMMED = ("cost_usd", "tokens_in", "tokens_out", "tokens_thought")


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return the mean costs per answer, the quantiles of seconds, their differences.

    What is not known is missing, never 0.
    """
    known = [
        item
        for item in verdict.suites[0].metrics
        if item.slice is None and figures.unit(item.metric) is not None and item.n
    ]
    if not known:
        return []
    return [
        Table(
            heading="Cost and latency",
            columns=(
                "Per case",
                "Base",
                "Candidate",
                "Difference",
                "Interval",
                "n",
                "Base total",
                "Candidate total",
            ),
            rows=tuple(_row(item, comparison) for item in known),
            tones=tuple(tones.of_interval(item) for item in known),
            bars=(),
            numeric=(1, 2, 3, 4, 5, 6, 7),
            note="Means, where nothing else is said. Latency is that of the answered attempt, without queueing; kept "
            "answers keep their original cost.",
        )
    ]


def _row(item: Estimate, comparison: Comparison | None) -> tuple[str, ...]:
    pair = comparison.columns.get(item.metric) if comparison is not None else None
    totals = (_total(pair.base), _total(pair.candidate)) if pair is not None and item.metric in _SUMMED else ("", "")
    return (
        _NAMES.get(item.metric, item.metric),
        figures.value(item.base, item),
        figures.value(item.candidate, item),
        figures.change(item.delta, item),
        figures.interval(item),
        figures.count(item.n),
        *totals,
    )


def _total(column: Column) -> str:
    """The sum over every answer that says its figure; how many did not, beside it."""
    known = int(column.scored.sum())
    silent = int((~column.scored & ~column.failed).sum())
    total = figures.number(float(column.raw[column.scored].sum())) if known else figures.MISSING
    return f"{total} ({silent} unknown)" if silent and known else total
