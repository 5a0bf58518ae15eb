"""The group table of a kept run: what each group got in both arms, and how the gaps between groups moved."""

from __future__ import annotations

import argparse
from pathlib import Path

from evalkit.cli.language import current_language
from evalkit.cli.say import say
from evalkit.cli.shared import document, root_argument, write


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which run, metrics and slices, and where the table goes."""
    parser.add_argument("run_named", metavar="RUN", nargs="?", default="latest", help="an id, its start, or `latest`")
    parser.add_argument("--suite", action="append", default=[], metavar="NAME", help="only this suite (default: all)")
    parser.add_argument("--by", action="append", default=[], metavar="SLICE", help="only this slice, e.g. sex*race")
    parser.add_argument(
        "--metric", action="append", default=[], metavar="NAME", help="this metric of the run, e.g. latency_s"
    )
    parser.add_argument(
        "--control", action="append", default=[], metavar="TAG", help="take gaps within its values, and pool them"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="the rows as CSV (- for standard output)")
    parser.add_argument("--json", metavar="FILE", help="the tables as data (- for standard output)")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0 when shown; exit 2 for a name that is not there.

    It is 0 whatever the groups got. A name is that of a run, suite, slice or metric.
    """
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.group_report import groups_of_run
    from evalkit.report.group_files import HEAD, as_csv, as_data, as_text

    check_targets(args)
    check_output(args.output, head=HEAD)
    found = groups_of_run(
        Path(args.root), args.run_named, suites=args.suite, metrics=args.metric, by=args.by, control=args.control
    )
    if args.output:
        write(args.output, as_csv(found))
    if args.json:
        write(args.json, document("groups", as_data(found)))
    if "-" not in (args.output, args.json):
        say(as_text(found, language=current_language()))
    return 0


def check_output(path: str | None, *, head: str) -> None:
    """Refuse to write over an `-o` file that does not begin with `head`.

    Raises UsageError: data sets are .csv files, too.
    """
    from evalkit.core.errors import Problem, UsageError

    if not path or path == "-" or not Path(path).is_file():
        return
    with Path(path).open(encoding="utf-8", errors="replace") as handle:
        first = handle.readline()
    if first.strip() and not first.startswith(head):
        what = f"-o {path}: the file holds something else than such a table, and is not overwritten"
        raise UsageError(Problem(what=what, todo="name another file"))
