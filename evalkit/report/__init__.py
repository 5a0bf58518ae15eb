"""Floor 2: a verdict and its comparisons, shown - as a page, a comment, a table in the terminal, or data.

Sections turn data into blocks (`evalkit.core.blocks`), renderers turn blocks into text. Nothing here decides or
estimates: every figure comes from the verdict, counts and totals from the comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.origin import Origin
from evalkit.core.summary import Summary
from evalkit.core.verdict import Verdict

__all__ = ["console", "html", "html_of_several", "html_pieces", "join_documents", "junit", "markdown", "verdict_json"]


def html(verdict: Verdict, comparisons: Sequence[Comparison], *, origin: Origin | None = None) -> str:
    """Render the report as one self-contained page.

    It needs no network, works from a file, and stores every text once.
    """
    from evalkit.report.renderers.html import render

    return render(verdict, comparisons, origin)


def html_of_several(summary: Summary, drawn: Sequence[tuple[Verdict, Sequence[Comparison], Origin | None]]) -> str:
    """Render several candidates as one page: which to deploy, then each with its cases.

    `drawn` has a verdict, its comparisons and its origin per candidate, in the order of the summary. Every case is
    stored once. With an `axis` in the summary the candidates are checkpoints along it, and drawn so.
    """
    from evalkit.report.renderers.html import render_several

    return render_several(summary, drawn)


def html_pieces(
    drawn: Sequence[tuple[Verdict, Sequence[Comparison], Origin | None]], summary: Summary | None = None
) -> Iterator[str]:
    """Draw what `html` and, with a summary, `html_of_several` return, piece by piece.

    Whoever writes the page need not hold it.
    """
    from evalkit.report.renderers.html import draw

    return draw(drawn, summary)


def markdown(verdict: Verdict, comparisons: Sequence[Comparison], *, cases: int = 5, longest: int = 65_536) -> str:
    """Render a pull request comment: the verdict, the findings, the first broken cases.

    Not longer than `longest` characters, which is what GitHub takes.
    """
    from evalkit.report.renderers.markdown import render

    return render(verdict, comparisons, cases=cases, longest=longest)


def junit(verdict: Verdict, comparisons: Sequence[Comparison]) -> str:
    """Render JUnit XML: a suite per suite, a test case per finding."""
    from evalkit.report.renderers.junit import render

    return render(verdict, comparisons)


def join_documents(documents: Sequence[tuple[str, str]]) -> str:
    """Join several (candidate, JUnit document) pairs into one document.

    The candidate stands in the name of each of its suites.
    """
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
    """Render the text for the terminal.

    Plain text without `colour`. `width` in columns, None: the terminal's.
    """
    from evalkit.report.renderers.console import render

    return render(verdict, comparisons, report=report, colour=colour, width=width)


def verdict_json(verdict: Verdict) -> str:
    """Render the verdict as JSON.

    The same bytes for the same verdict; every missing number is null with a reason.
    """
    from evalkit.report.renderers.data import render

    return render(verdict)


def summary_text(summary: Summary) -> str:
    """Render several candidates as text for the terminal.

    A line for each, the one to deploy or none, and why.
    """
    from evalkit.report.renderers.several import text

    return text(summary)


def summary_markdown(summary: Summary) -> str:
    """Render the summary of several candidates as Markdown."""
    from evalkit.report.renderers.several import markdown

    return markdown(summary)


def summary_data(summary: Summary) -> dict[str, Json]:
    """Return the summary of several candidates as JSON values."""
    from evalkit.report.renderers.several import data

    return data(summary)
