"""A recording: the kept answers of one model, in a file that stays a full arm when the model is gone.

JSONL or .jsonl.gz in UTF-8: a header line, then one response a line, any order. Written
bytes depend on the content alone (rows sorted, no time stamp in the gzip header), so that a committed file only
changes when an answer does. The header's `sha256` covers the canonical JSON of all rows, sorted.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from evalkit.core.errors import DataError, Location, Problem, StoreError
from evalkit.core.exchange import Json, ModelIdentity, Response
from evalkit.core.fingerprint import canonical
from evalkit.core.json_lines import json_lines
from evalkit.core.on_disk import DiskSort
from evalkit.core.rows import BadRow, dump, response_row, row_response

VERSION = 1
_SHOWN = 25
_HEADER = '{"evalkit_recording": 1, "model": {"name": "my-model"}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One model's answers and where they come from.

    `sha256` is that of the rows, hex.
    """

    model: ModelIdentity
    responses: tuple[Response, ...]
    generate: Mapping[str, Json] = field(default_factory=dict)
    created: str = ""
    sha256: str = ""
    checked: bool = False
    """The file named its checksum, and the rows still have it"""

    @classmethod
    def read(cls, path: str | Path) -> Recording:
        """Read and check a recording.

        Raises StoreError where the file cannot be read, DataError with every problem found (file and line) where it
        is no recording: broken JSON, bad UTF-8, a truncated gzip, duplicates, rows changed after they were kept.
        """
        return _read(Path(path))

    def write(self, path: str | Path) -> Path:
        """Write the recording, whole or not at all.

        `.gz` compresses. StoreError names the path and what to do.
        """
        target = Path(path)
        _replace(target, self.as_bytes(packed=target.suffix == ".gz"))
        return target

    def as_bytes(self, *, packed: bool = False) -> bytes:
        """Return the bytes of the file; the same answers give the same ones."""
        found = rows_digest(map(response_row, self.responses))
        header = _header_row(
            self.model, generate=self.generate, created=self.created, responses=len(self.responses), sha256=found
        )
        buffer = io.BytesIO()
        _write_rows(buffer, chain([header], _sorted_rows(self.responses)), packed=packed)
        return buffer.getvalue()


class RecordingOnDisk:
    """The rows of a recording that may be larger than memory.

    They are added one by one and sorted in temporary files. The file it writes is the one that `Recording.write` would.
    """

    def __init__(self) -> None:
        self._rows: DiskSort[tuple[str, str, int, int, bytes]] = DiskSort()
        self._lines: DiskSort[str] = DiskSort()
        self._number = 0

    def add(self, response: Response) -> None:
        """Add a response."""
        row = response_row(response)
        raw, line = dump(row), canonical(row)
        self._rows.add((response.suite or "", response.example_id, response.repeat, self._number, raw), len(raw))
        self._lines.add(line, len(line))
        self._number += 1

    def write(self, handle: BinaryIO, model: ModelIdentity) -> None:
        """Write the file, packed."""
        found = _digest_lines(self._lines)
        header = _header_row(model, generate={}, created="", responses=self._number, sha256=found)
        _write_lines(handle, chain([dump(header)], (row[-1] for row in self._rows)))


def is_recording(path: Path) -> bool:
    """Tell whether a file begins like a recording, sound or not.

    It may be of whatever version. StoreError: it cannot be read.
    """
    problems: list[Problem] = []
    _, first = next(json_lines(path, problems), (0, None))
    return not problems and isinstance(first, dict) and "evalkit_recording" in first


def rows_digest(rows: Iterable[Mapping[str, Json]]) -> str:
    """Hash rows so that their order in the file does not matter.

    It is the SHA-256 (hex) over their sorted canonical JSON, one a line.
    """
    return _digest_lines(sorted(canonical(row) for row in rows))


def _digest_lines(lines: Iterable[str]) -> str:
    summed = hashlib.sha256()
    for line in lines:
        summed.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return summed.hexdigest()


def _sorted_rows(responses: Iterable[Response]) -> Iterator[dict[str, Json]]:
    """The rows in their order, made one by one: all at once take several times the room of the answers."""
    return map(response_row, sorted(responses, key=_place))


def _place(response: Response) -> tuple[str, str, int, int, int]:
    return response.suite or "", response.example_id, response.repeat, response.turn or 0, response.step or 0


def _identity_row(model: ModelIdentity) -> dict[str, Json]:
    row: dict[str, Json] = {"name": model.name, "provider": model.provider, "model": model.model}
    return {**row, "fingerprint": model.fingerprint, "details": dict(model.details)}


