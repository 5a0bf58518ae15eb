"""The group tables: a table a tag, a row a metric and group, with what the figures do not say beside them."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block, Table, Tone
from evalkit.core.columns import Comparison
from evalkit.core.group_table import FOUR_FIFTHS, GroupRow, GroupTable, Spread
from evalkit.core.verdict import SliceKey, Verdict
from evalkit.report import figures
from evalkit.report.links import Links, spread, to_changed

title = "Groups"

COLUMNS = (
    "Metric", "Group", "n", "Missing", "Base", "Base interval", "Candidate", "Candidate interval", "Base gap",
    "Candidate gap", "Change of the gap", "Interval", "Base ratio", "Candidate ratio", "Fixed", "Broken",
    "Base gap, pooled", "Candidate gap, pooled", "Change, pooled", "Interval",
)  # fmt: skip
PLAIN = len(COLUMNS) - 4
"""So many columns show figures of all rows; the last ones those within the values of control tags"""
NUMERIC = tuple(range(2, len(COLUMNS)))

NOTE = (
    "A gap is a group's figure less that of all other rows, or of the reference; its change is candidate less base, "
    "with an interval that holds for all groups of the metric together, and is not corrected over the tables. A ratio "
    "is to the group with the largest figure, or to the reference; * marks one below "
    f"{FOUR_FIFTHS:.2f}, the line of the four-fifths rule of thumb: a mark to read by, not a test. The largest gap "
    "grows with the number of groups and as they get smaller, even where nothing differs: it is shown, never gated on. "
    "These tables describe the cases asked; they do not say why groups differ."
)


_NAMED = {
    "demographic_parity": "demographic parity: largest gap of selection rates",
    "equal_opportunity": "equal opportunity: largest gap of true positive rates",
    "equalized_odds": "equalized odds: larger of the largest gaps of true and false positive rates",
}


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return a table per tag, in the order of the suite."""
    by: dict[str, list[GroupTable]] = {}
    for table in verdict.suites[0].groups:
        by.setdefault(table.title, []).append(table)
    last = next(reversed(by), "")
    return [of_tag(name, tables, note=NOTE * (name == last)) for name, tables in by.items()]


def of_tag(by: str, tables: Sequence[GroupTable], *, note: str = "") -> Table:
    """Return all metrics of one tag."""
    rows = [(table, row) for table in tables for row in table.rows]
    said = [sentence(table) for table in tables]
    controls = dict.fromkeys(name for table in tables for name in table.controls)
    if controls:
        said.append(f"Pooled gaps are those within each {' and '.join(controls)}, by Mantel and Haenszel's weights.")
    return Table(
        heading=by,
        columns=COLUMNS,
        rows=tuple(_cells(table, row) for table, row in rows),
        tones=tuple(_tone(table, row) for table, row in rows),
        details=tuple(row.because for _, row in rows),
        numeric=NUMERIC,
        links=tuple(_links(table, row) for table, row in rows),
        note=" ".join(filter(None, (*said, note))),
    )


def sentence(table: GroupTable) -> str:
    """Return the sentence beside a table's rows.

    The largest gap of both arms, who fell behind, what is in no group.
    """
    said = [f"largest gap {_largest(table, table.base_spread)} -> {_largest(table, table.candidate_spread)}"]
    for name, (base, candidate) in table.named_gaps.items():
        said.append(f"{_NAMED.get(name, name)} {_largest(table, base)} -> {_largest(table, candidate)}")
    if table.reference is not None:
        said.append(f"reference {table.reference}")
    if table.fell_behind:
        held = f"interval at {100 * table.confidence:.4g}% for this table's groups, not over all tables"
        said.append(f"fell behind: {', '.join(table.fell_behind)} ({held})")
    if table.without:
        said.append(f"{table.without:,} without the tag, in no group")
    return f"{table.metric}: {'; '.join(said)}."


