"""Which format a training file is written in, by the keys of its first row."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from evalkit.data.problems import is_table
from evalkit.data.rows import Row, rows
from evalkit.data.source import files

_BY_KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("openai-preference", ("preferred_output",)),
    ("sharegpt", ("conversations",)),
    ("trl", ("chosen",)),
    ("evalkit", ("target",)),
    ("alpaca", ("instruction",)),
    ("openai-chat", ("messages",)),
    ("trl", ("prompt", "completion")),
)


def guess_training_format(path: Path) -> str:
    """Return the name of the format; `evalkit` where nothing tells."""
    first: Row = {}
    for file in files(path)[:1]:
        if is_table(file):
            return "csv"
        first = next((row for _, row in islice(rows(file, []), 1)), {})
    return next((name for name, keys in _BY_KEYS if all(first.get(key) is not None for key in keys)), "evalkit")
