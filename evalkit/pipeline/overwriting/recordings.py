"""What a new recording would take the place of: kept answers are paid for, and no other kind of file is ours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Problem, UsageError, count_of
from evalkit.core.exchange import Response
from evalkit.core.recording import Recording, is_recording
from evalkit.pipeline.suites.prepare import Prepared

Key = tuple[str | None, str, int]
"""(suite, id, repeat); without a suite it is the case of any suite"""

_SHOWN = 3


def held_answers(path: Path, *, overwrite: bool) -> tuple[Key, ...]:
    """Read the answers in a file that is about to be replaced.

    Empty where there is no file, or an empty one. Raises UsageError for a file that is no recording, whatever
    `overwrite` says, and for a damaged recording without it: nobody can tell what would be lost.
    """
    if not path.exists() or path.stat().st_size == 0:
        return ()
    if not is_recording(path):
        what = f"-o {path}: this file is no recording of evalkit, and it would be lost"
        raise UsageError(Problem(what=what, todo="name another file, or move this one away"))
    if overwrite:
        return ()
    try:
        kept = Recording.read(path)
    except DataError as error:
        what = f"-o {path}: this recording is damaged, so that nobody can tell what would be lost"
        todo = "name another file, or give --overwrite to replace this one"
        raise UsageError([*error.problems, Problem(what=what, todo=todo)]) from None
    return tuple((r.suite, r.example_id, r.repeat) for r in kept.responses if r.failure is None)


def cases(suites: Sequence[Prepared]) -> frozenset[Key]:
    """List every case that a run of these suites asks."""
    return frozenset(
        (suite.suite.spec.name, example.row_id, repeat)
        for suite in suites
        for example in suite.examples
        for repeat in range(suite.suite.spec.repeats)
    )


def answered_cases(responses: Iterable[Response]) -> frozenset[Key]:
    """List the cases that these responses answer."""
    return frozenset((r.suite, r.example_id, r.repeat) for r in responses if r.failure is None)


def refuse_loss(path: Path, held: Sequence[Key], new: Collection[Key], *, why: str) -> None:
    """Raise UsageError where held answers are not among the new.

    It tells how many, and which; `why` ends the sentence.
    """
    anywhere = {(None, example_id, repeat) for _, example_id, repeat in new}
    lost = [key for key in held if key not in new and key not in anywhere]
    if not lost:
        return
    shown = ", ".join(_name(key) for key in lost[:_SHOWN])
    more = f" and {len(lost) - _SHOWN:,} more" if len(lost) > _SHOWN else ""
    raise UsageError(
        Problem(
            what=f"-o {path}: {len(lost):,} of {count_of(len(held), 'answer')} in it would be lost: "
            f"{shown}{more} {why}",
            todo="name another file, record all of them, or give --overwrite",
        )
    )


def _name(key: Key) -> str:
    return f"{key[1]!r}" + (f" (repeat {key[2]})" if key[2] else "")
