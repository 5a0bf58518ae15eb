"""Parts of tables that are no text: Parquet, Arrow and workbooks, with the schema and the values they had."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from evalkit.core.errors import MissingExtra, Problem, UsageError
from evalkit.data.source import whole

_BATCH = 1024


def write_parquet(files: Sequence[str], sides: Iterator[int], targets: Sequence[Path]) -> None:
    """Write the rows of Parquet files to the targets of their sides."""
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise MissingExtra("pyarrow", "parquet", f"writing {targets[0]}") from None
    tables = [parquet.ParquetFile(io.BytesIO(whole(file))) for file in files]
    schema = _one_schema([table.schema_arrow for table in tables], files)
    with ExitStack() as stack:
        outs = [stack.enter_context(parquet.ParquetWriter(target, schema)) for target in targets]
        for table in tables:
            for batch in table.iter_batches(batch_size=_BATCH):
                _deal_batch(batch, sides, outs)


def write_arrow(files: Sequence[str], sides: Iterator[int], targets: Sequence[Path]) -> None:
    """Write the rows of Arrow files to the targets of their sides.

    They are streams, as Hugging Face writes them.
    """
    try:
        from pyarrow import ipc
    except ImportError:
        raise MissingExtra("pyarrow", "parquet", f"writing {targets[0]}") from None
    read: list[Any] = []
    for file in files:
        raw = whole(file)
        read.append(ipc.open_file(raw) if raw[:6] == b"ARROW1" else ipc.open_stream(raw))
    schema = _one_schema([one.schema for one in read], files)
    with ExitStack() as stack:
        outs = [stack.enter_context(ipc.new_stream(str(target), schema)) for target in targets]
        for one in read:
            batches = one if not hasattr(one, "num_record_batches") else _batches(one)
            for batch in batches:
                _deal_batch(batch, sides, outs)


def _batches(file: Any) -> Iterator[Any]:
    return (file.get_batch(index) for index in range(file.num_record_batches))


def _deal_batch(batch: Any, sides: Iterator[int], outs: Sequence[Any]) -> None:
    own = list(islice(sides, batch.num_rows))
    for side, out in enumerate(outs):
        kept = [number for number, one in enumerate(own) if one == side]
        if kept:
            out.write_batch(batch.take(kept))


def _one_schema(schemas: Sequence[Any], files: Sequence[str]) -> Any:
    for schema, file in zip(schemas, files, strict=True):
        if not schema.equals(schemas[0]):
            what = f"{file} has other columns than {files[0]}"
            raise UsageError(Problem(what=what, todo="convert the folder first: evalkit data convert"))
    return schemas[0]


def write_excel(files: Sequence[str], sides: Iterator[int], targets: Sequence[Path]) -> None:
    """Write the rows of workbooks to the targets of their sides.

    Those of the first sheet that holds something, as values.
    """
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("openpyxl", "excel", f"writing {targets[0]}") from None
    books = [openpyxl.Workbook(write_only=True) for _ in targets]
    sheets = [book.create_sheet() for book in books]
    header = False
    for file in files:
        found = _filled_rows(openpyxl.load_workbook(io.BytesIO(whole(file)), read_only=True, data_only=True))
        for number, row in enumerate(found):
            if number:
                side = next(sides)
                if side >= 0:
                    sheets[side].append(row)
            elif not header:
                header = True
                for sheet in sheets:
                    sheet.append(row)
    for book, target in zip(books, targets, strict=True):
        book.save(target)


def _filled_rows(book: Any) -> Iterator[list[Any]]:
    for sheet in book:
        kept = [[*row] for row in sheet.iter_rows(values_only=True) if any(str(cell or "").strip() for cell in row)]
        if kept:
            yield from kept
            return
