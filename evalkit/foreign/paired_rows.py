"""ManyRows of several arms brought together by their ids, without holding them: which are repeats, which come first."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from evalkit.core.errors import Problem, UnsoundComparison
from evalkit.core.exchange import Json, Message
from evalkit.core.on_disk import DiskSort
from evalkit.foreign.nouns import ForeignArm, ForeignRow

_SHOWN = 3
Place = tuple[int, int]
"""The number of an arm, and of a row in it"""


class _Record(NamedTuple):
    """What is kept of a row. The first two tell all rows apart, so that nothing behind them is compared."""

    id: str
    place: Place
    repeat: Json
    target: Json
    asks: bool
    asked: tuple[Message, ...]
    """Only where an earlier row does not say"""
    scores: int
    tags: int
    where: str


class Late(NamedTuple):
    """What a later row of a case says and the first does not."""

    place: Place
    target: Json
    asked: tuple[Message, ...]


@dataclass(slots=True)
class Pairing:
    """What is known of all rows once they are brought together by id."""

    repeats: list[array[int]]
    """Of each arm, by the row's number: the how-manieth answer to its case, from 0"""
    firsts: list[array[int]]
    """Of each arm: 0 where another row of the case came before, else 1 + the number of its scores in `kinds`"""
    late: DiskSort[Late]
    kinds: list[tuple[str, ...]] = field(default_factory=list)
    """The scores that cases have in any arm"""
    order: list[Place] = field(default_factory=list)
    """Of each kind: the place where it came first"""
    tags: list[str] = field(default_factory=list)
    cases: int = 0
    most_repeats: int = 1
    conflicts: int = 0
    """Cases whose targets differ"""
    conflict: tuple[Place, str] | None = None
    """The first of them"""
    held: dict[frozenset[int], int] = field(default_factory=dict)
    """Arms -> how many cases just these have"""
    some: list[list[str]] = field(default_factory=list)
    """A few ids of each arm"""

    def missing(self, arm: int, other: int) -> int:
        """Count the cases of an arm that another has not."""
        return sum(many for arms, many in self.held.items() if arm in arms and other not in arms)

    def common(self, arm: int, other: int) -> int:
        """Count the cases that both have."""
        return sum(many for arms, many in self.held.items() if arm in arms and other in arms)


def pair_rows(arms: Sequence[tuple[str, ForeignArm]], *, names: Sequence[str], on_disk: bool) -> Pairing:
    """Bring the rows of all arms together by id.

    `names` are the scores that count. Raises UnsoundComparison where an id stands twice in an arm, and nothing says
    that these are repeats.
    """
    sets: dict[tuple[str, ...], int] = {}
    index: DiskSort[_Record] = DiskSort(on_disk=on_disk)
    for record, size in _records(arms, sets):
        index.add(record, size)
    repeats, firsts = ([_zeros(arm) for _, arm in arms] for _ in range(2))
    pairing = Pairing(repeats=repeats, firsts=firsts, late=DiskSort(on_disk=on_disk), some=[[] for _ in arms])
    look = _Cases(pairing, [name for name, _ in arms], list(sets), tuple(names))
    for ident, same in groupby(index, key=attrgetter("id")):
        look.add(ident, list(same))
    look.finish()
    return pairing


def _zeros(arm: ForeignArm) -> array[int]:
    return array("l", bytes(array("l").itemsize * len(arm.rows)))


def _records(arms: Sequence[tuple[str, ForeignArm]], sets: dict[tuple[str, ...], int]) -> Iterator[tuple[_Record, int]]:
    """What is kept of every row, and about how large it is; names that are the same for many rows are kept once."""
    lacking = False
    for number, (_, arm) in enumerate(arms):
        for at, row in enumerate(arm.rows):
            asks = bool(row.messages) or row.input is not None
            asked = row.asked if lacking else ()
            lacking = lacking or not asks
            scores, tags = (sets.setdefault(names, len(sets)) for names in (tuple(row.scores), tuple(row.tags)))
            record = _Record(row.id, (number, at), row.repeat, row.target, asks, asked, scores, tags, row.where)
            yield record, _size(row, asked)


def _size(row: ForeignRow, asked: Sequence[Message]) -> int:
    texts = [row.id, row.where, row.target, *(turn.content for turn in asked)]
    return sum(len(text) if isinstance(text, str) else 8 for text in texts)


