"""An answer that a user's own scorer could not score: what was raised, and where in the user's file."""

from __future__ import annotations

import traceback
from pathlib import Path

_OURS = Path(__file__).parents[1]


class Unscorable(Exception):
    """No score could be found for one answer; the message says why, and where.

    It is counted and never a 0: above `max_error_rate` the comparison is INVALID.
    """


def tell_raised(error: BaseException) -> str:
    """Write what was raised, and in which line of the user's own file.

    The line is that of the innermost frame outside of evalkit; without one only the error is told.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_ours(frame.filename)]
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"{said} ({short_place(frames[-1].filename, frames[-1].lineno)})" if frames else said


def short_place(file: str, line: int | None) -> str:
    """Write a place by the file and its folder alone.

    So it reads the same on every machine.

    >>> short_place("/home/me/suites/scorers/tone.py", 12)
    'scorers/tone.py:12'
    """
    path = Path(file)
    name = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    return name if line is None else f"{name}:{line}"


def _is_ours(file: str) -> bool:
    return Path(file).is_relative_to(_OURS)
