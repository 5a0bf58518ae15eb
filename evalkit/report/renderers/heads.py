"""What a page must know of every case before any text is read: ids, groups, scores, tags, as lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.blocks import Case, Cases
from evalkit.core.exchange import Json
from evalkit.report.sections.cases import GROUPS

_CODES = {("0", "0"): ord("a"), ("0", "1"): ord("b"), ("1", "0"): ord("c"), ("1", "1"): ord("d")}
_OTHER = ord("*")
_HIGHER = {ord("a"): "both_wrong", ord("b"): "fixed", ord("c"): "broken", ord("d"): "both_right"}

Row = tuple[Case | None, ...]
"""One case as each candidate has it; None where that one was not asked"""


def align(arms: Sequence[Cases]) -> list[Row]:
    """Put the same case of every candidate side by side."""
    if len(arms) == 1:
        return [(case,) for case in arms[0].cases]
    known = [{case.id: case for case in arm.cases} for arm in arms]
    ids = dict.fromkeys(case.id for arm in arms for case in arm.cases)
    return [tuple(of.get(one) for of in known) for one in ids]


def any_of(row: Row) -> Case:
    """Return the case as the first candidate that has it."""
    return next(case for case in row if case is not None)


def head_of(
    name: str, arms: Sequence[Cases], rows: Sequence[Row], scorers: Sequence[str], runs: Sequence[int]
) -> dict[str, Json]:
    """Return the head of a suite; `arms` has what differs by candidate."""
    cases = [any_of(row) for row in rows]
    places = {case.id: at for at, case in enumerate(cases)}
    return {
        "name": name,
        "ids": [case.id for case in cases],
        "tags": _facets([case.tags for case in cases]),
        "levels": _facets([case.levels for case in cases]),
        "clusters": _facet("cluster", [case.cluster for case in cases])
        if any(case.cluster for case in cases)
        else None,
        "scorers": list(scorers),
        "chunks": list(runs),
        "arms": [
            {
                **_arm([row[at] for row in rows], None if at == 0 else [places[case.id] for case in arm.cases]),
                "numbers": _numbers(arm, places),
            }
            for at, arm in enumerate(arms)
        ],
    }


def _arm(cases: Sequence[Case | None], order: list[int] | None) -> dict[str, Json]:
    """Groups, metrics and order of one candidate's cases; no order where they stand in it."""
    return {
        "groups": "".join(str(GROUPS.index(case.group)) if case else "-" for case in cases),
        "metrics": _metrics(cases),
        "order": order,
    }


def _numbers(arm: Cases, places: Mapping[str, int]) -> list[Json]:
    """The numbers of one candidate's cases, by their place in the list; null where it has none."""
    out: list[Json] = []
    for one in arm.numbers:
        sides: list[list[float | None]] = [[None] * len(places) for _ in range(2)]
        for case, *both in zip(arm.cases, one.base, one.candidate, strict=True):
            for side, value in zip(sides, both, strict=True):
                side[places[case.id]] = value
        out.append({"name": one.name, "unit": one.unit, "sides": sides})
    return out


def _metrics(cases: Sequence[Case | None]) -> list[dict[str, Json]]:
    """By metric a letter a case where both values are 0 or 1, the others by position as [group, base, candidate]."""
    names = dict.fromkeys(metric for case in cases if case for metric, _, _ in case.scores)
    codes = {name: bytearray(b"-" * len(cases)) for name in names}
    others: dict[str, dict[int, Json]] = {name: {} for name in names}
    rises = dict.fromkeys(names, True)
    for at, case in enumerate(cases):
        if case is None:
            continue
        for name, base, candidate in case.scores:
            code, group = _CODES.get((base, candidate)), case.groups[name]
            codes[name][at] = _OTHER if code is None else code
            if code is None:
                others[name][at] = [GROUPS.index(group), base, candidate]
            elif group != _HIGHER[code]:
                rises[name] = False
    return [
        {"name": name, "rises": rises[name], "codes": codes[name].decode(), "others": others[name]} for name in names
    ]


def _facets(rows: Sequence[Json]) -> list[Json]:
    """One facet a name, in the order of their first case."""
    return [
        _facet(name, [row.get(name, "") for row in rows])
        for name in dict.fromkeys(name for row in rows for name in row)
    ]


def _facet(name: str, values: Sequence[str]) -> dict[str, Json]:
    known = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return {"name": name, "values": list(known), "rows": [known[value] for value in values]}
