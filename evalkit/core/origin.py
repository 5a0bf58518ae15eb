"""Where a verdict comes from: when it was reached, on which state of the suites, and how it is reached again."""

from __future__ import annotations

from dataclasses import dataclass

TRAINING, FINE_TUNING = "training", "fine_tuning"
"""Keys of `ModelIdentity.details`: what the files of a fine-tune tell of its training, and what a server tells of it"""
TRAINING_FILES = "training_files"
"""Key of a comparison's manifest: training files that the suite names -> SHA-256"""


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
