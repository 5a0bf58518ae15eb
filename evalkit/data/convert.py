"""Examples back into rows of the fine-tuning world's formats; files are converted by `conversion`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from evalkit.core.errors import DataError, Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Example, Json
from evalkit.data.conversion.convert_file import convert_example, write_stream
from evalkit.data.conversion.record import CannotHold
from evalkit.data.conversion.writers import WRITERS as OTHERS

Row = dict[str, Json]
WRITERS: tuple[str, ...] = ("evalkit", *OTHERS, "csv")
"""Formats that can be written"""


def to_rows(examples: Iterable[Example], *, format: str) -> Iterator[Row]:
    """Convert examples to the rows of a format.

    Ids, tags and clusters go along in every format (in csv tags are columns), so that reading the rows again gives the
    same examples wherever the format can hold them. Raises UsageError for an unknown format and DataError naming the
    examples that the format cannot hold (choices in openai-chat, tool calls in completions, ...).
    """
    if format not in WRITERS:
        near = did_you_mean(format, WRITERS)
        raise UsageError(Problem(what=f"cannot write the format {format!r}{near}", allowed=join_allowed(list(WRITERS))))
    for example in examples:
        try:
            yield convert_example(example, to=format)
        except CannotHold as error:
            raise DataError(Problem(what=f"{format} cannot hold the example {example.id!r}: {error}")) from None


def write_rows(path: str | Path, rows: Iterable[Mapping[str, Json]]) -> int:
    """Write rows as JSON lines, a JSON array or CSV, and return how many.

    The name of the file decides: .jsonl, .json, .csv, plain or with .gz.

    The file is written whole or not at all; DataError where it cannot be written.
    """
    return write_stream(Path(path), rows, [])
