"""Make suites, data and recordings out of the results, logs and tables of other tools."""

from __future__ import annotations

import argparse

from evalkit.cli.language import current_language
from evalkit.cli.say import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the sources and the folder to write."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="files or folders that the tool wrote, or tables")
    parser.add_argument("--from", dest="tool", metavar="TOOL", help="whose they are (default: told by what they hold)")
    parser.add_argument("-o", dest="output", metavar="DIR", required=True, help="the folder to make")
    parser.add_argument("--overwrite", action="store_true", help="replace the folder of an earlier import")
    parser.add_argument(
        "--columns", action="append", default=[], metavar="KEY=COLUMN,...", help="what is what, as compare takes it"
    )


def run(args: argparse.Namespace) -> int:
    """Exit 0 when the folder was written, 2 when nothing was."""
    from evalkit.pipeline.import_results import import_results, summary
    from evalkit.report.sentences import title_speaker

    made = import_results(
        args.paths,
        output=args.output,
        tool=args.tool,
        columns=args.columns,
        overwrite=args.overwrite,
        say=title_speaker(current_language()),
    )
    for note in made.notes:
        say(note)
    say(summary(made, args.output))
    return 0
