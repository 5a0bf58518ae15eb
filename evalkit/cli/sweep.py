"""Compare every checkpoint of a training with a base: curves, where it overfits, and the best that passes.

A training is a folder of checkpoint-N (transformers, trl), of adapters or models, or of recordings; a fine-tuning job
(ftjob-ID); or a model of models.yaml that names either. The exit code is that of the best checkpoint.
"""

from __future__ import annotations

import argparse

from evalkit.cli.shared import asking_arguments, options, output_arguments, suite_arguments


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare a base, a training, and the options of every run."""
    parser.add_argument("base", metavar="BASE", help="a name in models.yaml, provider:model, or a recording")
    parser.add_argument("training", metavar="FOLDER_OR_FTJOB", help="a folder of checkpoints, ftjob-ID, or a name")
    parser.add_argument("--steps", metavar="N,N-N", help="these checkpoints only, by step: 500,1000 or 500-2000")
    suite_arguments(parser)
    asking_arguments(parser)
    output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Ask, compare and show every checkpoint; exit with the code of the best."""
    from evalkit.cli.progress import Progress
    from evalkit.cli.results import Together, deliver, deliver_unsound
    from evalkit.cli.targets import check_targets
    from evalkit.core.errors import UnsoundComparison
    from evalkit.pipeline.sweep.sweep import sweep_checkpoints
    from evalkit.pipeline.sweep.training import find_training

    check_targets(args)
    with Progress() as progress:
        chosen = options(args, progress=progress)
        found = find_training(args.base, args.training, options=chosen, steps=args.steps)
        args.candidates = [facts.name for facts, _ in found.checkpoints]
        try:
            swept = sweep_checkpoints(args.base, found, options=chosen)
        except UnsoundComparison as error:
            deliver_unsound(error, args=args, now=chosen.now())
            raise
    together = Together(summary=swept.summary, sweep=swept.sweep)
    return deliver(swept.results, args=args, now=chosen.now(), together=together).exit_code
