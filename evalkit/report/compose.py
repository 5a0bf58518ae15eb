"""What stands on a page, in which order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from evalkit.core.blocks import Block, Prose
from evalkit.core.columns import Comparison
from evalkit.core.ports import Section
from evalkit.core.verdict import SuiteVerdict, Verdict
from evalkit.report.kinds import LAST, SECTIONS

Titled = tuple[str, tuple[Block, ...]]
"""A section's title and what it shows"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitePage:
    """One suite of a report.

    Its verdict, its comparison where there is one, its sections with something to say.
    """

    suite: SuiteVerdict
    comparison: Comparison | None
    sections: tuple[Titled, ...]


def pages(verdict: Verdict, comparisons: Sequence[Comparison]) -> tuple[SuitePage, ...]:
    """Return the suites of a verdict, each with the blocks of every section."""
    by_name = {comparison.suite: comparison for comparison in comparisons}
    return tuple(_page(verdict, suite, by_name.get(suite.name)) for suite in verdict.suites)


def narrow_to_suite(verdict: Verdict, suite: SuiteVerdict) -> Verdict:
    """Return the verdict with this suite alone, as a section reads it."""
    return dataclasses.replace(verdict, suites=(suite,))


def _page(verdict: Verdict, suite: SuiteVerdict, comparison: Comparison | None) -> SuitePage:
    alone = narrow_to_suite(verdict, suite)
    shown = (titled for name in _names() for titled in _sections(name, comparison, alone))
    return SuitePage(
        suite=suite,
        comparison=comparison,
        sections=tuple((title, blocks) for title, blocks in shown if blocks),
    )


def _names() -> Iterator[str]:
    """Every section in its place: those that packages bring stand before the last ones."""
    names = SECTIONS.names()
    yield from (name for name in names if name not in LAST)
    yield from LAST


def _sections(name: str, comparison: Comparison | None, verdict: Verdict) -> Sequence[Titled]:
    """What one name of the table shows: a section is called by its name unless it has a title, or several."""
    if SECTIONS.is_own(name):
        return _run_section(name, comparison, verdict)
    try:
        return _run_section(name, comparison, verdict)
    except Exception as error:  # what a package draws never costs the report
        text = f"This section could not be drawn: {type(error).__name__}: {error}"
        return [(_heading(name), (Prose(text=text, tone="bad"),))]


def _run_section(name: str, comparison: Comparison | None, verdict: Verdict) -> Sequence[Titled]:
    section = cast(Section, SECTIONS.load(name))
    if hasattr(section, "title_sections"):
        found = [(str(title), tuple(blocks)) for title, blocks in section.title_sections(comparison, verdict)]
    else:
        found = [(str(getattr(section, "title", _heading(name))), tuple(section.blocks(comparison, verdict)))]
    wrong = [block for _, blocks in found for block in blocks if not isinstance(block, Block)]
    if wrong:
        raise TypeError(f"a section shows blocks of evalkit.core.blocks, not {type(wrong[0]).__name__}")
    return found


def _heading(name: str) -> str:
    """
    >>> _heading("cost_and_latency")
    'Cost and latency'
    """
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
