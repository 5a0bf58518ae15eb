"""JSON values out of a file of lines, plain or gzipped, each with its number; what is none becomes a problem."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from evalkit.core.broken_json import broken_json
from evalkit.core.encoding import foreign, is_utf16
from evalkit.core.errors import Location, Problem, StoreError
from evalkit.core.exchange import Json
from evalkit.core.rows import parse_strict


def json_lines(path: Path, problems: list[Problem], *, most: int | None = None) -> Iterator[tuple[int, Json]]:
    """Parse each line; return (line number, value) of those that are JSON.

    The others become problems; after `most` of them the rest is not read.
    """
    other = False
    bytes_told: list[Problem] = []
    for number, raw in _raw_lines(path, problems):
        if most is not None and len(problems) >= most:
            return
        if number == 1 and is_utf16(raw):
            problems += [found for found in [foreign(str(path), raw)] if found]
            return
        where = Location(file=str(path), line=number)
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            known = None if other else foreign(str(path), raw)
            problems += [known] if known else []
            other |= known is not None
            if other:  # said once: its other lines, those before it too, are no problem of their own
                problems[:] = [told for told in problems if not any(told is one for one in bytes_told)]
                bytes_told.clear()
                continue
            bytes_told.append(Problem(what=f"not UTF-8: {error.reason} at byte {error.start + 1}", where=where))
            problems.append(bytes_told[-1])
            continue
        if not line.strip():
            continue
        try:
            value = parse_strict(line)
        except (ValueError, RecursionError) as error:
            what, column = broken_json(error, line)
            problems.append(Problem(what=f"not JSON: {what}", where=replace(where, column=column)))
            continue
        yield number, value


def _raw_lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        with path.open("rb") as plain:
            packed = plain.peek(2)[:2] == b"\x1f\x8b"
            for number, raw in enumerate(gzip.GzipFile(fileobj=plain) if packed else plain, start=1):
                yield number, raw
    except (EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            todo = "check the path and your right to read it"
            raise StoreError(Problem(what=f"cannot read the recording {path}: {error.strerror}", todo=todo)) from error
        problems.append(_damaged_gzip(path, number, error))


def _damaged_gzip(path: Path, number: int, error: Exception) -> Problem:
    return Problem(
        what=f"the gzip is truncated or damaged behind line {number} ({error})",
        where=Location(file=str(path), line=number + 1),
        todo="get the file again",
    )
