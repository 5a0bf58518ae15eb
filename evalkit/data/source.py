"""Bytes of a data set: a local file, a folder of files or an fsspec URL, plain or compressed, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from evalkit.core.encoding import foreign, is_utf16
from evalkit.core.errors import DataError, Location, Problem
from evalkit.data import compressed

SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".json", ".json.gz", ".csv", ".csv.gz", ".tsv", ".xlsx", ".parquet")
"""What data files are called"""
_READ = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx", ".xlsm", ".parquet", ".arrow")
"""What is read in a folder, in any case of letters and compressed or not; a file named outright may be called anything
and is then taken as JSON lines."""
_NO_DATA = (
    ".md", ".rst", ".py", ".ipynb", ".sh", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".lock", ".log", ".png", ".jpg",
    ".jpeg", ".svg", ".gif", ".html", ".sha256", ".md5", ".crc",
)  # fmt: skip
_ABOUT = ("readme", "license", "licence", "notice", "changelog", "citation", "makefile", "_success")
"""How the names of files begin that tell of the data"""


_DESCRIBE = ("dataset_info.json", "dataset_infos.json", "dataset_dict.json")
"""Files of a folder that say what its data sets are: Hugging Face's, LLaMA-Factory's"""


class NoSuchData(DataError):
    """A file or folder that is not there."""


def files(path: str | Path) -> list[str]:
    """List the file itself, or the data files of a folder (any depth), sorted.

    URLs are taken as one file.

    Raises DataError when there is nothing.
    """
    if is_url(path):
        return [str(path)]
    local = Path(path)
    if local.is_dir():
        found = sorted(str(p) for p in local.rglob("*") if _is_data(p, local) and p.is_file())
        if not found:
            beside = not_read(path)
            what = f"no data file in the folder {local}" + (f", only {', '.join(beside[:5])}" if beside else "")
            raise DataError(Problem(what=what, allowed=", ".join(SUFFIXES)))
        return found
    if not local.is_file():
        raise NoSuchData(Problem(what=f"there is no data set {local}", todo="name a file or a folder that is there"))
    return [str(local)]


def not_read(path: str | Path) -> list[str]:
    """List the files of a folder that may hold data and are not read.

    They are those that `files` leaves out, sorted; there are none for a file or a URL.
    """
    local = Path(path)
    if is_url(path) or not local.is_dir():
        return []
    out = []
    for file in local.rglob("*"):
        name = bare_name(file.name)
        about = name.endswith(_NO_DATA) or name.startswith(_ABOUT) or _describes(file)
        if not _is_hidden(file, local) and not about and not _is_read(file.name) and file.is_file():
            out.append(str(file))
    return sorted(out)


def _is_data(file: Path, folder: Path) -> bool:
    return _is_read(file.name) and not _is_hidden(file, folder) and not _describes(file)


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _describes(file: Path) -> bool:
    """Whether a file tells of the data beside it: `state.json` only where a data set was saved by Hugging Face."""
    if file.name in _DESCRIBE:
        return True
    return file.name == "state.json" and any(file.parent.glob("*.arrow"))


def _is_read(name: str) -> bool:
    return bare_name(name).endswith(_READ) and compressed.is_unpackable(name)


def bare_name(name: str) -> str:
    """Return a file's name in small letters, without a compression suffix.

    >>> bare_name("Part1.JSONL.gz")
    'part1.jsonl'
    """
    name = name.lower()
    return next((name.removesuffix(end) for end in compressed.SUFFIXES if name.endswith(end)), name)


def is_packed(path: str | Path) -> bool:
    """Return whether a file is compressed, by its name."""
    return str(path).lower().endswith(compressed.SUFFIXES)


def is_url(path: str | Path) -> bool:
    """Return whether the path is an fsspec URL (``s3://bucket/x.jsonl``)."""
    return "://" in str(path)


@contextmanager
def open_bytes(path: str) -> Iterator[IO[bytes]]:
    """Open the bytes of one file, unpacked where they are compressed.

    Its first bytes tell so, whatever the name says.
    """
    try:
        with _raw(path) as raw:
            head = raw.read(8)
            raw.seek(0)
            yield compressed.unpack_bytes(raw, head, path)
    except OSError as error:
        if compressed.is_damage(error):  # told by who reads
            raise
        reason = error.strerror or str(error)
        raise DataError(Problem(what=f"cannot read {path}: {reason}")) from None


ENCODING_KEY = "encoding:"
"""What names an encoding: `dataset.encoding` of a suite, `--encoding` of `evalkit data`"""


def read_text(path: str, encoding: str) -> str:
    """Read the text of a file in this encoding.

    shift_jis is read as Windows writes it (cp932). Raises DataError where the file is not in it.
    """
    import codecs

    code = encoding.lower().replace("-", "_")
    code = "cp932" if code in ("shift_jis", "sjis", "shiftjis", "ms932", "windows_31j") else code
    code = "utf_8_sig" if code in ("utf_8", "utf8") else code
    try:
        codecs.lookup(code)
    except LookupError:
        allowed = "utf-8, cp932 (Shift_JIS), euc-jp, utf-16, cp1252, ..."
        raise DataError(Problem(what=f"unknown encoding {encoding!r}", allowed=allowed)) from None
    raw = whole(path)
    try:
        return raw.decode(code).removeprefix("\ufeff")
    except (UnicodeDecodeError, UnicodeError) as error:
        start = getattr(error, "start", 0)
        where = Location(file=path, line=raw[:start].count(b"\n") + 1)
        raise DataError(Problem(what=f"not {encoding}: byte {raw[start]:#04x}", where=where)) from None


def lines(path: str, problems: list[Problem], encoding: str | None = None) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, text) of each line that is not blank.

    What is not UTF-8 (or in the encoding) or not whole becomes a problem.
    """
    if encoding is not None:
        told = read_text(path, encoding).split("\n")
        yield from ((number, line.rstrip("\r")) for number, line in enumerate(told, start=1) if line.strip())
        return
    number, other = 0, False
    with open_bytes(path) as raw:
        try:
            for number, line in enumerate(raw, start=1):
                if number == 1 and (is_utf16(line) or b"\0" in line):
                    problems += [found for found in [foreign(path, line, key=ENCODING_KEY)] if found]
                    return
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    found = None if other else foreign(path, line, key=ENCODING_KEY)
                    problems += [found] if found else []
                    other |= found is not None
                    if other:  # said once: its other lines are no problem of their own
                        continue
                    where = Location(file=path, line=number, column=error.start + 1)
                    problems.append(Problem(what=f"not UTF-8: byte {line[error.start]:#04x}", where=where))
                    continue
                if text.strip():
                    yield number, text
        except Exception as error:
            if not compressed.is_damage(error):
                raise
            problems.append(
                Problem(
                    what=f"the compressed file is truncated or damaged after line {number} ({error})",
                    where=Location(file=path, line=number + 1),
                    todo="fetch or write the file again",
                )
            )


def whole(path: str) -> bytes:
    """Return all bytes of one file; raise DataError when it is compressed and damaged."""
    with open_bytes(path) as raw:
        try:
            return raw.read()
        except Exception as error:
            if not compressed.is_damage(error):
                raise
            raise DataError(
                Problem(what=f"the compressed file is truncated or damaged ({error})", where=Location(file=path))
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