def pooled_sentence(table: GroupTable) -> str:
    """Return the pooled gaps of a table in a sentence; empty without control tags."""
    if not table.controls:
        return ""
    said = [
        f"{row.group} {format_move(row.base_gap_pooled, table)} -> {format_move(row.candidate_gap_pooled, table)}, "
        f"change {format_move(row.change_pooled, table)} "
        f"{format_interval(row.low_pooled, row.high_pooled, table, signed=True)}"
        for row in table.rows
    ]
    return f"{table.metric}, gaps pooled within each {' and '.join(table.controls)}: {'; '.join(said)}."


def _largest(table: GroupTable, spread: Spread) -> str:
    if spread.gap is None:
        return f"undefined ({spread.because})"
    ends = f" ({spread.smallest} lowest, {spread.largest} highest)" if spread.gap > 0.0 else ""
    ratio = "" if spread.ratio is None else f", ratio {spread.ratio:.3f}"
    return f"{_size(spread.gap, table)}{ends}{ratio}"


def _cells(table: GroupTable, row: GroupRow) -> tuple[str, ...]:
    return (
        table.metric if table.higher_is_better else f"{table.metric} ↓",
        row.group,
        figures.count(row.n),
        figures.count(row.missing),
        format_figure(row.base, table),
        format_interval(row.base_low, row.base_high, table, signed=False),
        format_figure(row.candidate, table),
        format_interval(row.candidate_low, row.candidate_high, table, signed=False),
        format_move(row.base_gap, table),
        format_move(row.candidate_gap, table),
        format_move(row.change, table),
        format_interval(row.low, row.high, table, signed=True),
        format_ratio(row.base_ratio),
        format_ratio(row.candidate_ratio),
        figures.count(row.fixed),
        figures.count(row.broken),
        *(
            (
                format_move(row.base_gap_pooled, table),
                format_move(row.candidate_gap_pooled, table),
                format_move(row.change_pooled, table),
                format_interval(row.low_pooled, row.high_pooled, table, signed=True),
            )
            if table.controls
            else ("", "", "", "")
        ),
    )


def _links(table: GroupTable, row: GroupRow) -> Links:
    counts = {2: ("all", row.n), 14: ("fixed", row.fixed), 15: ("broken", row.broken)}
    return spread(to_changed(table.metric, SliceKey(by=table.by, value=row.group), counts), len(COLUMNS))


def _tone(table: GroupTable, row: GroupRow) -> Tone:
    if row.group in table.fell_behind:
        return "bad"
    return "unsure" if row.because else "plain"


def format_figure(figure: float | None, table: GroupTable) -> str:
    """Format a figure of a group, or the mark of none."""
    if figure is None:
        return figures.MISSING
    return f"{100 * figure:.1f}%" if table.share else figures.number(figure)


def _size(figure: float, table: GroupTable) -> str:
    return f"{100 * figure:.1f} pp" if table.share else figures.number(figure)


def format_move(figure: float | None, table: GroupTable) -> str:
    """Format a difference with its sign, or the mark of none."""
    if figure is None:
        return figures.MISSING
    if table.share:
        return figures.with_sign(100 * figure)
    sign = "+" if figure > 0 else "-" if figure < 0 else "±"
    return f"{sign}{figures.number(abs(figure))}"


def format_interval(low: float | None, high: float | None, table: GroupTable, *, signed: bool) -> str:
    """Format both ends, or the mark of none."""
    if low is None or high is None:
        return figures.MISSING
    if signed:
        return f"[{format_move(low, table)}, {format_move(high, table)}]"
    return f"[{format_figure(low, table)}, {format_figure(high, table)}]"


def format_ratio(ratio: float | None) -> str:
    """Format a ratio, with a mark below four fifths."""
    if ratio is None:
        return figures.MISSING
    return f"{ratio:.3f}{'*' if ratio < FOUR_FIFTHS else ''}"
