"""Compare one or more candidates with a base on held-out suites, and say: deploy, or do not."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.cli.shared import asking_arguments, options, output_arguments, suite_arguments

if TYPE_CHECKING:
    from evalkit.pipeline.options import CandidateResult, Options


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare two arms or more, and the options of every run."""
    arm = (
        "a name in models.yaml, provider:model, the path of a recording, or of results (CSV, JSONL, .xlsx, logs); "
        "page.html#NAME is an arm of a report page"
    )
    parser.add_argument("base", metavar="BASE", help=arm)
    parser.add_argument("candidates", metavar="CANDIDATE", nargs="*", help="likewise; FILE#NAME is one arm of a file")
    parser.add_argument(
        "--columns", action="append", default=[], metavar="KEY=COLUMN,...",
        help="of results: id, score, input, output, target, model, repeat, cluster, tags; higher=better, low, high",
    )  # fmt: skip
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

    check_targets(args)
    with Progress() as progress:
        chosen = options(args, progress=progress)
        try:
            outcomes = _compare_chosen(args, chosen)
        except UnsoundComparison as error:
            deliver_unsound(error, args=args, now=chosen.now())
            raise
    return deliver(outcomes, args=args, now=chosen.now()).exit_code


def _compare_chosen(args: argparse.Namespace, chosen: Options) -> Sequence[CandidateResult]:
    """Arms that a suite asks, or results that need none."""
    from evalkit.core.errors import Problem, UsageError
    from evalkit.pipeline.compare import compare_arms
    from evalkit.pipeline.compare_results import are_results, compare_results, with_results
    from evalkit.pipeline.page_arms import with_pages

    if twice := [name for name in dict.fromkeys(args.candidates) if args.candidates.count(name) > 1]:
        what = "named more than once as a candidate: " + ", ".join(map(repr, twice))
        raise UsageError(Problem(what=what, todo="name every candidate once: each one makes the intervals wider"))
    chosen = with_pages([args.base, *args.candidates], options=chosen)
    if not args.suite and are_results([args.base, *args.candidates], chosen):
        return compare_results(args.base, args.candidates, columns=args.columns, options=chosen)
    if not args.candidates:
        what = f"there is nothing to compare {args.base!r} with"
        raise UsageError(Problem(what=what, todo="evalkit compare BASE CANDIDATE"))
    given = with_results([args.base, *args.candidates], columns=args.columns, options=chosen)
    return compare_arms(args.base, args.candidates, options=given)
