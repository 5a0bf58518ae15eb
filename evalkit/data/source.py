"""Bytes of a data set: a local file, a folder of files or an fsspec URL, plain or gzipped, line by line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from evalkit.core.encoding import foreign, is_utf16
from evalkit.core.errors import DataError, Location, Problem

SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".json", ".json.gz", ".csv", ".csv.gz", ".tsv", ".parquet")
"""What is read in a folder; a file named outright may be called anything and is then taken as JSON lines."""


class NoSuchData(DataError):
    """A file or folder that is not there."""


def files(path: str | Path) -> list[str]:
    """The file itself, or the data files of a folder (any depth), sorted. URLs are taken as one file.

    Raises DataError when there is nothing.
    """
    if is_url(path):
        return [str(path)]
    local = Path(path)
    if local.is_dir():
        found = sorted(str(p) for p in local.rglob("*") if p.name.endswith(SUFFIXES) and p.is_file())
        if not found:
            raise DataError(Problem(what=f"no data file in the folder {local}", allowed=", ".join(SUFFIXES)))
        return found
    if not local.is_file():
        raise NoSuchData(Problem(what=f"there is no data set {local}", todo="name a file or a folder that is there"))
    return [str(local)]


def is_url(path: str | Path) -> bool:
    """Whether the path is an fsspec URL (``s3://bucket/x.jsonl``)."""
    return "://" in str(path)


@contextmanager
def open_bytes(path: str) -> Iterator[IO[bytes]]:
    """The bytes of one file, gunzipped where they are gzip (by their first two bytes, whatever the name says)."""
    try:
        with _raw(path) as raw:
            head = raw.read(2)
            raw.seek(0)
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if head == b"\x1f\x8b" else raw
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise
        reason = error.strerror or str(error)
        raise DataError(Problem(what=f"cannot read {path}: {reason}")) from None


def lines(path: str, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    """(number from 1, text) of each line that is not blank; what is not UTF-8 or not whole becomes a problem."""
    number, other = 0, False
    with open_bytes(path) as raw:
        try:
            for number, line in enumerate(raw, start=1):
                if number == 1 and is_utf16(line):
                    problems += [found for found in [foreign(path, line)] if found]
                    return
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    found = None if other else foreign(path, line)
                    problems += [found] if found else []
                    other |= found is not None
                    if other:  # said once: its other lines are no problem of their own
                        continue
                    where = Location(file=path, line=number, column=error.start + 1)
                    problems.append(Problem(what=f"not UTF-8: byte {line[error.start]:#04x}", where=where))
                    continue
                if text.strip():
                    yield number, text
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            problems.append(
                Problem(
                    what=f"the gzip file is truncated or damaged after line {number} ({error})",
                    where=Location(file=path, line=number + 1),
                    todo="fetch or write the file again",
                )
            )


def whole(path: str) -> bytes:
    """All bytes of one file; DataError when its gzip is damaged."""
    with open_bytes(path) as raw:
        try:
            return raw.read()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(
                Problem(what=f"the gzip file is truncated or damaged ({error})", where=Location(file=path))
            ) from None


@contextmanager
def _raw(path: str) -> Iterator[IO[bytes]]:
    if not is_url(path):
        with open(path, "rb") as local:
            yield local
        return
    import fsspec

    try:
        with fsspec.open(path, "rb") as remote:
            yield remote
    except (ImportError, ValueError) as error:
        scheme = path.partition("://")[0]
        raise DataError(
            Problem(what=f"cannot open {path}: {error}", todo=f"install the fsspec backend for {scheme}://")
        ) from None
