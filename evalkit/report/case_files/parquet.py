"""Parquet: metrics are numbers, everything else is text (a target that is no text as JSON)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.exchange import Json
from evalkit.report.case_files.cells import cell_text
from evalkit.report.rows import is_metric_key


def write_parquet(path: Path, rows: Sequence[Mapping[str, Json]], columns: Sequence[str]) -> list[str]:
    """Write one row a case; the types of the columns depend on their names alone, also where there is no case."""
    import pyarrow
    from pyarrow import parquet

    kinds = {name: pyarrow.float64() if is_metric_key(name) else pyarrow.string() for name in columns}
    arrays = {
        name: pyarrow.array([_value(row[name], number=is_metric_key(name)) for row in rows], type=kind)
        for name, kind in kinds.items()
    }
    parquet.write_table(pyarrow.table(arrays), path)
    return []


def _value(value: Json, *, number: bool) -> Json:
    return value if value is None or number else cell_text(value)
