"""Keep a model's answers as a recording: a full arm, long after the model is gone."""

from __future__ import annotations

import argparse

from evalkit.cli.say import say
from evalkit.cli.shared import asking_arguments, options, suite_arguments


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare one model and one file."""
    parser.add_argument("model", metavar="MODEL", help="a name in models.yaml, or provider:model")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="a .jsonl or .jsonl.gz file")
    parser.add_argument("--overwrite", action="store_true", help="replace a recording that holds answers beyond these")
    suite_arguments(parser)
    asking_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0 when every call was answered, 4 when some failed.

    All are written, the failed ones as failures.
    """
    from evalkit.cli.progress import Progress
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.record import record

    check_targets(args)
    with Progress() as progress:
        chosen = options(args, progress=progress)
        kept = record(args.model, args.output, options=chosen, overwrite=args.overwrite)
    say(f"{kept.responses} answers of {args.model} kept in {args.output} ({kept.failed} failed calls)")
    return 4 if kept.failed else 0
