"""JSON lines: every value as it is, for programs and annotation tools."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.exchange import Json
from evalkit.report.case_files.cells import whole_characters


def write_json_lines(path: Path, rows: Sequence[Mapping[str, Json]], columns: Sequence[str]) -> list[str]:
    """Write one object a case; all have the same keys."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            line = json.dumps({name: row[name] for name in columns}, ensure_ascii=False, allow_nan=False)
            file.write(f"{whole_characters(line)}\n")
    return []
