"""What looks after the file of runs: export, import, merge, prune, verify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.run_trends import tell_left_out
from evalkit.cli.say import give, say
from evalkit.cli.shared import document

if TYPE_CHECKING:
    from evalkit.store.kept_run import RunSummary
    from evalkit.store.runs_upkeep import TakenIn

_SHOWN = 12


def _export(args: argparse.Namespace) -> int:
    """Figures or cases as a table, or whole runs as folders."""
    from evalkit.core.errors import Problem, UsageError, count_of
    from evalkit.store.runs import list_runs, load_files, run_summary

    if not args.output:
        what = "runs export: where to?"
        raise UsageError(Problem(what=what, todo="-o FILE.parquet, .csv, .jsonl, .xlsx, or a folder for whole runs"))
    root, target = Path(args.root), Path(args.output)
    chosen = list(dict.fromkeys(run_summary(root, name).id for name in args.named))
    if not target.suffix or target.is_dir():
        from evalkit.store.runs_upkeep import write_folders

        names = chosen or [one.id for one in list_runs(root)]
        written = write_folders(((name, load_files(root, name)) for name in names), target)
        say(f"{target}: {count_of(len(written), 'run')}")
        return 0
    return _export_table(args, target, chosen)


def _export_table(args: argparse.Namespace, target: Path, chosen: Sequence[str]) -> int:
    from evalkit.cli.targets import check_table_target
    from evalkit.core.errors import count_of
    from evalkit.report.case_files.figures import write_figures
    from evalkit.report.case_files.kinds import kind_of
    from evalkit.store.runs import open_runs
    from evalkit.store.runs_export import TABLES, read_table

    kind_of(target)
    check_table_target(target, args)
    tell_left_out(Path(args.root))
    with open_runs(args.root) as kept:
        rows = list(read_table(kept, args.table, runs=chosen, suite=args.of_suite, metric=args.metric))
    for note in write_figures(target, rows, TABLES[args.table]):
        say(f"warning: {target}: {note}", file=sys.stderr)
    say(f"{target}: {count_of(len(rows), 'row')} of {args.table}")
    return 0


def _import(args: argparse.Namespace) -> int:
    from evalkit.core.errors import Problem, UsageError
    from evalkit.store.page_runs import page_reference
    from evalkit.store.runs_upkeep import import_folders

    places = [Path(name) for name in args.named]
    missing = [place for place in places if not place.is_dir() and page_reference(str(place)) is None]
    if missing:
        todo = "name a run folder, one that holds run folders, or a report page (.html)"
        raise UsageError(Problem(what=f"there is no folder or page {place}", todo=todo) for place in missing)
    return _tell_taken_in(import_folders(args.root, places), args, what="the folders stay; they can be deleted now")


def _merge(args: argparse.Namespace) -> int:
    from evalkit.core.errors import Problem, UsageError
    from evalkit.store.runs_upkeep import TakenIn, merge

    if not args.named:
        todo = "evalkit runs merge OTHER/.evalkit/runs.sqlite"
        raise UsageError(Problem(what="runs merge: which file?", todo=todo))
    missing = [name for name in args.named if not Path(name).is_file()]
    if missing:
        raise UsageError(Problem(what=f"there is no file {name}", todo="check the path") for name in missing)
    taken = [merge(args.root, Path(name)) for name in args.named]
    together = TakenIn(
        added=tuple(name for one in taken for name in one.added),
        known=tuple(name for one in taken for name in one.known),
        conflicts=tuple(name for one in taken for name in one.conflicts),
    )
    return _tell_taken_in(together, args, what="")


def _tell_taken_in(taken: TakenIn, args: argparse.Namespace, *, what: str) -> int:
    from evalkit.core.errors import count_of

    for problem in taken.problems:
        say(f"not taken in: {problem}", file=sys.stderr)
    for name in taken.conflicts:
        say(f"conflict: another run is kept here as {name}; it was left where it is", file=sys.stderr)
    bad = bool(taken.conflicts or taken.problems)
    if args.json:
        told = {"added": list(taken.added), "known": list(taken.known), "conflicts": list(taken.conflicts)}
        give(document("taken_in", {**told, "problems": [str(problem) for problem in taken.problems]}))
        return 2 if bad else 0
    say(f"{count_of(len(taken.added), 'run')} taken in, {len(taken.known)} there already")
    if taken.added and what:
        say(what)
    return 2 if bad else 0


def _prune(args: argparse.Namespace) -> int:
    from evalkit.core.errors import count_of
    from evalkit.store.runs_upkeep import prune

    chosen = _choose_to_prune(args)
    if not chosen:
        say("nothing to prune")
        return 0
    what = "the answers of " if args.answers else ""
    shown = ", ".join(one.id for one in chosen[:_SHOWN]) + (", ..." if len(chosen) > _SHOWN else "")
    _ask(f"forget {what}{count_of(len(chosen), 'run')}: {shown}", args)
    archive = Path(args.to) if args.to else None
    freed = prune(args.root, [one.id for one in chosen], answers_only=args.answers, archive=archive)
    say(f"{what}{count_of(len(chosen), 'run')} forgotten, {freed / 1e6:.1f} MB freed")
    if archive is not None:
        say(f"they are in {archive}; evalkit runs merge {archive} brings them back")
    return 0


def _choose_to_prune(args: argparse.Namespace) -> list[RunSummary]:
    """What may go: named runs, or by age and number; a blessed run only where it is named."""
    import datetime as dt

    from evalkit.core.errors import Problem, UsageError
    from evalkit.store.runs import list_runs, open_runs, run_summary

    if not args.named and args.older_than is None and args.keep is None:
        todo = "name runs, --older-than DAYS, or --keep N"
        raise UsageError(Problem(what="runs prune: what may be forgotten?", todo=todo))
    below = [name for name in ("keep", "older_than") if (getattr(args, name) or 0) < 0]
    if below:
        what = [f"--{name.replace('_', '-')} {getattr(args, name):g}" for name in below]
        raise UsageError(Problem(what=one, allowed="0 or more") for one in what)
    root = Path(args.root)
    if args.named:
        found = list({one.id: one for one in (run_summary(root, name) for name in args.named)}.values())
        apart = [one for one in found if one.path.is_dir()]
        if apart:
            todo = "evalkit runs import, then delete the folder"
            raise UsageError(Problem(what=f"{one.id} lies in a folder: {one.path}", todo=todo) for one in apart)
    else:
        found = [one for one in list_runs(root) if not one.path.is_dir()]
        with open_runs(root) as kept:
            blessed = {run for (run,) in kept.db.execute("SELECT run FROM blessing")}
        found = [one for one in found[args.keep or 0 :] if one.id not in blessed]
    if args.older_than is None:
        return found
    before = (dt.datetime.now() - dt.timedelta(days=args.older_than)).isoformat()
    return [one for one in found if one.created < before]


def _ask(what: str, args: argparse.Namespace) -> None:
    """UsageError unless --yes was given or the user says yes."""
    from evalkit.core.errors import Problem, UsageError

    if args.yes:
        return
    if not sys.stdin.isatty():
        todo = "give --yes, and --to FILE.sqlite to keep a copy of them"
        raise UsageError(Problem(what=f"this would {what}", todo=todo))
    say(f"{what}\nthis cannot be undone (--to FILE.sqlite keeps a copy). Type yes: ", flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was forgotten")


def _verify(args: argparse.Namespace) -> int:
    from evalkit.core.errors import StoreError, UsageError
    from evalkit.store.runs import FILE, RunFolder, folders_of, read_run
    from evalkit.store.runs_repair import repair, verify

    root = Path(args.root)
    if not (root / FILE).exists() and not folders_of(root):
        raise UsageError(f"no runs are kept in {root}")
    problems = list(verify(root)) if (root / FILE).exists() else []
    damaged = bool(problems)
    for folder in folders_of(root):
        try:
            read_run(RunFolder(folder))
        except StoreError as error:
            problems += error.problems
    for problem in problems:
        say(problem, file=sys.stderr)
    if args.repair and damaged:
        aside, carried = repair(root, tell=lambda problem: say(problem, file=sys.stderr))
        say(f"{carried} runs carried over; the damaged file is kept as {aside}")
        return 2
    say("every run is whole" if not problems else f"{len(problems)} problems")
    return 2 if problems else 0


UPKEEP = {"export": _export, "import": _import, "merge": _merge, "prune": _prune, "verify": _verify}
