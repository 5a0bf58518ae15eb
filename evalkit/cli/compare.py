"""Compare one or more candidates with a base on held-out suites, and say: deploy, or do not."""

from __future__ import annotations

import argparse

from evalkit.cli.shared import asking_arguments, options, output_arguments, suite_arguments


def arguments(parser: argparse.ArgumentParser) -> None:
    """Two arms or more, and the options of every run."""
    arm = "a name in models.yaml, provider:model, or the path of a recording"
    parser.add_argument("base", metavar="BASE", help=arm)
    parser.add_argument("candidates", metavar="CANDIDATE", nargs="+", help=arm)
    parser.add_argument(
        "--best", action="store_true", help="of several candidates: exit with the code of the one to deploy"
    )
    suite_arguments(parser)
    asking_arguments(parser)
    output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Ask, compare, keep the run, show the verdict; the exit code is the verdict's."""
    from evalkit.cli.progress import Progress
    from evalkit.cli.results import deliver, deliver_unsound
    from evalkit.cli.targets import check_targets
    from evalkit.core.errors import UnsoundComparison
    from evalkit.pipeline.compare import compare_arms

    check_targets(args)
    with Progress() as progress:
        chosen = options(args, progress=progress)
        try:
            outcomes = compare_arms(args.base, args.candidates, options=chosen)
        except UnsoundComparison as error:
            deliver_unsound(error, args=args, now=chosen.now())
            raise
    return deliver(outcomes, args=args, now=chosen.now()).exit_code
