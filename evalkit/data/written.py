"""Which files rows may be written to: not the ones they came from, no recording, and only names that tell of rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.core.errors import Problem, UsageError
from evalkit.core.recording import is_recording
from evalkit.data.source import files, is_url

_WRITTEN = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".csv", ".csv.gz")


def is_csv(path: str | Path) -> bool:
    """Return whether rows are written as CSV, by the name of the file."""
    return str(path).endswith((".csv", ".csv.gz"))


def check_written(targets: Sequence[Path], *, source: str | Path, format: str) -> None:
    """Raise UsageError, with every problem of the targets to write.

    A target is bad that is read or a recording, or whose name its format does not fit.
    """
    read = [] if is_url(source) else [Path(file) for file in files(source)]
    problems = []
    for target in targets:
        if target.exists() and any(target.samefile(file) for file in read):
            what = f"-o {target}: this is what is read, and it would be lost"
            problems.append(Problem(what=what, todo="name another place"))
        elif target.is_file() and is_recording(target):
            what = f"-o {target}: this is a recording of answers, and they would be lost"
            problems.append(Problem(what=what, todo="name another file, or move this one away"))
        if format == "csv" and not is_csv(target):
            what = f"-o {target}: csv does not go into a file of this name"
            problems.append(Problem(what=what, allowed=".csv, .csv.gz"))
        elif not target.name.endswith(_WRITTEN):
            what = f"-o {target}: no file of this kind can be written"
            problems.append(Problem(what=what, allowed=", ".join(_WRITTEN)))
    if problems:
        raise UsageError(problems)
