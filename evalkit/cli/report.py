"""Draw the report of kept runs again, without a single call."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.language import current_language
from evalkit.cli.say import say
from evalkit.cli.shared import output_arguments, root_argument
from evalkit.core.errors import Problem, UsageError

if TYPE_CHECKING:
    from evalkit.core.columns import Comparison
    from evalkit.core.verdict import Verdict
    from evalkit.pipeline.options import CandidateResult
    from evalkit.report.sentences import Language
    from evalkit.store.kept_run import Run


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which runs, and where the page goes."""
    several = "an id, its start, or `latest`; several runs of one base become one page of several candidates"
    parser.add_argument("runs_named", metavar="RUN", nargs="*", help=several)
    parser.add_argument(
        "--evidence",
        action="store_true",
        help="write evidence.html and evidence.md instead: what was measured of groups, on whom, how sure",
    )
    output_arguments(parser)
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0 when drawn, whatever the verdict was."""
    import datetime as dt

    from evalkit.cli.results import page_name, publish
    from evalkit.cli.shared import REPORTS
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.deciding.several import check_together
    from evalkit.store.runs import load_runs

    check_targets(args)
    root = Path(args.root)
    runs = [one for reference in args.runs_named or ["latest"] for one in load_runs(root, reference)]
    outcomes = [_outcome(one) for one in {run.summary.id: run for run in runs}.values()]
    names = [one.summary.id for one in outcomes if one.summary is not None]
    page = Path(args.report) if args.report else Path(REPORTS) / page_name(outcomes, names, dt.datetime.now())
    if args.evidence:
        if len(outcomes) > 1:
            what = f"--evidence is of one run, and {len(outcomes)} are named"
            raise UsageError(Problem(what=what, todo="evalkit report RUN --evidence"))
        when = runs[0].summary.created[:16].replace("T", " ")
        return _write_evidence(
            page, outcomes[0].verdict, outcomes[0].comparisons, language=current_language(), when=when
        )
    check_together(outcomes)
    publish(outcomes, folder=page, args=args, again=[f"evalkit report {name}" for name in names])
    return 0


def _outcome(kept: Run) -> CandidateResult:
    """A kept run as what a comparison gave."""
    from evalkit.cli.origin import origin_of
    from evalkit.pipeline.options import CandidateResult

    verdict, summary = kept.verdict, kept.summary
    origin = origin_of(
        summary.id,
        created=summary.created,
        base=verdict.base,
        candidates=[verdict.candidate],
        arguments=summary.arguments,
    )
    return CandidateResult(
        verdict=verdict,
        comparisons=kept.comparisons,
        suites=kept.suites,
        places=kept.places,
        origin=origin,
        summary=summary,
    )


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
