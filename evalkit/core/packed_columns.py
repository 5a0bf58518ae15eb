"""The values of one field of many rows in as little room as they take; what comes out is what went in."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Iterable
from typing import Any, Protocol

_FEW = 256
"""Different values that a byte can name"""
CODED = frozenset({str, int, bool, type(None)})
"""Types of which two equal values are the same value"""
_LEAST = -(2**63)


class FieldColumn(Protocol):
    """The values of a field."""

    def add(self, value: Any) -> bool:
        """Add a value; False, and nothing added, where this column cannot hold it."""

    def __getitem__(self, at: int) -> Any:
        """Return the value of a row."""

    def take(self, rows: slice) -> Iterable[Any]:
        """Give the values of some rows that follow each other."""


class Coded:
    """Few different texts, whole numbers, flags and None: a byte a row."""

    def __init__(self) -> None:
        self._codes: dict[Any, int] = {}
        self._values: list[Any] = []
        self._rows = bytearray()

    def add(self, value: Any) -> bool:
        """Add a value of a type of which equal ones are the same."""
        kind: Any = type(value)
        return kind in CODED and self._take((kind, value), value)

    def _take(self, key: Any, value: Any) -> bool:
        code = self._codes.get(key)
        if code is None:
            if len(self._values) == _FEW:
                return False
            code = self._codes[key] = len(self._values)
            self._values.append(value)
        self._rows.append(code)
        return True

    def __getitem__(self, at: int) -> Any:
        """Return the value of a row."""
        return self._values[self._rows[at]]

    def take(self, rows: slice) -> Iterable[Any]:
        """Give the values of some rows that follow each other."""
        return map(self._values.__getitem__, self._rows[rows])


class CodedNouns(Coded):
    """Few different nouns, and None: a byte a row."""

    def add(self, value: Any) -> bool:
        """Add a frozen noun, or None.

        Two are the same where all their fields are of one type and value.
        """
        if value is not None and not dataclasses.is_dataclass(value):
            return False
        return self._take(repr(value), value)


class Floats:
    """Floats and None: eight bytes a row."""

    def __init__(self) -> None:
        self._rows = array("d")
        self._gaps = False

    def add(self, value: Any) -> bool:
        """Add a float or None."""
        if value is None:
            self._gaps = True
            self._rows.append(float("nan"))
        elif type(value) is float and value == value:
            self._rows.append(value)
        else:
            return False
        return True

    def __getitem__(self, at: int) -> float | None:
        """Return the number of a row."""
        found = self._rows[at]
        return found if found == found else None

    def take(self, rows: slice) -> Iterable[float | None]:
        """Give the numbers of some rows that follow each other."""
        found = self._rows[rows]
        return [one if one == one else None for one in found] if self._gaps else found


class Integers:
    """Whole numbers and None: eight bytes a row."""

    def __init__(self) -> None:
        self._rows = array("q")
        self._gaps = False

    def add(self, value: Any) -> bool:
        """Add a whole number or None."""
        if value is None:
            self._gaps = True
            self._rows.append(_LEAST)
        elif type(value) is int and _LEAST < value < -_LEAST:
            self._rows.append(value)
        else:
            return False
        return True

    def __getitem__(self, at: int) -> int | None:
        """Return the number of a row."""
        found = self._rows[at]
        return found if found != _LEAST else None

    def take(self, rows: slice) -> Iterable[int | None]:
        """Give the numbers of some rows that follow each other."""
        found = self._rows[rows]
        return [one if one != _LEAST else None for one in found] if self._gaps else found


class Objects:
    """Values of any kind, as they are: a reference a row."""

    def __init__(self) -> None:
        self._rows: list[Any] = []

    def add(self, value: Any) -> bool:
        """Add a value."""
        self._rows.append(value)
        return True

    def __getitem__(self, at: int) -> Any:
        """Return the value of a row."""
        return self._rows[at]

    def take(self, rows: slice) -> Iterable[Any]:
        """Give the values of some rows that follow each other."""
        return self._rows[rows]


def fill_column(values: Iterable[Any], first: FieldColumn) -> FieldColumn:
    """Return a column with these values.

    It is `first`, or a wider one where that cannot hold them.
    """
    column = first
    for value in values:
        column = add_to(column, value)
    return column


def add_to(column: FieldColumn, value: Any) -> FieldColumn:
    """Add a value, and return the column that holds it with all the others."""
    if column.add(value):
        return column
    wider: FieldColumn = Integers() if isinstance(column, Coded) and type(value) is int else Objects()
    return add_to(fill_column(column.take(slice(None)), wider), value)
