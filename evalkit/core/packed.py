"""Many nouns of one kind held as columns: a tenth of the room that as many objects take.

Each is made anew where it is looked at, and equal to the one that was added.
"""

from __future__ import annotations

import dataclasses
from array import array
from collections import deque
from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from itertools import compress, groupby, islice, repeat
from operator import attrgetter, call
from typing import Any, Generic, TypeVar, cast

from evalkit.core.exchange import EMPTY
from evalkit.core.packed_columns import CODED, Coded, CodedNouns, FieldColumn, Floats, Objects, add_to, fill_column

T = TypeVar("T")
_VARIES: Any = object()
_FEW_KEYS = 4
_BLOCK = 128
"""Rows that are made at once where all are gone over"""


class PackedRows(Generic[T]):
    """Frozen nouns of one kind, added at the end.

    A field that all rows have alike takes no room, a text or a number of which there are few a byte a row.
    """

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        fields = dataclasses.fields(cast(Any, kind))
        names = [field.name for field in fields]
        self._read = attrgetter(*names)
        self._writers = tuple(getattr(kind, name).__set__ for name in names)
        self._fixed: list[Any] = []
        self._columns: dict[int, FieldColumn] = {}
        self._count = 0

    def append(self, row: T) -> None:
        """Add one row."""
        values = self._read(row)
        if not self._count:
            self._fixed = list(values)
        for field, (value, known) in enumerate(zip(values, self._fixed, strict=True)):
            if value is not known:
                self._add(field, value)
        self._count += 1

    def _add(self, field: int, value: Any) -> None:
        """A value that is not the very one of all rows so far."""
        column = self._columns.get(field)
        if column is None:
            known = self._fixed[field]
            if type(value) is type(known) and type(value) in CODED and value == known:
                return
            column = fill_column(repeat(known, self._count), _column_for(known, value))
            self._fixed[field] = _VARIES
        self._columns[field] = add_to(column, value)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self._count

    def __getitem__(self, at: int) -> T:
        """Make the row of a position, counted from 0."""
        values = self._fixed.copy()
        for field, column in self._columns.items():
            values[field] = column[at]
        made = object.__new__(self._kind)
        deque(map(call, self._writers, repeat(made), values), maxlen=0)  # as its own `__init__`, in half the time
        return made

    def __iter__(self) -> Iterator[T]:
        """Make every row, in the order in which they were added."""
        for begin in range(0, self._count, _BLOCK):
            yield from self.make_block(begin)

    def make_block(self, begin: int) -> list[T]:
        """Make some rows that follow each other.

        Made field by field they take half the time.
        """
        end = min(begin + _BLOCK, self._count)
        made = [object.__new__(self._kind) for _ in range(begin, end)]
        for field, (write, value) in enumerate(zip(self._writers, self._fixed, strict=True)):
            column = self._columns.get(field)
            values = repeat(value) if column is None else column.take(slice(begin, end))
            deque(map(write, made, values), maxlen=0)
        return made


class Records:
    """Objects of the same few keys, or `EMPTY`: a column a key."""

    def __init__(self, like: Mapping[str, Any]) -> None:
        """Hold objects with the keys of `like`, in the same order."""
        self._keys = tuple(like)
        self._columns = [_column_for(value) for value in like.values()]
        self._there = bytearray()

    def add(self, value: Any) -> bool:
        """Add an object with these keys, or `EMPTY`."""
        if value is not EMPTY and (type(value) is not dict or tuple(value) != self._keys):
            return False
        values = repeat(None) if value is EMPTY else value.values()
        self._columns = [add_to(column, one) for column, one in zip(self._columns, values, strict=False)]
        self._there.append(value is not EMPTY)
        return True

    def __getitem__(self, at: int) -> Any:
        """Return the object of a row, made anew."""
        return (
            {key: column[at] for key, column in zip(self._keys, self._columns, strict=True)}
            if self._there[at]
            else EMPTY
        )

    def take(self, rows: slice) -> Iterable[Any]:
        """Give the objects of some rows that follow each other."""
        values = zip(*(column.take(rows) for column in self._columns), strict=True)
        made = (dict(zip(self._keys, some, strict=True)) for some in values)
        return (one if there else EMPTY for one, there in zip(made, self._there[rows], strict=True))


