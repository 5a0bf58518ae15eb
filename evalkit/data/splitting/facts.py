"""What a split must know of every row, gathered in one pass: who it is, what it asks, what it belongs to."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from evalkit.core.errors import DataError, Location, Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Example, Json
from evalkit.data.columns import MissingColumn, value_at
from evalkit.data.problems import shorten_problems
from evalkit.data.rows import Row
from evalkit.data.splitting.near import Questions
from evalkit.data.training import question_of

TARGET = "target"
"""What stands for the answer itself among the keys to stratify by"""
_LEAST = 30
"""Letters from which the beginning of a conversation is told from others"""
_TURNS = ("messages", "conversations", "conversation")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitWishes:
    """What rows are kept together and told apart by: keys or tags."""

    stratify: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    time: str | None = None


@dataclass(slots=True)
class Facts:
    """What is known of the rows, by number; some 150 bytes a row."""

    files: list[str] = field(default_factory=list)
    file_of: array[int] = field(default_factory=lambda: array("i"))
    place_of: array[int] = field(default_factory=lambda: array("q"))
    identity: array[int] = field(default_factory=lambda: array("Q"))
    content: array[int] = field(default_factory=lambda: array("Q"))
    stratum: array[int] = field(default_factory=lambda: array("i"))
    strata: dict[str, int] = field(default_factory=dict)
    times: array[float] = field(default_factory=lambda: array("d"))
    linked: array[int] = field(default_factory=lambda: array("q"))
    links: array[int] = field(default_factory=lambda: array("Q"))
    """Rows and what they belong to: clusters, values of keys"""
    wholes: array[int] = field(default_factory=lambda: array("Q"))
    """A digest of each row's conversation; 0 for none"""
    begins: array[int] = field(default_factory=lambda: array("Q"))
    begun: array[int] = field(default_factory=lambda: array("q"))
    """Digests of the beginnings of conversations, and the rows they begin"""
    questions: Questions = field(default_factory=Questions)
    lines: bool = True

    def __len__(self) -> int:
        return len(self.identity)

    def where(self, row: int) -> Location:
        """Return the place of a row."""
        number = self.place_of[row]
        file = self.files[self.file_of[row]]
        return Location(file=file, line=number) if self.lines else Location(file=file, row=number)


def gather_facts(found: Iterator[tuple[Location, Row, Example]], wishes: SplitWishes, problems: list[Problem]) -> Facts:
    """Gather the facts of all rows in one pass.

    `problems` are those that the reading adds to. Raises DataError with all of them, for ids that stand twice with
    unlike content and for rows without a time; UsageError for a key that no row has.
    """
    facts = Facts()
    missing = {*wishes.stratify, *wishes.group}
    keys: dict[str, None] = {}
    for where, row, example in found:
        if len(keys) < 200:
            keys |= dict.fromkeys((*example.tags, *row))
        _add(facts, where, row, example)
        values = {key: _value(row, example, key) for key in (*wishes.stratify, *wishes.group)}
        missing -= {key for key, value in values.items() if value is not None}
        stratum = "\0".join(values[key] or "" for key in wishes.stratify)
        facts.stratum.append(facts.strata.setdefault(stratum, len(facts.strata)))
        _link(facts, example, [f"{key}\0{values[key]}" for key in wishes.group if values[key] is not None])
        if wishes.time is not None:
            facts.times.append(_time(row, example, wishes.time, where, problems))
    if problems:
        raise DataError(shorten_problems(problems))
    _refuse_missing(missing, [*keys])
    _refuse_doubles(facts)
    return facts


def _add(facts: Facts, where: Location, row: Row, example: Example) -> None:
    if not facts.files or facts.files[-1] != where.file:
        facts.files.append(where.file)
    facts.lines = where.line is not None
    facts.file_of.append(len(facts.files) - 1)
    facts.place_of.append(where.line if where.line is not None else where.row or 0)
    content = _digest(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str))
    given = row.get("id")
    named = given is not None and given != "" and not isinstance(given, (list, dict, bool))
    facts.identity.append(_digest(f"id\0{given}") if named else content)
    facts.content.append(content)
    _add_turns(facts, row)
    facts.questions.add(question_of(example))


