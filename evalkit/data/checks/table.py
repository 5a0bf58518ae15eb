"""The checks of `evalkit data check`: a line a family, in the order in which they look and tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evalkit.core.data_report import Level
from evalkit.core.errors import Problem, UsageError, did_you_mean
from evalkit.data.checks.answers import CutAnswers, EmptyAnswers
from evalkit.data.checks.asked_keys import AskedKeys
from evalkit.data.checks.base import RowCheck
from evalkit.data.checks.calls import CallsInRows
from evalkit.data.checks.characters import Characters
from evalkit.data.checks.classes import Classes
from evalkit.data.checks.languages import Languages
from evalkit.data.checks.lengths import Lengths
from evalkit.data.checks.openai_rows import OpenAiRows
from evalkit.data.checks.personal import Personal
from evalkit.data.checks.preferences import Preferences
from evalkit.data.checks.repeats import RepeatedRows
from evalkit.data.checks.unusual import Unusual

CHECKS: Mapping[str, Callable[[Level | None], RowCheck | None]] = {
    "openai": lambda level: OpenAiRows(level=level) if level else None,
    "calls": lambda _: CallsInRows(),
    "empty": lambda _: EmptyAnswers(),
    "cut": lambda _: CutAnswers(),
    "repeats": lambda _: RepeatedRows(),
    "preferences": lambda _: Preferences(),
    "asked_keys": lambda _: AskedKeys(),
    "characters": lambda _: Characters(),
    "languages": lambda _: Languages(),
    "classes": lambda _: Classes(),
    "lengths": lambda _: Lengths(),
    "unusual": lambda _: Unusual(),
    "personal": lambda _: Personal(),
}
"""Name -> how it is made, given the level of what OpenAI would refuse"""


def make_checks(*, openai: Level | None, skip: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> list[RowCheck]:
    """Make the checks that are wanted.

    `openai` is the level of what OpenAI would refuse, None where that is no matter. UsageError for unknown names.
    """
    names = [*CHECKS, "near", "tokens"]
    problems = [
        Problem(what=f"there is no check {name!r}{did_you_mean(name, names)}", allowed=", ".join(names))
        for name in (*skip, *only)
        if name not in names
    ]
    if problems:
        raise UsageError(problems)
    wanted = [name for name in CHECKS if name not in skip and (not only or name in only)]
    made = [CHECKS[name](openai) for name in wanted]
    return [check for check in made if check is not None]
