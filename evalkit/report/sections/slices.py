"""The slices: one heat map a tag, values down, metrics across, each cell the difference with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block, Matrix, Tone
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Estimate, Verdict
from evalkit.report import figures, tones

_NOTE = (
    "Candidate minus base. Coloured where the interval of this cell excludes 0, before any correction for looking at "
    "many cells: the gates above are corrected, this map is for exploring."
)


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return a matrix for every tag that the suite slices by.

    With the scorers' own values, and the parts that a gate names.
    """
    found: dict[str, dict[tuple[str, str], Estimate]] = {}
    judged = {finding.metric for finding in verdict.suites[0].findings}
    for item in verdict.suites[0].metrics:
        if item.slice is not None and ("." not in item.metric or item.metric in judged):
            found.setdefault(item.slice.by, {})[item.slice.value, item.metric] = item
    last = next(reversed(found), "")
    return [_matrix(by, cells, note=_NOTE if by == last else "") for by, cells in found.items()]


def _matrix(by: str, cells: dict[tuple[str, str], Estimate], *, note: str) -> Matrix:
    known = list(dict.fromkeys(value for value, _ in cells))
    worse = {value for (value, _), item in cells.items() if _tone(item) == "bad"}
    values = tuple(sorted(known, key=lambda value: value not in worse))
    metrics = tuple(dict.fromkeys(metric for _, metric in cells))
    grid = [[cells.get((value, metric)) for metric in metrics] for value in values]
    return Matrix(
        heading=by,
        rows=values,
        columns=metrics,
        cells=tuple(tuple(item.delta if item else None for item in row) for row in grid),
        text=tuple(tuple(_text(item) for item in row) for row in grid),
        tones=tuple(tuple(_tone(item) for item in row) for row in grid),
        note=note,
        links=tuple(tuple({"metric": metric, f"tag.{by}": value} for metric in metrics) for value in values),
    )


def _text(item: Estimate | None) -> str:
    if item is None:
        return ""
    if item.delta is None:
        return f"{figures.MISSING}\nn {item.n:,}"
    return f"{figures.change(item.delta, item)}\n{figures.interval(item)} n {item.n:,}"


def _tone(item: Estimate | None) -> Tone:
    return "plain" if item is None else tones.of_interval(item)
