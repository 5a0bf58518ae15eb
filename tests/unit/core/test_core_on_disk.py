"""Rows on disk are the rows that were added, and sorting on disk is sorting."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core import on_disk
from evalkit.core.errors import StoreError
from evalkit.core.on_disk import DiskRows, DiskSort, group_in_order, row_store

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(JSON, max_size=20))
def test_rows_come_back_as_they_were(rows: list[object]) -> None:
    kept: DiskRows[object] = DiskRows()
    for row in rows:
        kept.append(row)
    assert len(kept) == len(rows)
    assert [*kept] == rows
    assert [*kept] == rows


def test_rows_larger_than_a_block_come_back_whole() -> None:
    rows = ["é" * 300_000, "", "b" * 900_000, "c"] * 3
    kept: DiskRows[str] = DiskRows()
    for row in rows:
        kept.append(row)
    assert [*kept] == rows


def test_rows_are_gone_over_twice_at_once_and_while_others_are_added() -> None:
    kept: DiskRows[int] = DiskRows()
    for number in range(50_000):
        kept.append(number)
    for one, other in zip(kept, kept, strict=True):
        assert one == other
        if one == 1_000:
            kept.append(50_000)
    assert [*kept] == [*range(50_001)]


@settings(max_examples=30)
@given(st.lists(st.text() | st.just("a" * 2_000), max_size=60), st.integers(0, 5_000))
def test_values_come_in_their_order_whatever_fits_into_memory(values: list[str], room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(on_disk, "ROOM", room + 1)
        found: DiskSort[str] = DiskSort()
        for value in values:
            found.add(value, len(value))
        assert [*found] == sorted(values)
        assert [*found] == sorted(values), "once more"


def test_a_sort_of_many_runs_is_the_sort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "ROOM", 50_000)
    draw = random.Random(0)
    values = [(f"{draw.randrange(10**6)}", number) for number in range(20_000)]
    found: DiskSort[tuple[str, int]] = DiskSort()
    for value in values:
        found.add(value, 20)
    assert len(found._runs) > 50
    assert [*found] == sorted(values)


@pytest.mark.parametrize("kept", [True, False])
def test_groups_stand_where_their_first_stood(kept: bool) -> None:
    pairs = [("b", 1), ("a", 2), ("b", 3), ("é", 4), ("a", 5)]
    assert [*group_in_order(iter(pairs), on_disk=kept)] == [[1, 3], [2, 5], [4]]


def test_a_disk_without_room_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    rows = row_store(on_disk=True)
    monkeypatch.setattr(rows._file, "_file", open("/dev/full", "wb"))  # type: ignore[attr-defined]  # noqa: SIM115 - a device that is full
    with pytest.raises(StoreError, match=r"No space left on device(.|\n)*TMPDIR"):
        rows.append("x" * 1_000_000)


def test_temporary_files_lie_in_tmpdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert on_disk._folder() == str(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    assert on_disk._folder() != str(tmp_path / "none")
