"""Values that take no room in memory: rows in a temporary file, and sorting that merges sorted runs out of one.

The file has no name, is of this process alone and is gone with it. It lies in TMPDIR, else in /var/tmp, which is a disk
where /tmp may be memory.
"""

from __future__ import annotations

import heapq
import os
import pickle
import tempfile
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, Protocol, TypeVar

from evalkit.core.errors import Problem, StoreError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
ROOM = 24_000_000
"""Bytes of values, about, that a sort holds in memory"""
_BLOCK = 1 << 18
_HEAD = 4
_AROUND = 200
"""Bytes that Python takes around a value"""


class ManyRows(Protocol[T_co]):
    """ManyRows that can be gone over again and again: a list, or `DiskRows`."""

    def __iter__(self) -> Iterator[T_co]:
        """Give every row, in the order in which they were added."""

    def __len__(self) -> int:
        """Return how many there are."""


class RowStore(ManyRows[T], Protocol):
    """ManyRows that can be added to."""

    def append(self, row: T, /) -> None:
        """Add one row; what was added is not to be changed any more."""


def row_store(*, on_disk: bool) -> RowStore[Any]:
    """Make an empty store of rows, in memory or on disk."""
    return DiskRows() if on_disk else []


class _Scratch:
    """A temporary file of pickled values, each behind its length."""

    def __init__(self) -> None:
        folder = _folder()
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the object, not with a block
        except OSError as error:
            raise _no_room(error, folder) from error
        self._folder = folder
        self._waiting = bytearray()
        self._written = 0

    @property
    def end(self) -> int:
        return self._written + len(self._waiting)

    def add(self, value: object) -> None:
        raw = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        self._waiting += len(raw).to_bytes(_HEAD, "little") + raw
        if len(self._waiting) >= _BLOCK:
            self._write()

    def read(self, begin: int, end: int) -> Iterator[Any]:
        """The values between two places; others may be added or read at the same time."""
        left, want = b"", _BLOCK
        while begin < end:
            stop = min(end, begin + want)
            left += self._block(begin, stop)
            begin, at, want = stop, 0, _BLOCK
            while at + _HEAD <= len(left):
                size = _HEAD + int.from_bytes(left[at : at + _HEAD], "little")
                if at + size > len(left):
                    want = max(_BLOCK, at + size - len(left))
                    break
                yield pickle.loads(left[at + _HEAD : at + size])
                at += size
            left = left[at:]

    def _block(self, begin: int, end: int) -> bytes:
        if end > self._written:
            self._write()
        self._file.seek(begin)
        return self._file.read(end - begin)

    def _write(self) -> None:
        try:
            self._file.seek(self._written)
            self._file.write(self._waiting)
            self._file.flush()
        except OSError as error:
            raise _no_room(error, self._folder) from error
        self._written += len(self._waiting)
        self._waiting.clear()


class DiskRows(Generic[T]):
    """ManyRows in a temporary file: added at the end, gone over from the beginning."""

    def __init__(self) -> None:
        self._file = _Scratch()
        self._number = 0

    def append(self, row: T) -> None:
        """Add one row, as it is now."""
        self._file.add(row)
        self._number += 1

    def __iter__(self) -> Iterator[T]:
        """Give every row as a new object."""
        return self._file.read(0, self._file.end)

    def __len__(self) -> int:
        """Return how many there are."""
        return self._number


class DiskSort(Generic[T]):
    """Values added in any order and given in theirs.

    It is `sorted` for more values than memory holds. No two may be equal in what is compared before something that
    cannot be. With `on_disk` False all stay in memory.
    """

    def __init__(self, *, on_disk: bool = True) -> None:
        self._room = ROOM if on_disk else 0
        self._held: list[Any] = []
        self._size = 0
        self._file: _Scratch | None = None
        self._runs: list[tuple[int, int]] = []

    def add(self, value: T, size: int = 0) -> None:
        """Add a value; `size` is about how many bytes its texts have."""
        self._held.append(value)
        self._size += size + _AROUND
        if self._room and self._size > self._room:
            self._write_run()

    def __iter__(self) -> Iterator[T]:
        """Give the values, the least first."""
        self._held.sort()
        if self._file is None:
            return iter(self._held)
        file = self._file
        return heapq.merge(*(file.read(*run) for run in self._runs), self._held)

    def _write_run(self) -> None:
        self._file = self._file or _Scratch()
        self._held.sort()
        begin = self._file.end
        for value in self._held:
            self._file.add(value)
        self._runs.append((begin, self._file.end))
        self._held, self._size = [], 0


def group_in_order(pairs: Iterator[tuple[str, T]], *, on_disk: bool) -> Iterator[list[T]]:
    """Bring together the items of one key.

    Groups stand in the order in which their keys were first seen.

    >>> list(group_in_order(iter([("b", 1), ("a", 2), ("b", 3)]), on_disk=True))
    [[1, 3], [2]]
    """
    by_key: DiskSort[tuple[str, int, Any]] = DiskSort(on_disk=on_disk)
    for number, (key, item) in enumerate(pairs):
        by_key.add((key, number, item), _size_of(item))
    by_first: DiskSort[tuple[int, list[Any]]] = DiskSort(on_disk=on_disk)
    for _, same in groupby(by_key, key=itemgetter(0)):
        several = list(same)
        by_first.add((several[0][1], [item for _, _, item in several]), sum(_size_of(one[2]) for one in several))
    return (items for _, items in by_first)


def _size_of(item: object) -> int:
    return len(pickle.dumps(item, pickle.HIGHEST_PROTOCOL))


def _folder() -> str:
    """Where temporary rows lie."""
    chosen = os.environ.get("TMPDIR") or "/var/tmp"
    return chosen if os.path.isdir(chosen) and os.access(chosen, os.W_OK) else tempfile.gettempdir()


def _no_room(error: OSError, folder: str) -> StoreError:
    what = f"temporary rows cannot be written in {folder}: {error.strerror or error}"
    return StoreError(Problem(what=what, todo="free space there, or name a folder on another disk in TMPDIR"))
