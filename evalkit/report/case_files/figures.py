"""Rows of figures as a table; in Parquet every column has its type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.exchange import Json
from evalkit.report.case_files.kinds import write_cases


def write_figures(path: Path, rows: Sequence[Mapping[str, Json]], columns: Mapping[str, str]) -> list[str]:
    """Write the rows, whole or not at all.

    `columns` are names and types (text, int, float).
    Returns what the reader of the file must know. The ending of the name says what is written.
    """
    if path.suffix.lower() != ".parquet":
        return write_cases(path, rows, tuple(columns))
    import pyarrow
    from pyarrow import parquet

    kinds = {"text": pyarrow.string(), "int": pyarrow.int64(), "float": pyarrow.float64()}
    arrays = {name: pyarrow.array([row[name] for row in rows], type=kinds[kind]) for name, kind in columns.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        parquet.write_table(pyarrow.table(arrays), part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return []
