"""What CI shows at the line: GitHub's annotations in the log of a job, GitLab's code quality as a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from evalkit.cli.language import speak

if TYPE_CHECKING:
    from evalkit.core.errors import Location, Problem
    from evalkit.pipeline.options import CandidateResult
    from evalkit.report.renderers.annotations import Annotation

_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def in_github_actions() -> bool:
    """Tell whether a job of GitHub Actions runs this process."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotations_of(outcomes: Sequence[CandidateResult]) -> list[Annotation]:
    """List the annotations of every candidate, files named from the root of the repository."""
    from evalkit.report.renderers.annotations import annotate

    found = []
    for one in outcomes:
        places = {
            suite: {index: _from_root(where) for index, where in gates.items()} for suite, gates in one.places.items()
        }
        found += annotate(one.verdict, one.comparisons, places, speak())
    return found


def print_annotations(outcomes: Sequence[CandidateResult], *, file: TextIO) -> None:
    """Print the annotations of a verdict where GitHub reads them; nothing elsewhere."""
    if in_github_actions():
        from evalkit.report.renderers.annotations import as_github

        if text := as_github(annotations_of(outcomes), speak()):
            print(text, file=file)


def print_problems(problems: Iterable[Problem]) -> None:
    """Print what keeps a command from deciding, each problem at its place.

    Nothing outside GitHub Actions.
    """
    if not in_github_actions():
        return
    from evalkit.report.renderers.annotations import Annotation, as_github

    say = speak()
    found = [
        Annotation(
            level="error",
            severity="blocker",
            title="evalkit",
            message=say(problem.what) + (f" - {say(f'to do: {problem.todo}')}" if problem.todo else ""),
            check="evalkit.problem",
            key=problem.what,
            where=_from_root(problem.where) if problem.where is not None else None,
        )
        for problem in problems
    ]
    if found:
        print(as_github(found, say), file=sys.stderr)


def _from_root(where: Location) -> Location:
    """The place as the repository has it, whatever folder the command runs in."""
    from dataclasses import replace

    root = next((Path(os.environ[name]) for name in _ROOTS if os.environ.get(name)), Path.cwd())
    try:
        inside = Path(os.path.realpath(where.file)).relative_to(os.path.realpath(root))
    except ValueError:
        return where
    return replace(where, file=inside.as_posix())
