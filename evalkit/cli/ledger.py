"""Look after the kept answers.

stats    how many answers of whom, and how large the file is
verify   read every row and check it; exit 2 when one is, or was, damaged
export   every kept answer as JSON lines; exit 2 when one is damaged
prune    forget answers of a model, or those older than a number of days
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.say import say
from evalkit.cli.shared import root_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evalkit.core.errors import Problem
    from evalkit.store.ledger import Ledger

_FIRST_LINE = 64 * 1024**2


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what to do, and with whose answers."""
    parser.add_argument("what", choices=("stats", "verify", "export", "prune"), metavar="stats|verify|export|prune")
    parser.add_argument("--model", metavar="NAME", help="export, prune: only this model's answers")
    parser.add_argument("--older-than", type=float, metavar="DAYS", help="prune: only answers older than this")
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="export: where to (default: standard output)"
    )
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0; exit 2 for damage or a prune without a choice.

    Damage is what verify finds; a choice tells prune what to forget.
    """
    from evalkit.core.errors import UsageError
    from evalkit.pipeline.asking.run_arms import LEDGER
    from evalkit.store.ledger import Ledger

    path = Path(args.root) / LEDGER
    if not path.exists():
        raise UsageError(f"no answers are kept in {path}")
    with Ledger(path) as ledger:
        for note in ledger.notes:
            say(note, file=sys.stderr)
        return _ACTIONS[args.what](ledger, args)


def _stats(ledger: Ledger, args: argparse.Namespace) -> int:
    from evalkit.store.upkeep import stats

    found = stats(ledger)
    say(f"{found.path}: {found.answers} answers, {found.bytes / 1e6:.1f} MB, {found.claims} being asked")
    for share in found.models:
        say(f"  {share.answers:>8}  {share.name or '-'}  {share.provider}:{share.model}  {share.fingerprint[:12]}")
    return 0


def _verify(ledger: Ledger, args: argparse.Namespace) -> int:
    from evalkit.store.upkeep import verify

    problems = verify(ledger)
    for problem in problems:
        say(problem, file=sys.stderr)
    say("every row is whole" if not problems else f"{len(problems)} problems")
    salvaged = bool(ledger.notes) and not ledger.readonly
    return 2 if problems or salvaged else 0


def _export(ledger: Ledger, args: argparse.Namespace) -> int:
    from evalkit.core.rows import dump
    from evalkit.store.upkeep import export

    _check_model(ledger, args)
    lost: list[Problem] = []
    lines = (dump(row).decode() + "\n" for row in export(ledger, model=args.model, damaged=lost.append))
    if args.output == "-":
        sys.stdout.writelines(lines)
        return _tell_lost(lost)
    target = Path(args.output)
    _check_export(target, args)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.part")
    with beside.open("w", encoding="utf-8") as handle:
        handle.writelines(lines)
    beside.replace(target)
    return _tell_lost(lost)


def _tell_lost(lost: Sequence[Problem]) -> int:
    """Name the rows that are no answers any more; the exit code."""
    for problem in lost:
        say(problem, file=sys.stderr)
    return 2 if lost else 0


def _check_model(ledger: Ledger, args: argparse.Namespace) -> None:
    """UsageError, with the nearest name, where no answer is kept of the model."""
    from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed
    from evalkit.store.upkeep import known_models

    known = known_models(ledger)
    if args.model is not None and args.model not in known:
        what = f"no answers are kept of a model {args.model!r}{did_you_mean(args.model, known)}"
        raise UsageError(Problem(what=what, allowed=join_allowed(known) or "none"))


def _check_export(target: Path, args: argparse.Namespace) -> None:
    """UsageError where nothing can be written, or where a file stands that no export wrote."""
    import json

    from evalkit.cli.targets import check_targets
    from evalkit.core.errors import Problem, UsageError

    check_targets(args)
    if not target.exists() or target.stat().st_size == 0:
        return
    with target.open("rb") as handle:
        try:
            row = json.loads(handle.readline(_FIRST_LINE))
        except ValueError:
            row = None
    if not isinstance(row, dict) or not row.keys() >= {"key", "prompt_sha256", "response"}:
        raise UsageError(
            Problem(
                what=f"-o {target}: a file stands there that no export wrote, and it would be lost",
                todo="name another file, or move this one away",
            )
        )


def _prune(ledger: Ledger, args: argparse.Namespace) -> int:
    import time

    from evalkit.core.errors import Problem, UsageError
    from evalkit.store.upkeep import prune

    if args.model is None and args.older_than is None:
        raise UsageError(
            Problem(what="prune: what may be forgotten?", todo="name --model NAME, --older-than DAYS, or both")
        )
    _check_model(ledger, args)
    before = None if args.older_than is None else time.time() - args.older_than * 86400
    say(f"{prune(ledger, before=before, model=args.model)} answers forgotten")
    return 0


_ACTIONS = {"stats": _stats, "verify": _verify, "export": _export, "prune": _prune}
