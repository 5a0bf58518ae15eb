"""Personal data in data sets, counted with its places."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.core.errors import Location, Problem
from evalkit.core.exchange import Example, Json
from evalkit.data.rows import Row, rows
from evalkit.data.source import files
from evalkit.text.personal import PersonalFinder, Span

PLACES = 5
"""Places of a kind that are told"""
_KNOWN = 4_000
"""Characters up to which a text without anything personal is known again"""
_BARE = 40
"""Characters of a value that its key may name: {"phone": "0312345678"}"""


@dataclass(slots=True)
class PersonalCount:
    """What is personal in a data set.

    By kind: the pieces, the rows that hold any, and the first places.
    """

    pieces: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[Location]] = field(default_factory=lambda: defaultdict(list))
    read: int = 0

    def add(self, where: Location, kinds: Sequence[str]) -> None:
        """Count the pieces of one row."""
        self.read += 1
        self.pieces.update(kinds)
        for kind in dict.fromkeys(kinds):
            self.rows[kind] += 1
            if len(self.places[kind]) < PLACES:
                self.places[kind].append(where)

    def to_dict(self) -> dict[str, Json]:
        """Return the counts as JSON values."""
        return {
            kind: {
                "pieces": pieces,
                "rows": self.rows[kind],
                "first": [{"file": place.file, "line": place.line} for place in self.places[kind]],
            }
            for kind, pieces in self.pieces.most_common()
        }


def count_personal(
    path: str | Path, *, problems: list[Problem], finder: PersonalFinder | None = None, encoding: str | None = None
) -> PersonalCount:
    """Count what is personal in every row of a data set.

    A file or a folder, whatever its format. Rows are read one by one; what cannot be read becomes a problem.
    """
    finder = finder or PersonalFinder()
    found = PersonalCount()
    for file in files(path):
        for where, row in rows(file, problems, encoding=encoding):
            found.add(where, [span.kind for key, text in _strings(row) for span in find_named(text, key, finder)])
    return found


def count_in_examples(
    examples: Iterable[Example], path: str | Path, finder: PersonalFinder | None = None
) -> PersonalCount:
    """Count what is personal in rows that were read already.

    That is for data whose files only their own format can read; places name the file or folder.
    """
    finder = finder or PersonalFinder()
    found = PersonalCount()
    for example in examples:
        told: list[Json] = [[message.wire() for message in example.messages], example.target, [*example.choices]]
        told.append(dict(example.tags))
        strings = [pair for one in told for pair in _strings(one)]
        found.add(
            Location(file=str(path)), [span.kind for key, text in strings for span in find_named(text, key, finder)]
        )
    return found


def kinds_in_row(row: Row, finder: PersonalFinder, clean: set[tuple[str, str]]) -> list[str]:
    """Return the kinds of all pieces in a row.

    `clean` holds (key, text) pairs without any; such texts of up to 4,000 characters are added to it.
    """
    kinds: list[str] = []
    for pair in _strings(row):
        if pair in clean:
            continue
        found = find_named(pair[1], pair[0], finder)
        if found:
            kinds += [span.kind for span in found]
        elif len(pair[1]) <= _KNOWN:
            clean.add(pair)
    return kinds


def _strings(value: Json | Row, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a row with the key in front of it, its keys and the texts of JSON in a text as well."""
    if isinstance(value, str):
        inner = decode_inner(value)
        if inner is None:
            yield key, value
        else:
            yield from _strings(inner, key)
    elif isinstance(value, Mapping):
        for name, inside in value.items():
            yield "", str(name)
            yield from _strings(inside, str(name))
    elif isinstance(value, list):
        for inside in value:
            yield from _strings(inside, key)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield key, str(value)


def decode_inner(value: str) -> Json:
    """Return the object or list that a text is as JSON.

    None for every other text.
    """
    if value[:1] not in ("{", "["):
        return None
    try:
        found: Json = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, (dict, list)) else None


def find_named(text: str, key: str, finder: PersonalFinder) -> list[Span]:
    """Find what is personal in a value.

    The key of a short one says what it is.
    """
    front = front_of(key, text)
    moved = (
        Span(start=max(0, span.start - len(front)), end=span.end - len(front), kind=span.kind)
        for span in finder.find(front + text)
    )
    return [span for span in moved if span.end > span.start]


def front_of(key: str, text: str) -> str:
    """Return the key as words that stand in front of a short value."""
    return f"{key.replace('_', ' ')}: " if key and len(text) <= _BARE else ""
