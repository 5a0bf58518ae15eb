"""What a reader must know beside the figures: notes of the run, and what is waived by whom until when."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Block, Prose, Table
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Verdict
from evalkit.report import figures


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return a table of waivers, and a paragraph per note."""
    suite = verdict.suites[0]
    out: list[Block] = []
    waivers = [finding for finding in suite.findings if "waiver" in finding.details]
    if waivers:
        out.append(
            Table(
                heading="Waivers",
                columns=("Finding", "Owner", "Expires", "Reason"),
                rows=tuple(
                    (
                        figures.finding_name(finding),
                        str(finding.details["waiver"].get("owner", "")),
                        str(finding.details["waiver"].get("expires", "")),
                        str(finding.details["waiver"].get("reason", "")),
                    )
                    for finding in waivers
                ),
                tones=tuple("unsure" if finding.state == "WAIVED" else "bad" for finding in waivers),
            )
        )
    notes = dict.fromkeys([*suite.notes, *(comparison.notes if comparison is not None else ())])
    heading = "Notes"
    for note in notes:
        out.append(Prose(heading=heading, text=note))
        heading = ""
    return out
