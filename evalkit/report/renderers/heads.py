"""What a page must know of every case before any text is read: ids, groups, scores, tags, as lists."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from evalkit.core.blocks import Case, Cases, Group
from evalkit.core.exchange import Json
from evalkit.report.sections.cases import GROUPS

LENGTH = "answer length"
_CODES = {("0", "0"): ord("a"), ("0", "1"): ord("b"), ("1", "0"): ord("c"), ("1", "1"): ord("d")}
_OTHER, _NONE = ord("*"), ord("-")
_HIGHER = {ord("a"): "both_wrong", ord("b"): "fixed", ord("c"): "broken", ord("d"): "both_right"}

Row = tuple[Case | None, ...]
"""One case as each candidate has it; None where that one was not asked"""


@dataclass(frozen=True, slots=True)
class Made:
    """JSON that is made where it is written, and held no longer."""

    make: Callable[[], Json]


def align(arms: Sequence[Cases]) -> Iterator[Row]:
    """Put the same case of every candidate side by side, case by case."""
    if len(arms) == 1:
        return ((case,) for case in arms[0].cases)
    known = [{case: at for at, case in enumerate(arm.ids)} for arm in arms]
    ids = dict.fromkeys(case for arm in arms for case in arm.ids)
    return (
        tuple(arm.cases[of[one]] if one in of else None for arm, of in zip(arms, known, strict=True)) for one in ids
    )


def any_of(row: Row) -> Case:
    """Return the case as the first candidate that has it."""
    return next(case for case in row if case is not None)


class HeadDraft:
    """The head of a suite while its cases are gone over, once."""

    def __init__(self, name: str, arms: Sequence[Cases]) -> None:
        self.ids: list[str] = []
        self._name, self._arms = name, arms
        self._tags, self._levels, self._cluster = _Facets(), _Facets(), _Facets()
        self._drafts = [_ArmDraft() for _ in arms]

    def take(self, row: Row) -> None:
        """Take the next case."""
        case = any_of(row)
        at = len(self.ids)
        self.ids.append(case.id)
        self._tags.take(at, case.tags)
        self._levels.take(at, case.levels)
        self._cluster.take(at, {"cluster": case.cluster} if case.cluster else {})
        for draft, one in zip(self._drafts, row, strict=True):
            draft.take(at, one)

    def finish(self, scorers: Sequence[str], runs: Sequence[int]) -> dict[str, Json]:
        """Return the head; `arms` has what differs by candidate."""
        places = {case: at for at, case in enumerate(self.ids)}
        return {
            "name": self._name,
            "ids": self.ids,
            "tags": self._tags.finish(len(self.ids)),
            "levels": self._levels.finish(len(self.ids)),
            "clusters": next(iter(self._cluster.finish(len(self.ids))), None),
            "scorers": list(scorers),
            "chunks": list(runs),
            "arms": [
                {
                    "groups": draft.groups.decode(),
                    "metrics": draft.finish(),
                    "order": None if at == 0 else [places[case] for case in arm.ids],
                    "numbers": [*_numbers(arm, places), *draft.lengths()],
                }
                for at, (arm, draft) in enumerate(zip(self._arms, self._drafts, strict=True))
            ],
        }


@dataclass(slots=True)
class _ArmDraft:
    """Groups, metrics and lengths of one candidate's cases."""

    groups: bytearray = field(default_factory=bytearray)
    _metrics: dict[str, _MetricDraft] = field(default_factory=dict)
    _lengths: tuple[array[int], array[int]] = field(default_factory=lambda: (array("I"), array("I")))

    def take(self, at: int, case: Case | None) -> None:
        self.groups += str(GROUPS.index(case.group)).encode() if case else b"-"
        for side, text in zip(self._lengths, (case.base, case.candidate) if case else ("", ""), strict=True):
            side.append(len(text))
        for name, base, candidate in case.scores if case else ():
            if name not in self._metrics:
                self._metrics[name] = _MetricDraft()
            assert case is not None
            self._metrics[name].take(at, case.groups[name], base, candidate)

    def finish(self) -> list[Json]:
        many = len(self.groups)
        return [
            {"name": name, "rises": one.rises, "codes": one.codes.ljust(many, b"-").decode(), "others": one.others}
            for name, one in self._metrics.items()
        ]

    def lengths(self) -> Iterator[Json]:
        """The lengths of the first answers, in characters; null where there is no text."""
        if any(map(any, self._lengths)):
            sides = [Made(partial(_length_list, side)) for side in self._lengths]
            yield {"name": LENGTH, "unit": "characters", "sides": sides}


@dataclass(slots=True)
class _MetricDraft:
    """A letter a case where both values are 0 or 1, the others by position as [group, base, candidate]."""

    codes: bytearray = field(default_factory=bytearray)
    others: dict[int, Json] = field(default_factory=dict)
    rises: bool = True

    def take(self, at: int, group: Group, base: str, candidate: str) -> None:
        code = _CODES.get((base, candidate))
        self.codes += b"-" * (at - len(self.codes))
        self.codes.append(_OTHER if code is None else code)
        if code is None:
            self.others[at] = [_PLACES[group], base, candidate]
        elif group != _HIGHER[code]:
            self.rises = False


_PLACES = {group: at for at, group in enumerate(GROUPS)}


class _Facets:
    """One facet a name, in the order of their first case; a case without it has the value ""."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, int]] = {}
        self._rows: dict[str, array[int]] = {}

    def take(self, at: int, row: Mapping[str, str]) -> None:
        for name, value in row.items():
            if name not in self._rows:
                self._values[name], self._rows[name] = {}, array("I")
            self._fill(name, at)
            known = self._values[name]
            self._rows[name].append(known.setdefault(value, len(known)))

    def _fill(self, name: str, until: int) -> None:
        rows, known = self._rows[name], self._values[name]
        if len(rows) < until:
            none = known.setdefault("", len(known))
            rows.extend([none] * (until - len(rows)))

    def finish(self, many: int) -> list[Json]:
        for name in self._rows:
            self._fill(name, many)
        return [
            {"name": name, "values": list(known), "rows": Made(self._rows[name].tolist)}
            for name, known in self._values.items()
        ]


def _numbers(arm: Cases, places: Mapping[str, int]) -> list[Json]:
    """The numbers of one candidate's cases, by their place in the list; null where it has none."""
    return [
        {
            "name": one.name,
            "unit": one.unit,
            "sides": [Made(partial(_place, side, arm.ids, places)) for side in (one.base, one.candidate)],
        }
        for one in arm.numbers
    ]


def _place(values: Iterable[float | None], ids: Sequence[str], places: Mapping[str, int]) -> list[float | None]:
    side: list[float | None] = [None] * len(places)
    for case, value in zip(ids, values, strict=True):
        side[places[case]] = value
    return side


def _length_list(lengths: Iterable[int]) -> list[int | None]:
    return [length or None for length in lengths]
