"""Personal data in data sets: counted with its places, and written out of a file with all else as it was."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from evalkit.core.errors import Location, Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.data.rows import Row, rows
from evalkit.data.source import bare_name, files, is_url, open_bytes
from evalkit.text.personal import PersonalFinder, Span, redact

PLACES = 5
"""Places of a kind that are told"""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"')
_IS_KEY = re.compile(r"\s*:")
_BARE = 40
"""Characters of a value that its key may name: {"phone": "0312345678"}"""
_TEXT = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".md")


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


def count_personal(path: str | Path, *, problems: list[Problem], finder: PersonalFinder | None = None) -> PersonalCount:
    """Count what is personal in every row of a data set.

    A file or a folder, whatever its format. Rows are read one by one; what cannot be read becomes a problem.
    """
    finder = finder or PersonalFinder()
    found = PersonalCount()
    for file in files(path):
        for where, row in rows(file, problems):
            found.add(where, [span.kind for key, text in _strings(row) for span in find_named(text, key, finder)])
    return found


def _strings(value: Json | Row, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a row with the key in front of it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield key, str(value)


def find_named(text: str, key: str, finder: PersonalFinder) -> list[Span]:
    """Find what is personal in a value.

    The key of a short one says what it is.
    """
    if not key or len(text) > _BARE:
        return [*finder.find(text)]
    front = f"{key.replace('_', ' ')}: "
    moved = (
        Span(start=max(0, span.start - len(front)), end=span.end - len(front), kind=span.kind)
        for span in finder.find(front + text)
    )
    return [span for span in moved if span.end > span.start]


def redact_file(source: str | Path, target: Path, *, finder: PersonalFinder | None = None) -> dict[str, int]:
    """Write a file with placeholders for what is personal.

    All other bytes are as they were. Placeholders are numbered through the file: the same value is the same one, the
    same file gives the same bytes. Texts of JSON are looked at unescaped and written as JSON. Returns how many
    different values of each kind there were. UsageError for a file that is not text.
    """
    name = bare_name(str(source))
    if is_url(source) or not Path(source).is_file() or not name.endswith(_TEXT):
        raise UsageError(
            Problem(
                what=f"{source} cannot be redacted: only one file of text can",
                allowed=", ".join(_TEXT),
                todo="convert it first: evalkit data convert",
            )
        )
    seen: dict[tuple[str, str], str] = {}
    finder = finder or PersonalFinder()
    is_json = name.endswith((".jsonl", ".ndjson", ".json"))
    beside = target.with_name(f".{target.name}.part")
    try:
        with open_bytes(str(source)) as read, beside.open("wb") as written:
            _redact_lines(read, written, is_json=is_json, finder=finder, seen=seen)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return dict(Counter(kind for kind, _ in seen))


def _redact_lines(
    read: IO[bytes],
    written: IO[bytes],
    *,
    is_json: bool,
    finder: PersonalFinder,
    seen: dict[tuple[str, str], str],
) -> None:
    for number, line in enumerate(read, start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            what = f"not UTF-8: byte {line[error.start]:#04x}"
            raise UsageError(
                Problem(what=what, where=Location(file="", line=number), todo="write it as UTF-8")
            ) from None
        done = _redact_json(text, finder, seen) if is_json else redact(text, finder=finder, seen=seen)
        written.write(done.encode("utf-8"))


def _redact_json(text: str, finder: PersonalFinder, seen: dict[tuple[str, str], str]) -> str:
    """The texts of a piece of JSON; keys, numbers and all signs between stay."""
    parts, at, key = [], 0, ""
    for token in _TOKEN.finditer(text):
        try:
            value = json.loads(token[0], strict=False)
        except ValueError:
            continue
        if _IS_KEY.match(text, token.end()):
            key = value
            continue
        done = _redact_named(value, key, finder, seen)
        if done != value:
            parts += [text[at : token.start()], json.dumps(done, ensure_ascii=token[0].isascii())]
            at = token.end()
    return "".join([*parts, text[at:]])


def _redact_named(value: str, key: str, finder: PersonalFinder, seen: dict[tuple[str, str], str]) -> str:
    if not key or len(value) > _BARE:
        return redact(value, finder=finder, seen=seen)
    front = f"{key.replace('_', ' ')}: "
    done = redact(front + value, finder=finder, seen=seen)
    return done.removeprefix(front) if done.startswith(front) else redact(value, finder=finder, seen=seen)
