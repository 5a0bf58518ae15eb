"""Decisions about people by group, from a file: selection rates, impact ratios and their intervals.

A row is a decision (or as many as --count says). Each --by is a table, and several of them are their intersection as
well, as a bias audit after NYC Local Law 144 shows sex, race or ethnicity, and both together. Rows without a group are
left out and counted; groups of less than 2 % are marked. The figures are stated; what they mean in law is not.
"""

from __future__ import annotations

import argparse

from evalkit.cli.language import current_language
from evalkit.cli.say import say
from evalkit.cli.shared import document, write


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which file and columns, and where the tables go."""
    parser.add_argument("file", metavar="FILE", help=".csv, .tsv, .jsonl or .parquet, one decision a row")
    parser.add_argument(
        "--by", action="append", required=True, metavar="COLUMN", help="the groups; several: their intersection, too"
    )
    parser.add_argument("--selected", required=True, metavar="COLUMN=VALUE", help="what counts as selected: hired=yes")
    parser.add_argument(
        "--truth", metavar="COLUMN=VALUE", help="what would have been right: accuracy, error rates, equalized odds"
    )
    parser.add_argument("--probability", metavar="COLUMN", help="a given probability of the truth: calibration")
    parser.add_argument("--count", metavar="COLUMN", help="how many decisions a row stands for")
    parser.add_argument(
        "--metric",
        action="append",
        default=[],
        metavar="NAME",
        help="of sklearn.metrics or fairlearn.metrics: f1_score",
    )
    parser.add_argument(
        "--control", action="append", default=[], metavar="COLUMN", help="take every --metric within each of its values"
    )
    parser.add_argument(
        "--missing", action="append", default=[], metavar="VALUE", help="a value that means missing, e.g. unknown"
    )
    parser.add_argument(
        "--floor", type=_share, default=0.02, metavar="SHARE", help="mark groups below this share (default: 0.02)"
    )
    parser.add_argument(
        "--draws", type=_draws, default=0, metavar="N", help="resample rows N times for the ends of the largest gaps"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="the rows as CSV (- for standard output)")
    parser.add_argument("--json", metavar="FILE", help="the tables as data (- for standard output)")


def run(args: argparse.Namespace) -> int:
    """Exit 0 when counted, 2 for a file or column that is unreadable.

    It is 0 whatever the figures.
    """
    from evalkit.cli.groups import check_output
    from evalkit.cli.targets import check_targets
    from evalkit.pipeline.audit import Audit, audit_decisions
    from evalkit.report.decision_files import HEAD, as_csv, as_data, as_text

    check_targets(args)
    check_output(args.output, head=HEAD)
    audit = Audit(
        path=args.file,
        by=tuple(dict.fromkeys(args.by)),
        selected=args.selected,
        truth=args.truth,
        probability=args.probability,
        count=args.count,
        control=tuple(args.control),
        metrics=tuple(args.metric),
        missing=tuple(args.missing),
        floor=args.floor,
        draws=args.draws,
    )
    found = audit_decisions(audit)
    if args.output:
        write(args.output, as_csv(found))
    if args.json:
        write(args.json, document("audit", as_data(found)))
    if "-" not in (args.output, args.json):
        say(as_text(found, language=current_language()))
    return 0


def _share(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < 1.0:
        raise argparse.ArgumentTypeError(f"must be a share from 0 to 1, not {word!r}")
    return value


def _draws(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 100 <= int(word) <= 100_000:
        raise argparse.ArgumentTypeError(f"must be a number from 100 to 100000, not {word!r}")
    return int(word)
