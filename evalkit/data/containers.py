"""Files that hold rows in a way evalkit does not read, called by their names, by their first bytes."""

from __future__ import annotations

from evalkit.core.errors import Location, Problem
from evalkit.data.compressed import is_damage
from evalkit.data.source import bare_name, open_bytes

_AS_CSV = "save it as .csv (UTF-8) or JSON lines"
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive", "unpack it, and name the files in it"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _AS_CSV),
    (b"SQLite format 3", "an SQLite database", _AS_CSV),
    (b"PAR1", "a Parquet file", "give it a name that ends in .parquet"),
    (b"ARROW1", "an Arrow file", "give it a name that ends in .arrow"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it, and name the files in it"),
    (b"%PDF", "a PDF", _AS_CSV),
    (b"\x80\x04\x95", "a Python pickle", "write it as JSON lines: a pickle can run code when it is read"),
)
_OWN_NAME = (".parquet", ".arrow", ".xlsx", ".xlsm")
_FETCH = "fetch the data itself"
_POINTERS: tuple[tuple[bytes, str, str], ...] = (
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer: the data itself was not fetched",
        "git lfs pull (or hf download)",
    ),
    (b"/annex/objects/", "a git-annex pointer: the data itself was not fetched", "git annex get"),
    (b"<!doctype html", "a web page, not data: the download gave a page", _FETCH),
    (b"<html", "a web page, not data: the download gave a page", _FETCH),
    (b"<?xml", "an XML document, often the error of a storage server", _FETCH),
)
"""Texts that stand where the data should be, under whatever name"""


def container(path: str) -> Problem | None:
    """Return what to say of a file that is no text.

    It is None where the file may be read.
    """
    name = bare_name(path)
    try:
        with open_bytes(path) as raw:
            head = raw.read(64).removeprefix(b"\xef\xbb\xbf")
    except Exception as error:
        if not is_damage(error):
            raise
        return None  # told by who reads it
    for begin, what, todo in _POINTERS:
        if head.lstrip()[: len(begin)].lower() == begin:
            return Problem(what=f"this is {what}", where=Location(file=path), todo=todo)
    if name.endswith(_OWN_NAME):
        return None
    for begin, what, todo in _KINDS:
        if head.startswith(begin):
            if name.endswith(".ods"):
                what, todo = "a spreadsheet", _AS_CSV
            return Problem(what=f"this is {what}, which is not read", where=Location(file=path), todo=todo)
    return None
