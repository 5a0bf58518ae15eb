"""The checks of `evalkit data check`: a line a family, in the order in which they look and tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evalkit.core.data_report import Level
from evalkit.core.errors import Problem, UsageError, did_you_mean
from evalkit.data.checks.answers import CutAnswers, EmptyAnswers
from evalkit.data.checks.asked_keys import AskedKeys
from evalkit.data.checks.base import RowCheck
from evalkit.data.checks.calls import ToolCalls
from evalkit.data.checks.characters import Characters
from evalkit.data.checks.classes import Classes
from evalkit.data.checks.languages import Languages
from evalkit.data.checks.lengths import Lengths
from evalkit.data.checks.openai_rows import OpenAiRows
from evalkit.data.checks.personal import Personal
from evalkit.data.checks.preferences import Preferences
from evalkit.data.checks.repeats import Repeats
from evalkit.data.checks.unusual import Unusual

CHECKS: Mapping[str, tuple[Callable[[Level | None], RowCheck | None], str]] = {
    "openai": (lambda level: OpenAiRows(level=level) if level else None, "what OpenAI's fine-tuning refuses"),
    "calls": (lambda _: ToolCalls(), "tool calls against the tools, the results and the schemas of their row"),
    "empty": (lambda _: EmptyAnswers(), "turns without a text"),
    "cut": (lambda _: CutAnswers(), "answers that end in the middle"),
    "repeats": (lambda _: Repeats(), "equal rows, and questions with several answers"),
    "preferences": (lambda _: Preferences(), "answers preferred in one row and rejected in another"),
    "asked_keys": (lambda _: AskedKeys(), "JSON keys that prompts ask for and no answer has"),
    "characters": (lambda _: Characters(), "wrong encodings, invisible marks, widths"),
    "languages": (lambda _: Languages(), "answers in another script or language"),
    "classes": (lambda _: Classes(), "labels: balance and spelling"),
    "lengths": (lambda _: Lengths(), "rows far longer or shorter than the others"),
    "unusual": (lambda _: Unusual(), "rows whose characters are unlike the rest"),
    "personal": (lambda _: Personal(), "personal data and secrets"),
}
"""Name -> how it is made, what it looks for"""


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
    made = [CHECKS[name][0](openai) for name in wanted]
    return [check for check in made if check is not None]
