"""Where results go is checked before the first call: nobody pays for answers that cannot be delivered."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from evalkit.cli.shared import REPORTS
from evalkit.core.errors import Problem, UsageError

FILES = ("json", "junit", "markdown")
INPUTS = (".yaml", ".yml", ".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")
"""What suites, models, data and recordings are kept in; no result is"""


def check_targets(args: argparse.Namespace) -> None:
    """UsageError with every target (`--report`, `--json`, `--junit`, `--markdown`, `-o`) that could not be written."""
    problems: list[Problem] = []
    taken: dict[Path, str] = {}
    for option, path, folder in _targets(args):
        wrong = _in_the_way(path, folder=folder)
        if wrong:
            kind = "a folder" if folder else "a file"
            problems.append(Problem(what=f"{option} {path}: {wrong}", todo=f"name {kind} that can be made or written"))
        elif option != "-o" and path.is_file() and path.resolve().name.lower().endswith(INPUTS):
            what = f"{option} {path}: a suite, data or a recording may stand there, and it would be lost"
            problems.append(Problem(what=what, todo="name another file, or move this one away"))
        place = Path(os.path.abspath(path))
        if place in taken:
            problems.append(Problem(what=f"{taken[place]} and {option} both name {path}", todo="name two places"))
        taken.setdefault(place, option)
    if problems:
        raise UsageError(problems)


def _targets(args: argparse.Namespace) -> Iterator[tuple[str, Path, bool]]:
    """(option, path, whether it is a folder) of everything that will be written."""
    if hasattr(args, "report"):
        yield "--report", Path(REPORTS if args.report is None else args.report), True
    if getattr(args, "output", None):
        yield "-o", Path(args.output), False
    for name in FILES:
        path = getattr(args, name, None)
        if path and path != "-":
            yield f"--{name}", Path(path), False


def _in_the_way(path: Path, *, folder: bool) -> str:
    """Why nothing can be written there; an empty string when it can."""
    if path.exists():
        if folder and not path.is_dir():
            return "a file stands where the folder should be"
        if not folder and path.is_dir():
            return "this is a folder"
        if folder and (path / "index.html").is_dir():
            return "its index.html is a folder"
        return "" if os.access(path, os.W_OK) else "it may not be written to"
    above = next((parent for parent in path.parents if parent.exists()), Path())
    if not above.is_dir():
        return f"{above} is a file, not a folder"
    return "" if os.access(above, os.W_OK | os.X_OK) else f"the folder {above} may not be written to"
