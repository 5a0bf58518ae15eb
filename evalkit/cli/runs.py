"""List the kept runs, show one of them, or compare their candidates over time."""

from __future__ import annotations

import argparse
from pathlib import Path

from evalkit.cli.shared import root_argument

LAST = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    """`list` (the default), `show RUN` or `compare [RUN ...]`."""
    choices = ("list", "show", "compare")
    parser.add_argument("what", choices=choices, nargs="?", default="list", metavar="|".join(choices))
    parser.add_argument(
        "named",
        metavar="RUN",
        nargs="*",
        help=f"an id, its start, or `latest` (show: one, default latest; compare: any, default the last {LAST})",
    )
    parser.add_argument("--json", action="store_true", help="as data")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0; 2 for a run that is not kept."""
    root = Path(args.root)
    if args.what == "compare":
        return _compare(root, args.named, as_data=args.json)
    most = 1 if args.what == "show" else 0
    if len(args.named) > most:
        from evalkit.core.errors import Problem, UsageError

        takes = "one run" if most else "no run"
        todo = "to set runs side by side: evalkit runs compare " + " ".join(args.named)
        raise UsageError(Problem(what=f"`runs {args.what}` takes {takes}, not {len(args.named)}", todo=todo))
    if args.what == "show":
        return _show(root, args.named[0] if args.named else "latest", as_data=args.json)
    return _list(root, as_data=args.json)


def _list(root: Path, *, as_data: bool) -> int:
    import json

    from evalkit.store.runs import list_runs

    rows = list_runs(root)
    if as_data:
        names = ("id", "created", "outcome", "base", "candidate", "suites", "arguments")
        print(json.dumps([{name: getattr(row, name) for name in names} for row in rows], indent=2))
        return 0
    width = max((len(row.id) for row in rows), default=0)
    for row in rows:
        print(f"{row.id:<{width}}  {row.outcome:<12}  {row.base} -> {row.candidate}  {', '.join(row.suites)}")
    if not rows:
        print(f"no run is kept in {root}")
    return 0


def _show(root: Path, named: str, *, as_data: bool) -> int:
    import sys

    from evalkit.report import console, verdict_json
    from evalkit.store.runs import load_run

    kept = load_run(root, named)
    if as_data:
        print(verdict_json(kept.verdict), end="")
    else:
        print(console(kept.verdict, kept.comparisons, report=None, colour=sys.stdout.isatty()))
    return 0


def _compare(root: Path, named: list[str], *, as_data: bool) -> int:
    from evalkit.pipeline.history import history
    from evalkit.report.renderers.series import data, text
    from evalkit.store.runs import list_runs, load_run

    chosen = named or [row.id for row in list_runs(root)[:LAST]]
    kept = {run.summary.id: run for run in (load_run(root, one) for one in chosen)}
    found = history(list(kept.values()))
    if as_data:
        print(data(found), end="")
    else:
        print(text(found) or f"no run is kept in {root}")
    return 0
