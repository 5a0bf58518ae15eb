"""Floor 2: a verdict and its comparisons, shown - as a page, a comment, a table in the terminal, or data.

Sections turn data into blocks (`evalkit.core.blocks`), renderers turn blocks into text. Nothing here decides or
estimates: every figure comes from the verdict, counts and totals from the comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.summary import Summary
from evalkit.core.verdict import Verdict

__all__ = ["console", "html", "joined", "junit", "markdown", "verdict_json"]


def html(verdict: Verdict, comparisons: Sequence[Comparison]) -> str:
    """The report as one self-contained page: no network, works from a file, every text stored once."""
    from evalkit.report.renderers.html import render

    return render(verdict, comparisons)


def markdown(verdict: Verdict, comparisons: Sequence[Comparison], *, cases: int = 5) -> str:
    """A comment for a pull request: the verdict, the findings, the first broken cases."""
    from evalkit.report.renderers.markdown import render

    return render(verdict, comparisons, cases=cases)


def junit(verdict: Verdict, comparisons: Sequence[Comparison]) -> str:
    """JUnit XML: one suite a suite, one test case a finding."""
    from evalkit.report.renderers.junit import render

    return render(verdict, comparisons)


def join_documents(documents: Sequence[tuple[str, str]]) -> str:
    """Several (candidate, JUnit document) as one: the candidate stands in the name of each of its suites."""
    from evalkit.report.renderers.junit import join_documents

    return join_documents(documents)


def console(
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    *,
    report: Path | None = None,
    colour: bool = False,
    width: int | None = None,
) -> str:
    """What the terminal shows; plain text without `colour`. `width` in columns, None: the terminal's."""
    from evalkit.report.renderers.console import render

    return render(verdict, comparisons, report=report, colour=colour, width=width)


def verdict_json(verdict: Verdict) -> str:
    """The verdict as data: the same bytes for the same verdict, every missing number null with a reason."""
    from evalkit.report.renderers.data import render

    return render(verdict)


def summary_text(summary: Summary) -> str:
    """Several candidates for the terminal: a line each, the one to deploy or none, and why."""
    from evalkit.report.renderers.several import text

    return text(summary)


def summary_markdown(summary: Summary) -> str:
    """The same as Markdown."""
    from evalkit.report.renderers.several import markdown

    return markdown(summary)


def summary_data(summary: Summary) -> dict[str, Json]:
    """The same as JSON values."""
    from evalkit.report.renderers.several import data

    return data(summary)