class _Cases:
    """Looks at one case after the other, in the order of their ids."""

    def __init__(self, pairing: Pairing, arms: list[str], sets: list[tuple[str, ...]], names: tuple[str, ...]) -> None:
        self._pairing = pairing
        self._arms = arms
        self._sets = sets
        self._names = names
        self._twice: list[list[tuple[int, str, str, str]]] = [[] for _ in arms]
        """Of each arm the first ids that stand twice: the row, the id, where the two are"""
        self._many = [0] * len(arms)
        self._tags: dict[int, Place] = {}
        self._kinds: dict[frozenset[int], int] = {}

    def add(self, ident: str, records: list[_Record]) -> None:
        pairing, first = self._pairing, records[0]
        pairing.cases += 1
        arms = frozenset(one.place[0] for one in records)
        pairing.held[arms] = pairing.held.get(arms, 0) + 1
        for arm in arms:
            if len(pairing.some[arm]) < _SHOWN:
                pairing.some[arm].append(ident)
        if len(records) > len(arms):
            for arm in arms:
                self._number_repeats(arm, [one for one in records if one.place[0] == arm])
        self._tags[first.tags] = min(self._tags.get(first.tags, first.place), first.place)
        kind = self._kind(frozenset(one.scores for one in records), first.place)
        pairing.firsts[first.place[0]][first.place[1]] = 1 + kind
        if len(records) > 1:
            self._look_behind(ident, records)

    def finish(self) -> None:
        """Raise UnsoundComparison where ids stand twice; else put the tags into their order."""
        problems: list[Problem] = []
        for name, twice, many in zip(self._arms, self._twice, self._many, strict=True):
            for _, ident, one, other in twice:
                what = f"{name}: the id {ident!r} stands twice ({one} and {other})"
                todo = "keep one of the two, or name the column that counts repeats: --columns repeat=COLUMN"
                problems.append(Problem(what=what, todo=todo))
            if many > _SHOWN:
                problems.append(Problem(what=f"and {many - _SHOWN:,} more ids of {name} stand twice"))
        if problems:
            raise UnsoundComparison(problems)
        found = sorted(self._tags, key=self._tags.__getitem__)
        self._pairing.tags = list(dict.fromkeys(tag for number in found for tag in self._sets[number]))

    def _number_repeats(self, arm: int, several: list[_Record]) -> None:
        """Count the answers to a case in an arm from 0, in the order of what the source calls them."""
        if len(several) < 2:
            return
        first = several[0].place[1]
        several.sort(key=lambda one: _order(one.repeat))
        for number, one in enumerate(several):
            self._pairing.repeats[arm][one.place[1]] = number
        self._pairing.most_repeats = max(self._pairing.most_repeats, len(several))
        for before, one in pairwise(several):
            if _order(before.repeat) == _order(one.repeat):
                self._many[arm] += 1
                self._twice[arm].append((first, one.id, before.where, one.where))
                self._twice[arm] = sorted(self._twice[arm])[:_SHOWN]
                return

    def _kind(self, sets: frozenset[int], place: Place) -> int:
        """The number of a case's scores: all of them where it has none, as a failed call may have any."""
        pairing, kind = self._pairing, self._kinds.get(sets)
        if kind is None:
            has = {name for number in sets for name in self._sets[number]}
            scores = tuple(name for name in self._names if name in has) or self._names
            if scores not in pairing.kinds:
                pairing.kinds.append(scores)
                pairing.order.append(place)
            kind = self._kinds[sets] = pairing.kinds.index(scores)
        pairing.order[kind] = min(pairing.order[kind], place)
        return kind

    def _look_behind(self, ident: str, records: list[_Record]) -> None:
        """The target and the question of a case are those of its first row that says them."""
        pairing, first = self._pairing, records[0]
        target, late = first.target, False
        for one in records[1:]:
            if target is None:
                target, late = one.target, one.target is not None
            elif one.target is not None and one.target != target:
                pairing.conflicts += 1
                told = (first.place, ident)
                pairing.conflict = min(pairing.conflict or told, told)
                break
        asked = () if first.asks else next((one.asked for one in records[1:] if one.asks), ())
        if late or asked:
            pairing.late.add(Late(first.place, target, asked), _AROUND + sum(len(str(one.content)) for one in asked))


_AROUND = 100


def _order(repeat: Json) -> tuple[int, float, str]:
    try:
        return 0, float(str(repeat)), ""
    except ValueError:
        return 1, 0.0, str(repeat)
