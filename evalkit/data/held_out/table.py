"""A search of training files as data: every leak, whatever its tier, with its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.data.held_out.check import HeldOut
from evalkit.data.source import is_url


def leaks_as_json(found: HeldOut) -> dict[str, Json]:
    """Return the leaks in the examples' order, and what was not looked at."""
    return {
        "leaks": [
            {
                "id": leak.example_id,
                "tier": leak.tier,
                "share": round(leak.share, 4),
                "file": leak.where.file,
                "line": leak.where.line,
                "row": leak.where.row,
            }
            for leak in found.leaks
        ],
        "proven": len(found.proven_leaks),
        "files": found.files,
        "rows": found.rows,
        "short": found.short,
        "unread": list(found.unread),
        "problems": [str(problem) for problem in found.problems],
    }


def check_target(target: str, *, read: Sequence[str]) -> None:
    """Raise UsageError where a file of results would overwrite a file that is read.

    It does so too where the name of the file does not end in .json.
    """
    path = Path(target)
    if path.exists() and any(not is_url(file) and path.samefile(file) for file in read):
        raise UsageError(Problem(what=f"--json {target}: this is what is read, and it would be lost"))
    if not path.name.endswith(".json"):
        raise UsageError(Problem(what=f"--json {target}: no file of this name is written", allowed="NAME.json"))


def write_text(target: str, text: str) -> None:
    """Write a file; DataError where it cannot be written."""
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(Problem(what=f"cannot write {target}: {error.strerror or error}")) from None
