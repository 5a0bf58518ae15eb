"""Write the cases of a kept run as a table: one row a case, both answers and every metric side by side.

.csv      UTF-8 that Excel opens right; text that a spreadsheet would run as a formula gets an apostrophe in front
.xlsx     a frozen header and filters (needs the extra `excel`)
.jsonl    every value as it is, for programs and annotation tools
.json     tasks of Label Studio or records of Argilla, with `--for`; `evalkit labels` reads what comes back
.parquet  for DuckDB, pandas, Polars (needs the extra `parquet`)
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evalkit.cli.say import say
from evalkit.cli.shared import root_argument


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which run, which of its cases, and where they go."""
    parser.add_argument("run_named", metavar="RUN", nargs="?", default="latest", help="an id, its start, or `latest`")
    parser.add_argument("--suite", dest="of_suites", action="append", default=[], metavar="S", help="repeatable")
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        metavar="STATE",
        help="broken, fixed, both_wrong, both_right or failed; repeatable",
    )
    parser.add_argument("--tag", action="append", default=[], metavar="NAME=VALUE", help="repeatable")
    parser.add_argument("--metric", metavar="M", help="state is what this metric alone says (default: the main ones)")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help=".csv, .xlsx, .jsonl or .parquet")
    parser.add_argument(
        "--ideas", action="store_true", help="instead of the cases: empty chats for NEW training rows of these kinds"
    )
    parser.add_argument(
        "--for", dest="tool", metavar="TOOL", help="JSON of label-studio or argilla, for people to label"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace FILE, and what was written into it")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0, also where no case fits; exit 2 for bad arguments.

    Those are a run, a choice or a file that cannot be.
    """
    import sys

    from evalkit.cli.targets import check_table_target
    from evalkit.core.errors import Problem, UsageError, count_of
    from evalkit.pipeline.cases import CaseFilter, choose_cases
    from evalkit.report.case_files.annotation import check_tool, write_for
    from evalkit.report.case_files.ideas import COLUMNS, WARNING, training_ideas
    from evalkit.report.case_files.kinds import kind_of, write_cases
    from evalkit.store.runs import load_run

    target = Path(args.output)
    if args.tool is None:
        kind_of(target)
    else:
        check_tool(args.tool, target)
    check_table_target(target, args)
    if args.ideas and target.suffix.lower() != ".jsonl":
        raise UsageError(Problem(what=f"--ideas are chats, and {target} cannot hold them", allowed=".jsonl"))
    states = tuple(state.strip() for word in args.state for state in word.split(","))
    choice = CaseFilter(suites=tuple(args.of_suites), states=states, tags=_tags(args.tag), metric=args.metric)
    chosen = choose_cases(load_run(Path(args.root), args.run_named), choice)
    if args.ideas:
        write_cases(target, training_ideas(chosen.rows), COLUMNS)
        say(f"warning: {WARNING.format(file=target)}", file=sys.stderr)
        say(f"{target}: {count_of(len(chosen.rows), 'place')} for a new row")
        return 0
    if args.tool is not None:
        notes = write_for(args.tool, target, chosen.rows)
    else:
        notes = [f"warning: {target}: {note}" for note in write_cases(target, chosen.rows, chosen.columns)]
    for note in notes:
        say(note, file=sys.stderr)
    say(f"{target}: {len(chosen.rows):,} of {count_of(chosen.of, 'case')}")
    return 0


def _tags(words: list[str]) -> dict[str, tuple[str, ...]]:
    from evalkit.core.errors import Problem, UsageError

    tags: dict[str, tuple[str, ...]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise UsageError(Problem(what=f"--tag {word}", allowed="NAME=VALUE, e.g. intent=refund"))
        tags[name] = (*tags.get(name, ()), value)
    return tags
