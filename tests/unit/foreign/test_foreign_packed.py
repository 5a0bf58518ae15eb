"""Packed tables are read whatever packs them; what is damaged or needs a package says so."""

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.core.errors import DataError, MissingExtra
from evalkit.foreign.sheets import read_sheet

TABLES = {
    "a.csv": b"id,correct\nt-1,1\nt-2,0\n",
    "a.jsonl": b'{"id": "t-1", "correct": 1}\n\n{"id": "t-2", "correct": 0}\n',
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def zst(raw: bytes) -> bytes:
    return bytes(pytest.importorskip("zstandard").compress(raw))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("end", [*PACKERS, ".zst"])
def test_a_packed_table_reads_as_the_plain_one(tmp_path: Path, name: str, end: str) -> None:
    pack = PACKERS.get(end, zst)
    (tmp_path / name).write_bytes(TABLES[name])
    (tmp_path / (name + end)).write_bytes(pack(TABLES[name]))
    plain, packed = read_sheet(tmp_path / name), read_sheet(tmp_path / (name + end))
    assert (plain.names, plain.rows) == (packed.names, packed.rows)


@pytest.mark.parametrize("end", [*PACKERS, ".zst"])
def test_a_damaged_file_is_an_error_of_the_data(tmp_path: Path, end: str) -> None:
    path = tmp_path / f"a.csv{end}"
    packed = PACKERS.get(end, zst)(TABLES["a.csv"] * 50)
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError):
        read_sheet(path)


def test_zstandard_without_its_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv.zst"
    path.write_bytes(zst(TABLES["a.csv"]))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtra, match="zstandard"):
        read_sheet(path)