def _header_row(
    model: ModelIdentity, *, generate: Mapping[str, Json], created: str, responses: int, sha256: str
) -> dict[str, Json]:
    return {
        "evalkit_recording": VERSION,
        "model": _identity_row(model),
        "generate": dict(generate),
        "created": created,
        "responses": responses,
        "sha256": sha256,
    }


def _write_rows(handle: BinaryIO, rows: Iterable[Mapping[str, Json]], *, packed: bool) -> None:
    if packed:
        _write_lines(handle, map(dump, rows))
    else:
        handle.writelines(dump(row) + b"\n" for row in rows)


def _write_lines(handle: BinaryIO, lines: Iterable[bytes]) -> None:
    """Lines packed as they are made; how they are cut does not change the bytes."""
    with gzip.GzipFile(filename="", fileobj=handle, mode="wb", mtime=0, compresslevel=9) as packed:
        for line in lines:
            packed.write(line + b"\n")


def _replace(target: Path, data: bytes) -> None:
    """Write beside the target and move it there, so that a reader never sees half a file."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True) if beside.parent.is_dir() else None
        raise StoreError(
            Problem(
                what=f"cannot write the recording {target}: {error.strerror or error}",
                todo="free space there, or name a folder that you may write to",
            )
        ) from error


def _read(path: Path) -> Recording:
    problems: list[Problem] = []
    header: dict[str, Json] | None = None
    rows: list[dict[str, Json]] = []
    responses: list[Response] = []
    seen: dict[tuple[str, str, int, int, int], int] = {}
    for number, value in json_lines(path, problems):
        where = Location(file=str(path), line=number)
        if header is None:
            header = _header(value, where)
            continue
        try:
            response = row_response(value)
        except BadRow as error:
            problems.append(Problem(what=str(error), where=where))
            continue
        first = seen.setdefault(_place(response), number)
        if first != number:
            turn = f", turn {response.turn}" if response.turn else ""
            what = f"duplicate id {response.example_id!r} (repeat {response.repeat}{turn}), first on line {first}"
            problems.append(Problem(what=what, where=where, todo="keep one of the two"))
        rows.append(value)
        responses.append(response)
    if header is None and not problems:
        problems.append(Problem(what="an empty file is no recording", where=Location(file=str(path), line=1)))
    if problems or header is None:
        raise DataError(_cap(problems, path))
    return _build_recording(path, header, rows, responses)


def _header(value: Json, where: Location) -> dict[str, Json]:
    if not isinstance(value, dict) or "evalkit_recording" not in value:
        raise DataError(Problem(what="the first line is not the header of a recording", where=where, allowed=_HEADER))
    if value["evalkit_recording"] != VERSION:
        what = f"a recording of version {value['evalkit_recording']!r}; this evalkit reads version {VERSION}"
        raise DataError(Problem(what=what, where=where, todo="upgrade evalkit, or record again"))
    if not isinstance(value.get("model", {}), dict) or not isinstance(value.get("generate", {}), dict):
        raise DataError(Problem(what="`model` and `generate` must be objects", where=where, allowed=_HEADER))
    return value


def _build_recording(
    path: Path, header: Mapping[str, Json], rows: list[dict[str, Json]], responses: list[Response]
) -> Recording:
    found, promised = rows_digest(rows), header.get("sha256")
    if promised is not None and promised != found:
        raise DataError(
            Problem(
                what=f"the rows are not those that were recorded: sha256 {found[:12]}…, header {promised!s:.12}…",
                where=Location(file=str(path), line=1),
                todo="get the file again; where the rows were edited on purpose, take `sha256` out of the header",
            )
        )
    said: Mapping[str, Json] = header.get("model", {})
    # A fingerprint that no checksum binds to the rows proves nothing: then the rows themselves are the identity.
    trusted = promised is not None and isinstance(said.get("fingerprint"), str)
    identity = ModelIdentity(
        name=str(said.get("name") or path.name.split(".")[0]),
        provider=str(said.get("provider") or "recording"),
        model=str(said.get("model") or said.get("name") or path.name),
        fingerprint=said["fingerprint"] if trusted else f"recording:{found}",
        details=said["details"] if isinstance(said.get("details"), dict) else {},
    )
    return Recording(
        model=identity,
        responses=tuple(responses),
        generate=header.get("generate", {}),
        created=str(header.get("created") or ""),
        sha256=found,
        checked=promised is not None,
    )


def _cap(problems: list[Problem], path: Path) -> list[Problem]:
    if len(problems) <= _SHOWN:
        return problems
    rest = len(problems) - _SHOWN
    return [*problems[:_SHOWN], Problem(what=f"and {rest} more problems in {path}")]