def _column_for(*values: Any) -> FieldColumn:
    kinds = {type(value) for value in values}
    if kinds <= CODED:
        return Coded()
    if kinds <= {float, type(None)}:
        return Floats()
    objects = [value for value in values if type(value) is dict]
    if objects and 0 < len(objects[0]) <= _FEW_KEYS and all(one is EMPTY or type(one) is dict for one in values):
        return Records(objects[0])
    return CodedNouns() if all(value is None or dataclasses.is_dataclass(value) for value in values) else Objects()


class PackedTable(Mapping[str, tuple[T, ...]]):
    """Packed rows by id: none, one or several an id.

    `places` numbers the ids that there can be, counted from 0, and is shared by many tables; ids are added in its
    order.
    """

    def __init__(self, kind: type[T], places: Mapping[str, int]) -> None:
        self._rows = PackedRows(kind)
        self._places = places
        self._ends = array("Q")
        self._here = bytearray()
        self._block: tuple[int, list[T]] = (0, [])
        self._last = -1

    @classmethod
    def over(cls, kind: type[T], places: Mapping[str, int], rows: PackedRows[T], keys: Iterable[str]) -> PackedTable[T]:
        """Make the table of rows that are packed already, each with its id.

        Those of one id stand together.
        """
        table = cls(kind, places)
        table._rows = rows
        end = 0
        for key, same in groupby(keys):
            end += sum(1 for _ in same)
            table._close(key, end)
        return table

    def add(self, key: str, rows: Iterable[T]) -> None:
        """Add the rows of an id.

        ValueError where it does not stand behind the last one.
        """
        for row in rows:
            self._rows.append(row)
        self._close(key, len(self._rows))

    def _close(self, key: str, end: int) -> None:
        place = self._places[key]
        if place < len(self._here):
            raise ValueError(key)
        while len(self._here) < place:
            self._here.append(False)
            self._ends.append(self._ends[-1] if self._ends else 0)
        self._here.append(True)
        self._ends.append(end)

    def __getitem__(self, key: str) -> tuple[T, ...]:
        """Make the rows of an id."""
        place = self._places[key]
        if place >= len(self._here) or not self._here[place]:
            raise KeyError(key)
        end = self._ends[place]
        begin = self._ends[place - 1] if place else 0
        return (self._make(begin),) if end == begin + 1 else tuple(map(self._make, range(begin, end)))

    def _make(self, at: int) -> T:
        """A row; whoever asks for one after another is given those of a block."""
        first, made = self._block
        if 0 <= at - first < len(made):
            return made[at - first]
        follows, self._last = at == self._last + 1, at
        if not follows:
            return self._rows[at]
        made = self._rows.make_block(at)
        self._block, self._last = (at, made), at + len(made) - 1
        return made[0]

    def __contains__(self, key: object) -> bool:
        """Tell whether an id has an entry."""
        place = self._places.get(key, len(self._here)) if isinstance(key, str) else len(self._here)
        return place < len(self._here) and bool(self._here[place])

    def __iter__(self) -> Iterator[str]:
        """Give the ids that have an entry."""
        return compress(self._places, self._here)

    def __len__(self) -> int:
        """Return how many ids have an entry."""
        return sum(self._here)

    def items(self) -> ItemsView[str, tuple[T, ...]]:
        """Give each id with its rows, made one after another."""
        return _Items(self)

    def values(self) -> ValuesView[tuple[T, ...]]:
        """Give the rows of each id, made one after another."""
        return _Values(self)

    def make_all(self) -> Iterator[tuple[T, ...]]:
        """Make the rows of each id that has an entry."""
        if len(self._rows) == len(self._here) == len(self):  # one row an id
            yield from zip(self._rows, strict=False)
            return
        rows, begin = iter(self._rows), 0
        for end, here in zip(self._ends, self._here, strict=True):
            if here:
                yield tuple(islice(rows, end - begin))
            begin = end


class _Items(ItemsView[str, tuple[T, ...]]):
    def __init__(self, table: PackedTable[T]) -> None:
        super().__init__(table)
        self._table = table

    def __iter__(self) -> Iterator[tuple[str, tuple[T, ...]]]:
        return zip(self._table, self._table.make_all(), strict=True)


class _Values(ValuesView[tuple[T, ...]]):
    def __init__(self, table: PackedTable[T]) -> None:
        super().__init__(table)
        self._table = table

    def __iter__(self) -> Iterator[tuple[T, ...]]:
        return self._table.make_all()


def number_ids(ids: Iterable[str]) -> dict[str, int]:
    """Number different ids in their order, counted from 0."""
    return {key: at for at, key in enumerate(dict.fromkeys(ids))}
