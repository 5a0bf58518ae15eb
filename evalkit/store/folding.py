"""JSON made small for a page that holds most of its texts already: tables as columns, nothing said twice.

A value is itself but for objects of one key:
{"$": n}         text n of the page                {"~": n}         the n-th list of plain values, once more
{"#": ns, "v"}   lists of these lengths, joined    {"@": n, "of"}   n objects, a column each key
{"%": ks, "v"}   an object of many keys            {"=": v}         the same value throughout a column
{"?": ns, "v"}   a column that only these rows have                 {"!": v}   an object of such a key, as it is
In a list of texts that the page has, {"$": ns, "v": texts}: the steps from one to the next, null for one of `texts`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.core.exchange import Json

_MANY = 8
_MARKS = frozenset("$~#@%=?!")
_PLAIN = (str, int, float, bool, type(None))
_ABSENT = object()


class Folder:
    """Folds values one after another.

    `places` are the texts that are known elsewhere, by their numbers. Tuples are lists, keys are texts.
    """

    def __init__(self, places: Mapping[str, int]) -> None:
        self._places = places
        self._lists: dict[bytes, int] = {}

    def fold(self, value: Json) -> Json:
        """Fold a value."""
        if isinstance(value, str):
            place = self._places.get(value)
            return value if place is None else {"$": place}
        if isinstance(value, dict):
            return self._fold_object(value)
        if isinstance(value, list | tuple):
            return self._fold_list(value)
        return value

    def _fold_object(self, value: Mapping[Any, Json]) -> Json:
        if len(value) >= _MANY and _are_alike(list(value.values())):
            return {"%": self._fold_list(list(map(str, value))), "v": self._fold_list(list(value.values()))}
        folded = {str(key): self.fold(item) for key, item in value.items()}
        return {"!": folded} if _MARKS & folded.keys() else folded

    def _fold_list(self, values: Sequence[Json]) -> Json:
        if len(values) < _MANY:
            return [self.fold(one) for one in values]
        if all(isinstance(one, _PLAIN) for one in values):
            return self._fold_plain(values)
        if all(isinstance(one, dict) for one in values):
            return self._fold_table(values)
        if all(isinstance(one, list | tuple) for one in values):
            joined = [item for one in values for item in one]
            return {"#": self._fold_list([len(one) for one in values]), "v": self._fold_list(joined)}
        return [self.fold(one) for one in values]

    def _fold_table(self, rows: Sequence[Mapping[str, Json]]) -> Json:
        keys = dict.fromkeys(key for row in rows for key in row)
        if len(keys) > 64:
            return [self.fold(one) for one in rows]
        return {"@": len(rows), "of": {key: self._fold_column([row.get(key, _ABSENT) for row in rows]) for key in keys}}

    def _fold_column(self, values: list[Any]) -> Json:
        there = [at for at, one in enumerate(values) if one is not _ABSENT]
        if len(there) < len(values):
            return {"?": self._fold_list(there), "v": self._fold_column([values[at] for at in there])}
        if all(_is_same(one, values[0]) for one in values):
            return {"=": self.fold(values[0])}
        return self._fold_list(values)

    def _fold_plain(self, values: Sequence[Json]) -> Json:
        key = hashlib.blake2b(repr(list(values)).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key in self._lists:
            return {"~": self._lists[key]}
        self._lists[key] = len(self._lists)
        if not any(isinstance(one, str) and one in self._places for one in values):
            return list(values)
        steps: list[int | None] = []
        last = 0
        rest: list[Json] = []
        for one in values:
            place = self._places.get(one) if isinstance(one, str) else None
            if place is None:
                steps.append(None)
                rest.append(one)
            else:
                steps.append(place - last)
                last = place
        return {"$": steps, "v": rest}


class Unfolder:
    """Unfolds what a `Folder` folded, in the same order.

    `texts` are those that were known elsewhere.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._lists: list[list[Json]] = []

    def unfold(self, value: Json) -> Json:
        """Unfold a value.

        ValueError, KeyError, IndexError or TypeError where it is none.
        """
        if isinstance(value, list):
            return self._unfold_list(value)
        if not isinstance(value, dict):
            return value
        mark = next(iter(value), "")
        if len(mark) == 1 and mark in _MARKS:
            return self._unfold_marked(mark, value)
        return {key: self.unfold(item) for key, item in value.items()}

    def _unfold_list(self, values: list[Json]) -> list[Json]:
        if len(values) >= _MANY and all(isinstance(one, _PLAIN) for one in values):
            self._lists.append(values)
            return values
        return [self.unfold(one) for one in values]

    def _unfold_marked(self, mark: str, value: dict[str, Json]) -> Json:
        if mark == "!":
            return {key: self.unfold(item) for key, item in value["!"].items()}
        if mark == "~":
            return self._lists[value["~"]]
        if mark == "$":
            return self._unfold_texts(value) if isinstance(value["$"], list) else self._texts[value["$"]]
        if mark == "%":
            keys = self.unfold(value["%"])
            return dict(zip(keys, self.unfold(value["v"]), strict=True))
        if mark == "#":
            sizes = self.unfold(value["#"])
            items = iter(self.unfold(value["v"]))
            return [[next(items) for _ in range(size)] for size in sizes]
        if mark == "@":
            return self._unfold_table(value["@"], value["of"])
        raise ValueError(f"a column stands where none can: {mark}")

    def _unfold_texts(self, value: dict[str, Json]) -> list[Json]:
        number = len(self._lists)
        self._lists.append([])
        rest = iter(value["v"])
        told: list[Json] = []
        last = 0
        for step in value["$"]:
            if step is None:
                told.append(next(rest))
            else:
                last += step
                told.append(self._texts[last])
        self._lists[number] = told
        return told

    def _unfold_table(self, count: int, columns: dict[str, Json]) -> list[Json]:
        rows: list[dict[str, Json]] = [{} for _ in range(count)]
        for key, column in columns.items():
            for at, one in self._unfold_column(column, range(count)):
                rows[at][key] = one
        return list(rows)

    def _unfold_column(self, column: Json, places: Sequence[int]) -> list[tuple[int, Json]]:
        mark = next(iter(column)) if isinstance(column, dict) and column else ""
        if mark == "?":
            there = self.unfold(column["?"])
            return self._unfold_column(column["v"], [places[at] for at in there])
        if mark == "=":
            one = self.unfold(column["="])
            return [(at, one) for at in places]
        return list(zip(places, self.unfold(column), strict=True))


def _are_alike(values: list[Json]) -> bool:
    return all(isinstance(one, list | tuple) for one in values) or all(isinstance(one, dict) for one in values)


def _is_same(one: Json, other: Json) -> bool:
    return type(one) is type(other) and bool(one == other)
