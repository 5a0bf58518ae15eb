"""List the kept runs, or show one of them."""

from __future__ import annotations

import argparse
from pathlib import Path

from evalkit.cli.shared import root_argument


def arguments(parser: argparse.ArgumentParser) -> None:
    """`list` (the default) or `show RUN`."""
    parser.add_argument("what", choices=("list", "show"), nargs="?", default="list", metavar="list|show")
    parser.add_argument("run_named", metavar="RUN", nargs="?", default="latest", help="an id, its start, or `latest`")
    parser.add_argument("--json", action="store_true", help="as data")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0; 2 for a run that is not kept."""
    import json
    import sys

    from evalkit.report import console, verdict_json
    from evalkit.store.runs import list_runs, load_run

    root = Path(args.root)
    if args.what == "show":
        kept = load_run(root, args.run_named)
        if args.json:
            print(verdict_json(kept.verdict), end="")
        else:
            print(console(kept.verdict, kept.comparisons, report=None, colour=sys.stdout.isatty()))
        return 0
    rows = list_runs(root)
    if args.json:
        names = ("id", "created", "outcome", "base", "candidate", "suites", "arguments")
        print(json.dumps([{name: getattr(row, name) for name in names} for row in rows], indent=2))
        return 0
    width = max((len(row.id) for row in rows), default=0)
    for row in rows:
        print(f"{row.id:<{width}}  {row.outcome:<12}  {row.base} -> {row.candidate}  {', '.join(row.suites)}")
    if not rows:
        print(f"no run is kept in {root}")
    return 0
