"""Tables of decisions for the terminal, a spreadsheet and programs."""

from __future__ import annotations

import csv
import dataclasses
import io

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from evalkit.core.decision_table import DecisionRow, Decisions, DecisionTable, Rate
from evalkit.core.exchange import Json
from evalkit.core.group_table import FOUR_FIFTHS
from evalkit.report import figures
from evalkit.report.case_files.cells import make_inert
from evalkit.report.drawn import plain
from evalkit.report.renderers.data import finite
from evalkit.report.sentences import Language, Speaker, title_speaker

HEAD = "by,group,n,"
"""How the first line of the CSV begins"""

_TITLES = {
    "accuracy": "Accuracy", "true_positive_rate": "TPR", "false_positive_rate": "FPR", "false_negative_rate": "FNR",
    "precision": "Precision",
}  # fmt: skip

NOTE = (
    "The impact ratio is a group's selection rate over the highest one of the table, with Katz's interval; * marks one "
    f"below {FOUR_FIFTHS:.2f}, the line of the four-fifths rule of thumb: a mark to read by, not a test. Gaps are to "
    "all other rows together. Every interval is for its own figure and takes rows as independent. Groups marked (rare) "
    "are below the floor: no ratio is measured by them. Figures describe these decisions; they do not say why groups "
    "differ, and not what follows in law."
)


def as_data(found: Decisions) -> dict[str, Json]:
    """Return everything as JSON values, shares as shares of 1; undefined is None."""
    return {name: finite(value) for name, value in dataclasses.asdict(found).items()}


def as_csv(found: Decisions) -> str:
    """Return a line per table and group; what is undefined is empty."""
    lines = [_flat(table, row) for table in found.tables for row in table.rows]
    names = list(dict.fromkeys(name for line in lines for name in line))
    sink = io.StringIO()
    writer = csv.DictWriter(sink, fieldnames=names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(finite(lines))
    return sink.getvalue()


def _flat(table: DecisionTable, row: DecisionRow) -> dict[str, Json]:
    line: dict[str, Json] = {
        "by": make_inert(table.by),
        "group": make_inert(row.group),
        "n": row.selected.n,
        "share": row.share,
        "selected": row.selected.count,
        "selection_rate": row.selected.value,
        "selection_rate_low": row.selected.low,
        "selection_rate_high": row.selected.high,
        **{name: getattr(row, name) for name in ("gap", "gap_low", "gap_high")},
        **{f"impact_{name}": getattr(row, name) for name in ("ratio", "ratio_low", "ratio_high")},
        "rare": row.rare,
        "undecided": row.undecided,
    }
    if table.controls:
        line |= {f"pooled_{name}": getattr(row, f"pooled_{name}") for name in ("gap", "gap_low", "gap_high")}
    for name, rate in row.rates.items():
        line |= {name: rate.value, f"{name}_low": rate.low, f"{name}_high": rate.high, f"{name}_n": rate.n}
    if row.rates:
        line["untold"] = row.untold
    if row.probability is not None:
        line |= {"probability": row.probability, "calibration": row.calibration}
    for name, values in table.extra.items():
        if row.group in values:
            line[name] = values[row.group]
    return line | {"because": row.because}


def as_text(found: Decisions, *, width: int = 200, language: Language = "en") -> str:
    """Return a table per tag as text.

    With what was left out, the largest gaps, and metrics by name.
    """
    sink, say = io.StringIO(), title_speaker(language)
    out = Console(file=sink, width=width, highlight=False, emoji=False, markup=False, legacy_windows=False)
    against = f", against {found.truth}" if found.truth is not None else ""
    out.print(plain(say(f"{found.rows:,} decisions, selected: {found.selected}{against}")))
    if found.undecided:
        out.print(plain(say(f"{found.undecided:,} without a decision: left out of every table")))
    if found.untold:
        out.print(plain(say(f"{found.untold:,} without a truth: left out of what is compared with it")))
    for table in found.tables:
        out.print()
        out.print(plain(say(f"by {table.by}: {table.n:,} rows, {_left_out(table)}")))
        out.print(Padding(_selection(table, say), (0, 0, 0, 2)))
        if any(row.rates for row in table.rows):
            out.print(Padding(_truth(table, say), (0, 0, 0, 2)))
        for line in _sentences(table):
            out.print(Padding(plain(say(line)), (0, 0, 0, 2)))
    out.print()
    for note in (*found.notes, NOTE):
        out.print(plain(say(note)))
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines())


