"""List the kept runs, show one of them, compare their candidates over time, and look after the file they lie in.

list     the kept runs, the newest first
show     one of them, as its verdict was told
compare  their candidates in order of time, each with what changed since the one before
trends   a page: every metric over the runs, its changes (drift and steps), the baseline, what was another
export   figures or cases of every run as a table (.parquet, .csv, .jsonl, .xlsx); into a folder: runs whole
import   take runs into the file: the folders of older versions, or folders and report pages that are named
merge    take in the runs of other files, e.g. another machine's .evalkit/runs.sqlite
prune    forget runs: those named, those older than a number of days, or all but the newest; asks before it does
verify   check every run; --repair carries what is whole over into a new file; exit 2 for damage
noise    what noise runs (`evalkit compare base base`) measured and later verdicts are held against; --clear forgets it
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from evalkit.cli.language import current_language
from evalkit.cli.say import give, say, show
from evalkit.cli.shared import document, root_argument

LAST = 10
ACTIONS = ("list", "show", "compare", "trends", "export", "import", "merge", "prune", "verify", "noise")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what to do (default: `list`), with which runs, and how."""
    parser.add_argument("what", choices=ACTIONS, nargs="?", default="list", metavar="|".join(ACTIONS))
    parser.add_argument(
        "named",
        metavar="RUN",
        nargs="*",
        help=f"an id, its start, or `latest` (show: one, default latest; compare: any, default the last {LAST}; "
        "noise: ids of noise runs, default all); import: folders, pages; merge: files",
    )
    parser.add_argument("--json", action="store_true", help="as data")
    parser.add_argument("-o", "--output", metavar="FILE", help="export: where to; trends: the page")
    parser.add_argument("--overwrite", action="store_true", help="export: replace FILE")
    parser.add_argument(
        "--table",
        choices=("metrics", "runs", "findings", "cases"),
        default="metrics",
        help="export: which rows (default: metrics)",
    )
    parser.add_argument("--suite", dest="of_suite", metavar="S", help="trends, export: only this suite")
    parser.add_argument("--metric", metavar="M", help="trends, export: only this metric (default: the gated ones)")
    parser.add_argument("--arm", choices=("candidate", "base"), default="candidate", help="trends: whose (candidate)")
    parser.add_argument("--model", metavar="NAME", help="trends: only runs in which the arm bears this name")
    parser.add_argument("--last", type=int, metavar="N", help="trends: the last N runs (default: 60)")
    parser.add_argument("--older-than", type=float, metavar="DAYS", help="prune: runs older than this")
    parser.add_argument("--keep", type=int, metavar="N", help="prune: all but the newest N")
    parser.add_argument("--answers", action="store_true", help="prune: only answers; figures and trends stay")
    parser.add_argument("--to", metavar="FILE", help="prune: copy them into this file first; merge brings them back")
    parser.add_argument("--yes", action="store_true", help="prune: do not ask")
    parser.add_argument("--repair", action="store_true", help="verify: carry what is whole over into a new file")
    parser.add_argument("--clear", action="store_true", help="noise: forget them")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0; exit 2 for a missing run, damage or a conflict."""
    _refuse_foreign_options(args)
    if args.what in ("export", "import", "merge", "prune", "verify"):
        from evalkit.cli.run_upkeep import UPKEEP

        return UPKEEP[args.what](args)
    root = Path(args.root)
    if args.what == "trends":
        from evalkit.cli.run_trends import show_trends

        return show_trends(args)
    if args.what == "noise":
        return _noise(root, args.named, clear=args.clear, as_data=args.json)
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


_OPTIONS = {
    "clear": ("noise",),
    "output": ("export", "trends"),
    "overwrite": ("export",),
    "suite": ("trends", "export"),
    "metric": ("trends", "export"),
    "model": ("trends",),
    "last": ("trends",),
    "older-than": ("prune",),
    "keep": ("prune",),
    "answers": ("prune",),
    "to": ("prune",),
    "yes": ("prune",),
    "repair": ("verify",),
}
"""Options that only some of the verbs take"""
_DESTINATIONS = {"suite": "of_suite"}


def _refuse_foreign_options(args: argparse.Namespace) -> None:
    """UsageError, with all of them, for options that would silently do nothing here."""
    from evalkit.core.errors import Problem, UsageError

    wrong = [
        Problem(
            what=f"`runs {args.what}` takes no --{name}",
            allowed=", ".join(f"evalkit runs {verb} --{name}" for verb in verbs),
        )
        for name, verbs in _OPTIONS.items()
        if getattr(args, _DESTINATIONS.get(name, name.replace("-", "_"))) not in (None, False)
        and args.what not in verbs
    ]
    if wrong:
        raise UsageError(wrong)


def _list(root: Path, *, as_data: bool) -> int:
    from evalkit.core.errors import Problem
    from evalkit.store.runs import list_runs

    unread: list[Problem] = []
    rows = list_runs(root, unread=unread.append)
    for problem in unread:
        say(f"not a run that can be read: {problem}", file=sys.stderr)
    code = 2 if unread and not rows else 0
    if as_data:
        names = ("id", "created", "outcome", "base", "candidate", "suites", "arguments")
        give(document("runs", {"runs": [{name: getattr(row, name) for name in names} for row in rows]}))
        return code
    width = max((len(row.id) for row in rows), default=0)
    for row in rows:
        say(f"{row.id:<{width}}  {row.outcome:<12}  {row.base} -> {row.candidate}  {', '.join(row.suites)}")
    if not rows:
        say(f"no run in {root} can be read" if unread else f"no run is kept in {root}")
    return code


def _show(root: Path, named: str, *, as_data: bool) -> int:
    import sys

    from evalkit.report import console, verdict_json
    from evalkit.store.runs import load_run

    kept = load_run(root, named)
    if as_data:
        give(verdict_json(kept.verdict))
    else:
        colour, language = sys.stdout.isatty(), current_language()
        show(console(kept.verdict, kept.comparisons, report=None, colour=colour, language=language))
    return 0


def _compare(root: Path, named: list[str], *, as_data: bool) -> int:
    from evalkit.pipeline.history import history
    from evalkit.report.renderers.series import data, text
    from evalkit.store.runs import list_runs, load_run

    chosen = named or [row.id for row in list_runs(root)[:LAST]]
    kept = {run.summary.id: run for run in (load_run(root, one) for one in chosen)}
    found = history(list(kept.values()))
    if as_data:
        give(document("series", {"series": data(found)}))
    else:
        say(text(found, language=current_language()) or f"no run is kept in {root}")
    return 0


def _noise(root: Path, named: list[str], *, clear: bool, as_data: bool) -> int:
    from evalkit.core.errors import count_of
    from evalkit.core.fingerprint import plain
    from evalkit.pipeline.deciding.noise import clear_noise, list_noise

    if clear:
        gone = clear_noise(root, named)
        if as_data:
            give(document("forgotten", {"forgotten": gone}))
        else:
            say(f"{count_of(len(gone), 'noise run')} forgotten")
        return 0
    kept = [one for one in list_noise(root) if not named or any(one.id.startswith(name) for name in named)]
    if as_data:
        rows = [
            {"id": one.id, "created": one.created, "base": one.base, "suite": one.suite, "floors": plain(one.floors)}
            for one in kept
        ]
        give(document("noise", {"noise": rows}))
        return 0
    for one in kept:
        say(f"{one.id}  {one.created or 'some time'}  {one.base or '?'} on {one.suite or '?'}")
        for floor in one.floors:
            flipped = f"{100 * floor.flipped:.1f}% of {floor.n:,} examples differed"
            say(f"    {floor.metric}: noise floor {floor.floor:.3g} ({flipped})")
    if not kept:
        say(f"no noise run is kept in {root}")
    return 0
