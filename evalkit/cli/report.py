"""Draw the report of a kept run again, without a single call."""

from __future__ import annotations

import argparse
from pathlib import Path

from evalkit.cli.shared import output_arguments, root_argument


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which run, and where the page goes."""
    parser.add_argument("run_named", metavar="RUN", nargs="?", default="latest", help="an id, its start, or `latest`")
    output_arguments(parser)
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0 when drawn, whatever the verdict was."""
    from evalkit.cli.results import publish
    from evalkit.cli.shared import REPORTS
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.options import CandidateResult
    from evalkit.store.runs import load_run

    check_targets(args)
    kept = load_run(Path(args.root), args.run_named)
    outcome = CandidateResult(verdict=kept.verdict, comparisons=kept.comparisons, suites=kept.suites)
    name = kept.summary.id
    page = Path(args.report) if args.report else Path(REPORTS) / name
    publish([outcome], pages=[page], args=args, again=[f"evalkit report {name}"])
    return 0
