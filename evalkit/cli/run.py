"""Ask one model every suite, score the answers and keep them: an arm for a later comparison."""

from __future__ import annotations

import argparse

from evalkit.cli.say import say
from evalkit.cli.shared import asking_arguments, document, options, suite_arguments, write


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare one arm or more, each by itself."""
    parser.add_argument("models_named", metavar="MODEL", nargs="+", help="a name in models.yaml, or provider:model")
    suite_arguments(parser)
    asking_arguments(parser)
    parser.add_argument("--json", metavar="FILE", help="every metric with its interval (- for standard output)")


def run(args: argparse.Namespace) -> int:
    """Exit 0 when all is answered, 4 when too many calls failed.

    Too many are more than the suite's policy allows.
    """
    import sys

    from evalkit.cli.progress import Progress
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.run import run_alone, summary_lines

    check_targets(args)
    with Progress() as progress:
        results = run_alone(args.models_named, options=options(args, progress=progress))
    out = sys.stderr if args.json == "-" else sys.stdout
    for result in results:
        say("\n".join(summary_lines(result)), file=out)
    if args.json:
        write(args.json, document("arms", {"arms": [result.data() for result in results]}))
    return 4 if any(result.too_many_failures for result in results) else 0
