"""Where results go is checked before the first call: nobody pays for answers that cannot be delivered."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from evalkit.cli.publish import check_publish
from evalkit.cli.shared import REPORTS
from evalkit.cli.spared import find_lost_inputs, is_own_result
from evalkit.core.errors import Problem, UsageError
from evalkit.data.source import SUFFIXES

FILES = {"json": ".json", "junit": ".xml", "markdown": ".md", "code-quality": ".json"}
"""Options that name a file of results, each with the ending that it usually has"""
INPUTS = (".yaml", ".yml", ".ndjson.gz", ".tsv.gz", *(suffix for suffix in SUFFIXES if suffix != ".json"))
"""What suites, models, data and recordings are kept in; no result is. In .json may stand either."""
_PAGE = "index.html"
_Place = tuple[int, int] | str


def check_targets(args: argparse.Namespace) -> None:
    """Raise UsageError with every target that could not be written.

    Targets are `--report`, `--json`, `--junit`, `--markdown`, `--code-quality` and `-o`.
    """
    check_publish(args)
    problems: list[Problem] = []
    taken: dict[_Place, str] = {}
    pages: list[Path] = []
    results: dict[str, Path] = {}
    for option, path, folder in _targets(args):
        wrong = in_the_way(path, folder=folder)
        if wrong:
            problems.append(
                _target_problem(option, path, wrong, folder=folder, asked=not folder or args.report is not None)
            )
        elif option != "-o" and not folder and _is_named_as_input(path):
            what = f"{option} {path}: files of this name hold suites, data or recordings, never a result"
            problems.append(Problem(what=what, todo=f"name another file, e.g. one that ends in {FILES[option[2:]]}"))
        elif option != "-o":
            results[option] = path / _PAGE if folder else path
        place = _place(path)
        if any(_is_page_in(path, page) for page in pages):
            problems.append(Problem(what=f"{option} {path}: --report writes its page there", todo="name two places"))
        elif place in taken:
            problems.append(Problem(what=f"{taken[place]} and {option} both name {path}", todo="name two places"))
        taken.setdefault(place, option)
        if folder:
            pages.append(path)
            taken.setdefault(_place(path / _PAGE), option)
    problems += find_lost_inputs(results, args)
    if problems:
        raise UsageError(problems)


def _targets(args: argparse.Namespace) -> Iterator[tuple[str, Path, bool]]:
    """(option, path, whether it is a folder) of everything that will be written."""
    if hasattr(args, "report"):
        yield "--report", Path(REPORTS if args.report is None else args.report), True
    if getattr(args, "output", None) not in (None, "", "-"):
        yield "-o", Path(args.output), False
    for name in FILES:
        path = getattr(args, name.replace("-", "_"), None)
        if path and path != "-":
            yield f"--{name}", Path(path), False


def _target_problem(option: str, path: Path, wrong: str, *, folder: bool, asked: bool) -> Problem:
    """What cannot be written, in words of what the user wrote: where reports go by default nobody `asked` for."""
    if not asked:
        what = f"reports go to {path}, which cannot be written: {wrong}"
        return Problem(what=what, todo=f"name another place with {option}")
    kind = "a folder" if folder else "a file"
    return Problem(what=f"{option} {path}: {wrong}", todo=f"name {kind} that can be made or written")


def _is_named_as_input(path: Path) -> bool:
    """Whether its name, or that of the file which it links to, is one of suites, data or recordings."""
    return any(name.lower().endswith(INPUTS) for name in (path.name, os.path.realpath(path)))


def _place(path: Path) -> _Place:
    """The same for every way to name one file, links of both kinds included."""
    try:
        found = path.stat()
    except OSError:
        return os.path.realpath(path)
    return found.st_dev, found.st_ino


def _is_page_in(path: Path, folder: Path) -> bool:
    """Whether it is the page of a report: in the folder itself or, with several runs, in one below it."""
    real = Path(os.path.realpath(path))
    return real.name == _PAGE and Path(os.path.realpath(folder)) in real.parents


def in_the_way(path: Path, *, folder: bool) -> str:
    """Explain why nothing can be written there.

    An empty string when it can.
    """
    if path.exists():
        if folder and not path.is_dir():
            return "a file stands where the folder should be"
        if not folder and path.is_dir():
            return "this is a folder"
        if folder and (path / _PAGE).is_dir():
            return f"its {_PAGE} is a folder"
        return "" if os.access(path, os.W_OK) else "it may not be written to"
    above = next((parent for parent in path.parents if parent.exists()), Path())
    if not above.is_dir():
        return f"{above} is a file, not a folder"
    return "" if os.access(above, os.W_OK | os.X_OK) else f"the folder {above} may not be written to"


def check_table_target(target: Path, args: argparse.Namespace) -> None:
    """Check where a table goes.

    UsageError where the file cannot be written, or where what stands there would be lost.
    """
    from evalkit.core.recording import is_recording

    wrong = in_the_way(target, folder=False)
    if wrong:
        raise UsageError(Problem(what=f"-o {target}: {wrong}", todo="name a file that can be made or written"))
    problems = find_lost_inputs({"-o": target}, args)
    if not problems and target.is_file() and is_recording(target):
        what = f"-o {target}: this is a recording of answers, and they would be lost"
        problems.append(Problem(what=what, todo="name another file, or move this one away"))
    if not problems and target.exists() and target.stat().st_size and not args.overwrite:
        what = f"-o {target}: this file is there already, perhaps with what somebody wrote into it"
        problems.append(Problem(what=what, todo="name another file, or give --overwrite to replace this one"))
    if problems:
        raise UsageError(problems)


def check_page_target(target: Path) -> None:
    """Check where a page goes.

    UsageError where it cannot be written, or where a file stands that evalkit did not write.
    """
    wrong = in_the_way(target, folder=False)
    todo = "name a file that can be made or written, such as trends.html"
    if not wrong and target.suffix.lower() not in (".html", ".htm"):
        wrong = "pages end in .html"
    if not wrong and target.is_file() and not is_own_result(target):
        wrong = "a file stands there that evalkit did not write"
    if wrong:
        raise UsageError(Problem(what=f"-o {target}: {wrong}", todo=todo))
