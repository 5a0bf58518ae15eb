"""Parts of a data set, written as the data set was: lines byte for byte, tables with their header, packed as before."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast

from evalkit.core.delimiters import find_delimiter
from evalkit.core.errors import MissingExtra, Problem, UsageError
from evalkit.core.recording import is_recording
from evalkit.data.cells import EXCEL
from evalkit.data.rows import rows
from evalkit.data.source import bare_name, is_url, lines, open_bytes, whole
from evalkit.data.splitting.tables import write_arrow, write_excel, write_parquet

_PACKED = (".gz", ".bz2", ".xz", ".zst")
_WIDE = ("utf_16", "utf_32", "utf16", "utf32")


def part_suffix(files: Sequence[str]) -> str:
    """Return the end of the names of parts.

    It is that of the files, `.jsonl` for rows under another name. Raises UsageError for files of several kinds.

    >>> part_suffix(["data/a.JSONL.gz", "data/b.jsonl.gz"])
    '.jsonl.gz'
    """
    ends = {_end(file) for file in files}
    if len({end.removesuffix(packed) for end in ends for packed in (*_PACKED,) if end.endswith(packed)} | ends) > 1:
        plain = {next((end.removesuffix(p) for p in _PACKED if end.endswith(p)), end) for end in ends}
        if len(plain) > 1:
            what = f"the folder holds files of several kinds ({', '.join(sorted(plain))}): what should parts be?"
            todo = "convert it first: evalkit data convert FOLDER --to evalkit -o rows.jsonl"
            raise UsageError(Problem(what=what, todo=todo))
    return _end(files[0])


def _end(file: str) -> str:
    name = file.lower()
    packed = next((end for end in _PACKED if name.endswith(end)), "")
    bare = bare_name(file)
    known = (".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", *EXCEL)
    end = next((end for end in known if bare.endswith(end)), ".jsonl")
    if end == ".json" and not _is_array(file):
        end = ".jsonl"
    return f"{end}{packed}" if end not in (".parquet", ".arrow", *EXCEL) else end


def _is_array(file: str) -> bool:
    with open_bytes(file) as raw:
        return raw.read(1 << 12).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["


def check_targets(targets: Sequence[Path], files: Sequence[str]) -> None:
    """Raise UsageError for parts that would replace what is read, or answers."""
    problems = []
    read = [Path(file) for file in files if not is_url(file)]
    for target in targets:
        if target.exists() and any(target.samefile(file) for file in read):
            problems.append(
                Problem(what=f"-o {target}: this is what is read, and it would be lost", todo="name another place")
            )
        elif target.is_file() and is_recording(target):
            what = f"-o {target}: this is a recording of answers, and they would be lost"
            problems.append(Problem(what=what, todo="name another file, or move this one away"))
    if problems:
        raise UsageError(problems)


def write_parts(
    files: Sequence[str], sides: Sequence[int], targets: Sequence[Path], *, encoding: str | None = None
) -> list[str]:
    """Write every row to the target of its side; return their SHA-256.

    The rows of all files stand one behind the other in `sides`; rows of a negative side are not written. Targets are
    written whole or not at all.
    """
    beside = [target.with_name(f"{target.name}.part") for target in targets]
    bare = bare_name(targets[0].name)
    write: Callable[..., None] = _write_lines
    for end, writer in (
        (".csv", _write_table), (".tsv", _write_table), (".json", _write_array), (".parquet", write_parquet),
        (".arrow", write_arrow), (".xlsx", write_excel), (".xlsm", write_excel),
    ):  # fmt: skip
        write = writer if bare.endswith(end) else write
    try:
        if write in (write_parquet, write_arrow, write_excel):
            write(files, iter(sides), beside)
        else:
            with ExitStack() as stack:
                packed = [next((end for end in _PACKED if t.name.lower().endswith(end)), "") for t in targets]
                outs = [stack.enter_context(_open(path, end)) for path, end in zip(beside, packed, strict=True)]
                write(files, iter(sides), outs, encoding)
        digests = [_hash_file(path) for path in beside]
        for path, target in zip(beside, targets, strict=True):
            path.replace(target)
    finally:
        for path in beside:
            path.unlink(missing_ok=True)
    return digests


@contextmanager
def _open(path: Path, packed: str) -> Iterator[IO[bytes]]:
    """A file to write, packed by its suffix; the same rows give the same bytes."""
    with path.open("wb") as plain:
        if packed == ".gz":
            with gzip.GzipFile(filename="", fileobj=plain, mode="wb", mtime=0) as out:
                yield cast("IO[bytes]", out)
        elif packed == ".bz2":
            with bz2.BZ2File(plain, "wb") as out_bz2:
                yield cast("IO[bytes]", out_bz2)
        elif packed == ".xz":
            with lzma.LZMAFile(plain, "wb") as out_xz:
                yield cast("IO[bytes]", out_xz)
        elif packed == ".zst":
            try:
                import zstandard
            except ImportError:
                raise MissingExtra("zstandard", "zstd", f"writing {path}") from None
            with zstandard.ZstdCompressor().stream_writer(plain, closefd=False) as out_zst:
                yield cast("IO[bytes]", out_zst)
        else:
            yield plain


def _hash_file(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as raw:
        while block := raw.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _write_lines(files: Sequence[str], sides: Iterator[int], outs: Sequence[IO[bytes]], encoding: str | None) -> None:
    """Lines as they stand; those of UTF-16 and UTF-32 as UTF-8."""
    wide = encoding is not None and encoding.lower().replace("-", "_").startswith(_WIDE)
    for file in files:
        for line in _wide_lines(file, encoding or "") if wide else _byte_lines(file):
            side = next(sides)
            if side >= 0:
                outs[side].write(line)


def _byte_lines(file: str) -> Iterator[bytes]:
    with open_bytes(file) as raw:
        for number, line in enumerate(raw):
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
            if text.strip():
                yield text if text.endswith(b"\n") else text + b"\n"


def _wide_lines(file: str, encoding: str) -> Iterator[bytes]:
    return (f"{line}\n".encode() for _, line in lines(file, [], encoding))


def _write_array(files: Sequence[str], sides: Iterator[int], outs: Sequence[IO[bytes]], encoding: str | None) -> None:
    """Items of an array, one a line, as an array again."""
    del encoding
    begun = [False] * len(outs)
    for file in files:
        for _, row in rows(file, []):
            side = next(sides)
            if side < 0:
                continue
            text = json.dumps(row, ensure_ascii=False)
            outs[side].write((",\n " if begun[side] else "[\n ").encode() + text.encode("utf-8", "surrogatepass"))
            begun[side] = True
    for out, some in zip(outs, begun, strict=True):
        out.write(b"\n]\n" if some else b"[]\n")


def _write_table(files: Sequence[str], sides: Iterator[int], outs: Sequence[IO[bytes]], encoding: str | None) -> None:
    """Records as they stand, line breaks within cells and all, under the header of the first file."""
    header: bytes | None = None
    for file in files:
        records = _records(file, encoding)
        own = next(records, (b"", []))
        if header is None:
            header = own[0]
            for out in outs:
                out.write(header)
        for raw, _ in records:
            side = next(sides)
            if side >= 0:
                outs[side].write(raw)


def _records(file: str, encoding: str | None) -> Iterator[tuple[bytes, list[str]]]:
    """Each record that has a filled cell, as bytes and as cells."""
    code = encoding or "utf-8"
    raw = whole(file).removeprefix(b"\xef\xbb\xbf")
    if code.lower().replace("-", "_").startswith(_WIDE):
        raw, code = raw.decode(code).removeprefix("\ufeff").encode(), "utf-8"
    delimiter = find_delimiter(raw.decode(code), tab=bare_name(file).endswith(".tsv"))
    taken: list[bytes] = []

    def tell() -> Iterator[str]:
        for line in raw.splitlines(keepends=True):
            taken.append(line)
            yield line.decode(code)

    for cells in csv.reader(tell(), delimiter=delimiter, strict=True):
        record = b"".join(taken)
        taken.clear()
        if any(cell.strip() for cell in cells):
            yield record if record.endswith((b"\n", b"\r")) else record + b"\n", cells


Written = Any
