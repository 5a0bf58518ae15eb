"""Which files cases are written to, by the ending of their name, and what each needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from evalkit.core.errors import MissingExtra, Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.report.case_files.csv_file import write_csv
from evalkit.report.case_files.json_lines import write_json_lines
from evalkit.report.case_files.parquet import write_parquet
from evalkit.report.case_files.xlsx import write_xlsx

Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file that holds cases.

    `write(path, rows, columns)` makes the file and returns what its reader must know, one sentence each.
    """

    write: Callable[[Path, Sequence[Row], Sequence[str]], list[str]]
    package: str | None = None
    extra: str = ""


KINDS: Mapping[str, FileKind] = {
    ".csv": FileKind(write=write_csv),
    ".xlsx": FileKind(write=write_xlsx, package="openpyxl", extra="excel"),
    ".jsonl": FileKind(write=write_json_lines),
    ".parquet": FileKind(write=write_parquet, package="pyarrow", extra="parquet"),
}


def kind_of(path: Path) -> FileKind:
    """Return how a file of this name is written.

    UsageError for an unknown ending, MissingExtra where a package is missing.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise UsageError(Problem(what=f"-o {path}: cases do not go into a file of this name", allowed=", ".join(KINDS)))
    if kind.package is not None and find_spec(kind.package) is None:
        raise MissingExtra(kind.package, kind.extra, f"writing {path}")
    return kind


def write_cases(path: Path, rows: Sequence[Row], columns: Sequence[str]) -> list[str]:
    """Write the rows, whole or not at all.

    Returns what the reader of the file must know, one sentence each.

    OSError where the file cannot be written, UsageError where it cannot hold so many rows.
    """
    kind = kind_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        notes = kind.write(part, rows, columns)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return notes
