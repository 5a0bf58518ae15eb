"""Which files rows may be written to: never the ones they came from, and under a name that says what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.core.errors import Problem, UsageError
from evalkit.data.source import files, is_url

_UNWRITTEN = (".tsv", ".tsv.gz", ".parquet")


def is_csv(path: str | Path) -> bool:
    """Whether rows are written as CSV, by the name of the file."""
    return str(path).endswith((".csv", ".csv.gz"))


def check_written(targets: Sequence[Path], *, source: str | Path, format: str) -> None:
    """UsageError, with every problem: a target that is (part of) the source, or whose name its format does not fit."""
    read = [] if is_url(source) else [Path(file) for file in files(source)]
    problems = []
    for target in targets:
        if target.exists() and any(target.samefile(file) for file in read):
            what = f"-o {target}: this is what is read, and it would be lost"
            problems.append(Problem(what=what, todo="name another place"))
        if format == "csv" and not is_csv(target):
            what = f"-o {target}: csv does not go into a file of this name"
            problems.append(Problem(what=what, allowed=".csv, .csv.gz"))
        elif target.name.endswith(_UNWRITTEN):
            what = f"-o {target}: no file of this kind can be written"
            problems.append(Problem(what=what, allowed=".jsonl, .jsonl.gz, .csv, .csv.gz"))
    if problems:
        raise UsageError(problems)
