"""The findings: what each gate says, with its figures and the sentence why."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block, Table
from evalkit.core.columns import Comparison
from evalkit.core.verdict import LOOKS_WORSE, UNDECIDED, Finding, Verdict
from evalkit.report import figures, tones, words
from evalkit.report.links import Links, spread, to_changed

COLUMNS = (
    "State",
    "Gate",
    "Metric",
    "Slice",
    "Base",
    "Candidate",
    "Difference",
    "Interval",
    "Margin",
    "n",
    "Fixed",
    "Broken",
)
NUMERIC = (4, 5, 6, 7, 8, 9, 10, 11)
_QUIET: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Slices that are undecided", (UNDECIDED,)),
    ("Slices without a finding against them", ("PASS", "IMPROVED")),
    ("Slices too small to judge", ("TOO_SMALL",)),
)


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return the findings, the ones that matter first.

    What was judged over all cases or did not simply pass; then the slices that did, and those too small to judge.
    """
    findings = tones.gravest_first(verdict.suites[0].findings)
    quiet = [
        (heading, [f for f in findings if f.slice is not None and f.shown in states and LOOKS_WORSE not in f.flags])
        for heading, states in _QUIET
    ]
    apart = [finding for _, found in quiet for finding in found]
    loud = [finding for finding in findings if finding not in apart]
    out = [_table("Findings", loud, explained=True)]
    out += [_table(heading, found, explained=heading == _QUIET[0][0]) for heading, found in quiet]
    return [table for table in out if table.rows]


def _table(heading: str, findings: Sequence[Finding], *, explained: bool) -> Table:
    """A row a finding. What a slice that passed says of itself stands in its figures: only others are `explained`."""
    return Table(
        heading=heading,
        columns=COLUMNS,
        rows=tuple(_row(finding) for finding in findings),
        tones=tuple(tones.of_finding(finding) for finding in findings),
        details=tuple(_details(finding, explained=explained or finding.delta is None) for finding in findings),
        bars=tuple(tones.bar(finding, up=tones.rises(finding), tone=tones.of_finding(finding)) for finding in findings),
        numeric=NUMERIC,
        links=tuple(_links(finding) for finding in findings),
        note=_note(findings, explained=explained),
    )


def _details(finding: Finding, *, explained: bool) -> str:
    """The sentence, and how its figures were found."""
    how = _how(finding)
    return " ".join(filter(None, (finding.because if explained else "", f"[{how}]" if how else "")))


def _how(finding: Finding) -> str:
    """The method with its confidence, the p-value, and the clusters where they are fewer than the cases."""
    if not finding.method or finding.method in ("none", "point"):
        return ""
    parts = [finding.method.replace("_", " ")]
    parts[0] += f" at {figures.level(finding)}" if finding.confidence is not None else ""
    if finding.p is not None:
        parts.append(f"p = {finding.p:.2g}")
    if finding.n_clusters is not None and finding.n is not None and finding.n_clusters < finding.n:
        parts.append(f"{finding.n_clusters:,} clusters")
    return ", ".join(parts)


def _note(findings: Sequence[Finding], *, explained: bool) -> str:
    notes = []
    if explained and findings:
        plotted = "in the plot better is on the right, the dashed line is the margin."
        notes.append(f"Intervals at {figures.level(findings[0])}; {plotted}")
    notes += dict.fromkeys(finding.words.note for finding in findings if finding.words.note)
    return " ".join(notes)


def _links(finding: Finding) -> Links:
    counts = {9: ("all", finding.n), 10: ("fixed", finding.fixed), 11: ("broken", finding.broken)}
    return spread(to_changed(finding.metric, finding.slice, counts), len(COLUMNS))


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        "\n".join([finding.shown, *words.marks(finding)]),
        finding.gate,
        finding.metric,
        figures.place(finding.slice),
        figures.value(finding.base, finding),
        figures.value(finding.candidate, finding),
        figures.change(finding.delta, finding),
        figures.interval(finding),
        figures.MISSING if finding.margin is None else figures.margin(finding),
        figures.count(finding.n),
        figures.count(finding.fixed),
        figures.count(finding.broken),
    )
