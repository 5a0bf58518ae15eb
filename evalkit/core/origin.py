"""Where a verdict comes from: when it was reached, on which state of the suites, and how it is reached again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What stands on a page beside the verdict.

    It is no part of the verdict as data, which knows no clock.
    `created` is ISO 8601; `commit` is that of the repository of the suites, with "changed" behind it where files
    differ from it; `command` compares again.
    """

    run: str = ""
    created: str = ""
    commit: str = ""
    command: str = ""