def _left_out(table: DecisionTable) -> str:
    """How many rows lack a group, and of an intersection how many lack which tag."""
    told = f"{table.left_out:,} left out for a missing {table.by}"
    if len(table.missing) < 2 or not table.left_out:
        return told
    return f"{told} ({', '.join(f'{tag} {count:,}' for tag, count in table.missing.items())})"


def _selection(table: DecisionTable, say: Speaker) -> Table:
    titles = ["Group", "n", "Share", "Selected", "Rate", "Interval", "Gap", "Interval", "Impact ratio", "Interval"]
    within, undecided = bool(table.controls), any(row.undecided for row in table.rows)
    titles += ["Pooled gap", "Interval"] * within + ["Undecided"] * undecided
    drawn = _empty(*map(say, titles))
    for row in table.rows:
        cells = (
            f"{row.group} {say('(rare)')}" if row.rare else row.group,
            figures.count(row.selected.n),
            f"{100 * row.share:.1f}%",
            figures.count(row.selected.count),
            _decimal(row.selected.value),
            _ends(row.selected.low, row.selected.high),
            _sign(row.gap),
            _ends(row.gap_low, row.gap_high, signed=True),
            _decimal(row.ratio) + ("*" if row.ratio is not None and row.ratio < FOUR_FIFTHS else ""),
            _ends(row.ratio_low, row.ratio_high),
        )
        pooled = (_sign(row.pooled_gap), _ends(row.pooled_gap_low, row.pooled_gap_high, signed=True))
        more = (*(pooled * within), *((figures.count(row.undecided),) * undecided))
        drawn.add_row(*map(plain, (*cells, *more)))
    return drawn


def _truth(table: DecisionTable, say: Speaker) -> Table:
    """Rates against the truth, each of so many rows, and the given probability less the rate of the truth."""
    given = any(row.probability is not None for row in table.rows)
    drawn = _empty(*map(say, ("Group", *_TITLES.values(), *(("Probability", "less truth") if given else ()))))
    for row in table.rows:
        cells = [row.group, *(say(_tell(row.rates[name])) for name in _TITLES)]
        drawn.add_row(*map(plain, cells + ([_decimal(row.probability), _sign(row.calibration)] if given else [])))
    return drawn


def _empty(*titles: str) -> Table:
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for at, title in enumerate(titles):
        drawn.add_column(title, justify="right" if at else "left", overflow="fold")
    return drawn


def _sentences(table: DecisionTable) -> list[str]:
    names = {
        "demographic_parity": "selection rates",
        "equal_opportunity": "true positive rates (equal opportunity)",
        "equalized_odds": "true or false positive rates (equalized odds)",
    }
    said = []
    for name, spread in table.largest_gaps.items():
        if spread.gap is None:
            said.append(f"largest gap between {names[name]}: undefined, {spread.because}")
            continue
        ends = f", {spread.smallest} lowest, {spread.largest} highest" if spread.gap > 0 else ""
        left = f"; undefined for {', '.join(spread.undefined)}" if spread.undefined else ""
        drawn = f", {_ends(*table.gap_ends[name])} by resampling rows" if name in table.gap_ends else ""
        said.append(f"largest gap between {names[name]}: {spread.gap:.3f}{drawn}{ends}{left}")
    for metric, values in table.extra.items():
        said.append(f"{metric}: " + ", ".join(f"{group} {_decimal(value)}" for group, value in values.items()))
    if table.gap_ends:
        said.append("resampled ends of a largest gap leave 0 out even where nothing differs: to read, not to test by")
    if table.controls:
        within = " and ".join(table.controls)
        said.append(f"pooled gap: that within each {within}, pooled by Mantel and Haenszel's weights")
    by_reason: dict[str, list[str]] = {}
    for row in table.rows:
        if row.because:
            by_reason.setdefault(row.because, []).append(row.group)
    return said + [f"{', '.join(names)}: {because}" for because, names in by_reason.items()]


def _tell(rate: Rate) -> str:
    return figures.MISSING if rate.value is None else f"{rate.value:.3f} of {rate.n:,}"


def _decimal(figure: float | None) -> str:
    return figures.MISSING if figure is None else f"{figure:.3f}"


def _sign(figure: float | None) -> str:
    return figures.MISSING if figure is None else f"{figure:+.3f}"


def _ends(low: float | None, high: float | None, *, signed: bool = False) -> str:
    if low is None or high is None:
        return figures.MISSING
    return f"[{_sign(low)}, {_sign(high)}]" if signed else f"[{low:.3f}, {high:.3f}]"
