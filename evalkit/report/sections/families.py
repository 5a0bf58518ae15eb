"""The families: what changing the group alone changes, and the families in which it changes most, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block, Table
from evalkit.core.columns import Comparison
from evalkit.core.family_table import FamilyArm, FamilyTable, WorstFamily
from evalkit.core.verdict import Verdict
from evalkit.report import figures

title = "Families"

PAIRS = ("Groups", "Families", "Base", "Interval", "Candidate", "Interval")
MEMBERS = ("Family", "Group", "Asked", "Base", "Score", "Candidate", "Score")
NOTE = (
    "A family is one request told by members of several groups. Flips count families whose members do not all score "
    "alike; the mean gap is that of the largest less the smallest group mean of a family. Both grow with noise and "
    "with the number of groups: they are shown, never gated on. What is beyond the noise of a rerun goes with the "
    "group, as far as these texts go. The gate judges the signed gaps of all groups together."
)


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return tables of pairs and of the worst families."""
    tables = verdict.suites[0].families
    out: list[Block] = []
    for table in tables:
        out.append(_pairs(table, note=NOTE * (table is tables[-1])))
        if table.worst:
            out.append(_worst(table))
    return out


def sentence(table: FamilyTable) -> str:
    """Return the sentence over the pairs: how many families, and how often members part."""
    said = [f"{table.metric} over {table.families:,} families"]
    if table.incomplete:
        said.append(f"{table.incomplete:,} with members of one group only left out")
    said.append(f"families that flip {_of_both(table, 'flip_rate')}")
    said.append(f"mean gap {_of_both(table, 'mean_gap')}")
    arms = (("base", table.base), ("candidate", table.candidate))
    noise = ", ".join(_noise(name, arm, table) for name, arm in arms if arm.noise is not None)
    return f"{'; '.join(said)}; {noise or 'no rerun shows the noise: repeats, or the base against itself, would'}."


def _of_both(table: FamilyTable, name: str) -> str:
    base, candidate = (family_figure(getattr(arm, name), table) for arm in (table.base, table.candidate))
    return f"{base} -> {candidate}"


def _noise(name: str, arm: FamilyArm, table: FamilyTable) -> str:
    beyond, noise = (family_figure(figure, table) for figure in (arm.beyond_noise, arm.noise))
    return f"{name} {beyond} beyond the noise of a rerun ({noise})"


def _pairs(table: FamilyTable, *, note: str) -> Table:
    return Table(
        heading=f"{table.metric} by {table.by}",
        columns=PAIRS,
        rows=tuple(
            (
                f"{pair.one} less {pair.other}",
                figures.count(pair.families),
                family_figure(pair.base, table, signed=True),
                family_interval(pair.base_low, pair.base_high, table),
                family_figure(pair.candidate, table, signed=True),
                family_interval(pair.candidate_low, pair.candidate_high, table),
            )
            for pair in table.pairs
        ),
        numeric=(1, 2, 3, 4, 5),
        note=" ".join(filter(None, (sentence(table), note))),
    )


def _worst(table: FamilyTable) -> Table:
    rows = [row for family in table.worst for row in _members(family, table)]
    return Table(
        heading=f"Families most apart in the candidate: {table.metric} by {table.by}",
        columns=MEMBERS,
        rows=tuple(rows),
        numeric=(4, 6),
    )


def _members(family: WorstFamily, table: FamilyTable) -> list[tuple[str, ...]]:
    return [
        (
            family.family if place == 0 else "",
            one.group,
            one.asked,
            one.base or figures.MISSING,
            family_figure(one.base_score, table),
            one.candidate or figures.MISSING,
            family_figure(one.candidate_score, table),
        )
        for place, one in enumerate(family.members)
    ]


def family_figure(figure: float | None, table: FamilyTable, *, signed: bool = False) -> str:
    """Format a figure of families, or the mark of none."""
    if figure is None:
        return figures.MISSING
    if table.share:
        return figures.with_sign(100 * figure) if signed else f"{100 * figure:.1f}%"
    return f"{'+' if signed and figure > 0 else ''}{figures.number(figure)}"


def family_interval(low: float, high: float, table: FamilyTable) -> str:
    """Format both ends of a difference between groups."""
    return f"[{family_figure(low, table, signed=True)}, {family_figure(high, table, signed=True)}]"
