"""Decide again from a kept run, under its own policy or another, without a single call."""

from __future__ import annotations

import argparse
from pathlib import Path

from evalkit.cli.shared import output_arguments, root_argument


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which run and which policy."""
    parser.add_argument("run_named", metavar="RUN", nargs="?", default="latest", help="an id, its start, or `latest`")
    parser.add_argument("--policy", metavar="FILE", help="YAML with `policy:` and, to replace the suite's, `gates:`")
    output_arguments(parser)
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Show the new verdict; the exit code is the verdict's."""
    import datetime as dt
    import shlex

    from evalkit.cli.results import publish
    from evalkit.cli.shared import REPORTS
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.regate import regate

    check_targets(args)
    outcome, name = regate(args.root, args.run_named, policy=args.policy, today=dt.date.today())
    page = Path(args.report) if args.report else Path(REPORTS) / f"{name}-gated"
    again = "evalkit gate" + (f" --policy {shlex.quote(args.policy)}" if args.policy else "") + f" {name}"
    publish([outcome], folder=page, args=args, again=[again])
    return outcome.verdict.exit_code
