"""Draw the report of a kept run again, without a single call."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.language import current_language
from evalkit.cli.say import say
from evalkit.cli.shared import output_arguments, root_argument

if TYPE_CHECKING:
    from evalkit.core.columns import Comparison
    from evalkit.core.verdict import Verdict
    from evalkit.report.sentences import Language


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which run, and where the page goes."""
    parser.add_argument("run_named", metavar="RUN", nargs="?", default="latest", help="an id, its start, or `latest`")
    parser.add_argument(
        "--evidence",
        action="store_true",
        help="write evidence.html and evidence.md instead: what was measured of groups, on whom, how sure",
    )
    output_arguments(parser)
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0 when drawn, whatever the verdict was."""
    from evalkit.cli.origin import origin_of
    from evalkit.cli.results import publish
    from evalkit.cli.shared import REPORTS
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.options import CandidateResult
    from evalkit.store.runs import load_run

    check_targets(args)
    kept = load_run(Path(args.root), args.run_named)
    name, verdict, summary = kept.summary.id, kept.verdict, kept.summary
    origin = origin_of(
        name, created=summary.created, base=verdict.base, candidates=[verdict.candidate], arguments=summary.arguments
    )
    outcome = CandidateResult(
        verdict=verdict,
        comparisons=kept.comparisons,
        suites=kept.suites,
        places=kept.places,
        origin=origin,
        summary=summary,
    )
    page = Path(args.report) if args.report else Path(REPORTS) / name
    if args.evidence:
        when = kept.summary.created[:16].replace("T", " ")
        return _write_evidence(page, kept.verdict, kept.comparisons, language=current_language(), when=when)
    publish([outcome], folder=page, args=args, again=[f"evalkit report {name}"])
    return 0


def _write_evidence(
    folder: Path, verdict: Verdict, comparisons: Sequence[Comparison], *, language: Language, when: str
) -> int:
    """Both files into a folder, and where they are."""
    from evalkit.cli.shared import write
    from evalkit.report.evidence import as_html, as_markdown

    for name, render in (("evidence.html", as_html), ("evidence.md", as_markdown)):
        write(str(folder / name), render(verdict, comparisons, language=language, when=when))
        say(f"evidence: {folder / name}")
    return 0
