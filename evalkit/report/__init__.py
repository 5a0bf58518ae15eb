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
from evalkit.core.page_parts import Attachments
from evalkit.core.summary import Summary
from evalkit.core.sweep import Sweep
from evalkit.core.verdict import Verdict
from evalkit.report.sentences.language import Language

__all__ = ["console", "html", "html_of_several", "html_pieces", "join_documents", "junit", "markdown", "verdict_json"]


def html(
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    *,
    origin: Origin | None = None,
    language: Language | None = None,
) -> str:
    """Render the report as one self-contained page.

    It needs no network, works from a file, and stores every text once. It speaks every language and starts in
    `language`, None: that of the browser.
    """
    from evalkit.report.renderers.html import render

    return render(verdict, comparisons, origin, language=language)


def html_of_several(
    summary: Summary,
    drawn: Sequence[tuple[Verdict, Sequence[Comparison], Origin | None]],
    *,
    language: Language | None = None,
) -> str:
    """Render several candidates as one page: which to deploy, then each with its cases.

    `drawn` has a verdict, its comparisons and its origin per candidate, in the order of the summary. Every case is
    stored once. With an `axis` in the summary the candidates are checkpoints along it, and drawn so.
    """
    from evalkit.report.renderers.html import render_several

    return render_several(summary, drawn, language=language)


def html_pieces(
    drawn: Sequence[tuple[Verdict, Sequence[Comparison], Origin | None]],
    summary: Summary | None = None,
    *,
    language: Language | None = None,
    attachments: Attachments | None = None,
) -> Iterator[str]:
    """Draw a page piece by piece, for whoever writes it need not hold it.

    With a summary it is that of `html_of_several`. `attachments` are made beside its cases.
    """
    from evalkit.report.renderers.html import draw

    return draw(drawn, summary, language=language, attachments=attachments)


def markdown(
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    *,
    cases: int = 5,
    longest: int = 65_536,
    language: Language = "en",
) -> str:
    """Render a pull request comment: the verdict, the findings, the first broken cases.

    Not longer than `longest` characters, which is what GitHub takes.
    """
    from evalkit.report.renderers.markdown import render

    return render(verdict, comparisons, cases=cases, longest=longest, language=language)


def junit(verdict: Verdict, comparisons: Sequence[Comparison], *, language: Language = "en") -> str:
    """Render JUnit XML: a suite per suite, a test case per finding.

    Names and properties are the same in every language.
    """
    from evalkit.report.renderers.junit import render

    return render(verdict, comparisons, language=language)


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
    language: Language = "en",
) -> str:
    """Render the text for the terminal.

    Plain text without `colour`. `width` in columns, None: the terminal's.
    """
    from evalkit.report.renderers.console import render

    return render(verdict, comparisons, report=report, colour=colour, width=width, language=language)


def verdict_json(verdict: Verdict) -> str:
    """Render the verdict as JSON.

    The same bytes for the same verdict; every missing number is null with a reason.
    """
    from evalkit.report.renderers.data import render

    return render(verdict)


def summary_text(summary: Summary, *, language: Language = "en") -> str:
    """Render several candidates as text for the terminal.

    A line for each, the one to deploy or none, and why.
    """
    from evalkit.report.renderers.several import text

    return text(summary, language=language)


def summary_markdown(summary: Summary, *, language: Language = "en") -> str:
    """Render the summary of several candidates as Markdown."""
    from evalkit.report.renderers.several import markdown

    return markdown(summary, language=language)


def summary_data(summary: Summary) -> dict[str, Json]:
    """Return the summary of several candidates as JSON values."""
    from evalkit.report.renderers.several import data

    return data(summary)


def sweep_text(sweep: Sweep, summary: Summary, *, language: Language = "en") -> str:
    """Render the checkpoints of a training as text for the terminal."""
    from evalkit.report.renderers.sweep import text

    return text(sweep, summary, language=language)


def sweep_markdown(sweep: Sweep, summary: Summary, *, language: Language = "en") -> str:
    """Render the checkpoints of a training as Markdown."""
    from evalkit.report.renderers.sweep import markdown

    return markdown(sweep, summary, language=language)


def sweep_data(sweep: Sweep, summary: Summary) -> dict[str, Json]:
    """Return the checkpoints of a training as JSON values."""
    from evalkit.report.renderers.sweep import data

    return data(sweep, summary)
