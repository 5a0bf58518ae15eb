"""List the kept runs, show one of them, or compare their candidates over time.

list     the kept runs, the newest first
show     one of them, as its verdict was told
compare  their candidates in order of time, each with what changed since the one before
noise    what noise runs (`evalkit compare base base`) measured and later verdicts are held against; --clear forgets it
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evalkit.cli.say import give, say, show
from evalkit.cli.shared import document, root_argument

LAST = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `list` (the default), `show`, `compare` and `noise`.

    They are written `show RUN`, `compare [RUN ...]` and `noise [ID ...]`.
    """
    choices = ("list", "show", "compare", "noise")
    parser.add_argument("what", choices=choices, nargs="?", default="list", metavar="|".join(choices))
    parser.add_argument(
        "named",
        metavar="RUN",
        nargs="*",
        help=f"an id, its start, or `latest` (show: one, default latest; compare: any, default the last {LAST}; "
        "noise: ids of noise runs, default all)",
    )
    parser.add_argument("--clear", action="store_true", help="noise: forget them")
    parser.add_argument("--json", action="store_true", help="as data")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0; exit 2 for a run that is not kept."""
    root = Path(args.root)
    if args.what == "noise":
        return _noise(root, args.named, clear=args.clear, as_data=args.json)
    if args.clear:
        from evalkit.core.errors import Problem, UsageError

        raise UsageError(Problem(what=f"`runs {args.what}` clears nothing", allowed="evalkit runs noise --clear"))
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
    from evalkit.store.runs import list_runs

    rows = list_runs(root)
    if as_data:
        names = ("id", "created", "outcome", "base", "candidate", "suites", "arguments")
        give(document("runs", {"runs": [{name: getattr(row, name) for name in names} for row in rows]}))
        return 0
    width = max((len(row.id) for row in rows), default=0)
    for row in rows:
        say(f"{row.id:<{width}}  {row.outcome:<12}  {row.base} -> {row.candidate}  {', '.join(row.suites)}")
    if not rows:
        say(f"no run is kept in {root}")
    return 0


def _show(root: Path, named: str, *, as_data: bool) -> int:
    import sys

    from evalkit.report import console, verdict_json
    from evalkit.store.runs import load_run

    kept = load_run(root, named)
    if as_data:
        give(verdict_json(kept.verdict))
    else:
        show(console(kept.verdict, kept.comparisons, report=None, colour=sys.stdout.isatty()))
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
        say(text(found) or f"no run is kept in {root}")
    return 0


def _noise(root: Path, named: list[str], *, clear: bool, as_data: bool) -> int:
    from evalkit.core.fingerprint import plain
    from evalkit.pipeline.deciding.noise import clear_noise, list_noise

    if clear:
        gone = clear_noise(root, named)
        give(document("forgotten", {"forgotten": gone}) if as_data else f"{len(gone)} noise runs forgotten")
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
