"""A file of labels, whatever tool wrote it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from evalkit.core.errors import Problem, UsageError
from evalkit.foreign.labels.argilla import is_argilla, read_records
from evalkit.foreign.labels.label_studio import is_label_studio, read_tasks
from evalkit.foreign.labels.nouns import ReadLabels
from evalkit.foreign.labels.sheet import read_table
from evalkit.foreign.sheets import read_json
from evalkit.foreign.texts import bare


def read_labels(path: Path, *, known: Collection[str]) -> ReadLabels:
    """Read a file of labels: Label Studio's or Argilla's JSON, or a table.

    `known` are the columns that `evalkit cases` writes. UsageError where there is no such file or no label in it.
    """
    if not path.is_file():
        raise UsageError(Problem(what=f"there is no file {path}", todo=f"check the path (from {Path.cwd()})"))
    rows = read_json(path) if bare(path).endswith(".json") else []
    if isinstance(rows, list) and is_label_studio(rows):
        found = read_tasks(rows)
    elif isinstance(rows, list) and is_argilla(rows):
        found = read_records(rows)
    else:
        found = read_table(path, known=known)
    if not found.labels:
        told = "; ".join(f"{many} {why}" for why, many in found.left_out.items())
        raise UsageError(Problem(what=f"{path} holds no label{f' ({told})' if told else ''}"))
    return found