def _add_turns(facts: Facts, row: Row) -> None:
    """The digests of a conversation and of its beginnings that end with an answer."""
    turns: Json = next((row[key] for key in _TURNS if isinstance(row.get(key), list)), None)
    if not isinstance(turns, list) or len(turns) < 2:
        facts.wholes.append(0)
        return
    running, size = blake2b(digest_size=8), 0
    last = 0
    for place, turn in enumerate(turns):
        said = turn.get("content", turn.get("value")) if isinstance(turn, Mapping) else turn
        text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
        speaker = turn.get("role", turn.get("from")) if isinstance(turn, Mapping) else ""
        running.update(f"{speaker}\0{text}\1".encode("utf-8", "surrogatepass"))
        size += len(text) if speaker not in ("system", "developer") else 0
        last = int.from_bytes(running.digest(), "little") or 1
        answered = speaker in ("assistant", "gpt", "model")
        if answered and place + 1 < len(turns) and size >= _LEAST:
            facts.begins.append(last)
            facts.begun.append(len(facts.wholes))
    facts.wholes.append(last if size >= _LEAST else 0)


def _link(facts: Facts, example: Example, values: Sequence[str]) -> None:
    named = [f"cluster\0{example.cluster}"] if example.cluster is not None else []
    for value in (*named, *values):
        facts.linked.append(len(facts.identity) - 1)
        facts.links.append(_digest(value))


def _value(row: Row, example: Example, key: str) -> str | None:
    """A tag, a key of the row (with dots into it), or the answer."""
    if key in example.tags:
        return example.tags[key]
    try:
        value = value_at(row, key)
    except MissingColumn:
        value = example.target if key == TARGET else None
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _time(row: Row, example: Example, key: str, where: Location, problems: list[Problem]) -> float:
    value = _value(row, example, key)
    moment = read_time(value) if value is not None else None
    if moment is None:
        what = f"no time under {key!r}" if value is None else f"{key!r} is no time: {value[:40]!r}"
        problems.append(Problem(what=what, where=where, allowed="2026-04-01, 2026-04-01T09:30:00+09:00, 1775001600"))
        return 0.0
    return moment


def read_time(text: str) -> float | None:
    """Return a point in time in seconds.

    It is written as a date, a time in ISO 8601 (without a zone: UTC), or a number.

    >>> read_time("1970-01-02"), read_time("1970-01-01T09:00:00+09:00"), read_time("soon")
    (86400.0, 0.0, None)
    """
    try:
        number = float(text)
        return number if math.isfinite(number) else None
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def _refuse_missing(missing: set[str], keys: Sequence[str]) -> None:
    problems = [
        Problem(what=f"no row has the tag or key {key!r}{did_you_mean(key, keys)}", allowed=join_allowed([*keys]))
        for key in sorted(missing)
    ]
    if problems:
        raise UsageError(problems)


def _refuse_doubles(facts: Facts) -> None:
    """Raise DataError for ids that stand twice with unlike content."""
    identity, content = as_array(facts.identity), as_array(facts.content)
    order = np.lexsort((np.arange(len(identity)), identity))
    same = identity[order][1:] == identity[order][:-1]
    unlike = np.flatnonzero(same & (content[order][1:] != content[order][:-1]))
    problems = [
        Problem(
            what=f"the id stands twice, with another content (first at {facts.where(int(order[at]))})",
            where=facts.where(int(order[at + 1])),
            todo="give each row an id of its own, or take one out",
        )
        for at in unlike.tolist()
    ]
    if problems:
        raise DataError(shorten_problems(problems))


def as_array(values: array[int]) -> NDArray[np.uint64]:
    """Return an array of digests as numpy has them."""
    return np.frombuffer(values, dtype=np.uint64) if len(values) else np.empty(0, dtype=np.uint64)


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
