"""What stands on a page, in which order."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.core.blocks import Block
from evalkit.core.columns import Comparison
from evalkit.core.ports import Section
from evalkit.core.verdict import SuiteVerdict, Verdict
from evalkit.report.sections import (
    cases,
    cost,
    coverage,
    decisions,
    fairness,
    findings,
    metrics,
    notes,
    parts,
    schema_errors,
    slices,
)  # fmt: skip

SECTIONS: tuple[tuple[str, Section], ...] = (
    ("Findings", findings),
    ("Metrics", metrics),
    ("Cases", cases),
    ("Slices", slices),
    ("Fairness", fairness),
    ("Tool decisions", decisions),
    ("Schema errors", schema_errors),
    ("Parts of the metrics", parts),
    ("Cost and latency", cost),
    ("What was compared", coverage),
    ("Notes", notes),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitePage:
    """One suite of a report: its verdict, its comparison where there is one, its sections with something to say."""

    suite: SuiteVerdict
    comparison: Comparison | None
    narrowed: Verdict
    sections: tuple[tuple[str, tuple[Block, ...]], ...]


def pages(verdict: Verdict, comparisons: Sequence[Comparison]) -> tuple[SuitePage, ...]:
    """The suites of a verdict, each with the blocks of every section."""
    by_name = {comparison.suite: comparison for comparison in comparisons}
    return tuple(_page(verdict, suite, by_name.get(suite.name)) for suite in verdict.suites)


def narrowed(verdict: Verdict, suite: SuiteVerdict) -> Verdict:
    """The verdict with this suite alone, as a section reads it."""
    return dataclasses.replace(verdict, suites=(suite,))


def _page(verdict: Verdict, suite: SuiteVerdict, comparison: Comparison | None) -> SuitePage:
    alone = narrowed(verdict, suite)
    shown = ((name, tuple(section.blocks(comparison, alone))) for name, section in SECTIONS)
    return SuitePage(
        suite=suite,
        comparison=comparison,
        narrowed=alone,
        sections=tuple((name, blocks) for name, blocks in shown if blocks),
    )
