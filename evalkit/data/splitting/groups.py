"""Rows that must lie on one side, and on which: groups of a first split, and new rows beside an earlier one's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.data.splitting.facts import Facts, as_array

Ints = NDArray[np.int64]
NEW, NEITHER = -1, -2
"""Sides of rows that are to be dealt, and of those that belong to no side"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What ties rows together: arrays of rows and of their ties."""

    row: Ints
    tie: Ints
    near_pairs: int
    """Pairs of near-duplicates that are not equal"""


def find_ties(facts: Facts) -> Ties:
    """Find what ties rows together.

    Equal and near questions, clusters and keys, conversations that go on.
    """
    rows: list[Ints] = []
    ties: list[Ints] = []
    count = 0

    def add(row: Ints, keys: NDArray[np.uint64]) -> None:
        nonlocal count
        values, inverse, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        kept = sizes[inverse] > 1
        rows.append(row[kept])
        ties.append(inverse[kept].astype(np.int64) + count)
        count += len(values)

    identity = as_array(facts.identity)
    every = np.arange(len(facts), dtype=np.int64)
    add(every, identity)
    digests = facts.questions.digests()
    asked = digests != np.uint64(facts.questions.blank)
    add(every[asked], digests[asked])
    if len(facts.links):
        add(np.frombuffer(facts.linked, dtype=np.int64), as_array(facts.links))
    _add_conversations(facts, add)
    one, other = facts.questions.pairs()
    rows += [one, other]
    ties += [np.arange(len(one)) + count] * 2
    return Ties(row=np.concatenate(rows), tie=np.concatenate(ties), near_pairs=len(one))


def add_pairs(ties: Ties, pairs: Ints) -> Ties:
    """Return the ties with pairs of rows that were found later."""
    numbers = int(ties.tie.max(initial=-1)) + 1 + np.arange(len(pairs))
    return Ties(
        row=np.concatenate([ties.row, pairs[:, 0], pairs[:, 1]]),
        tie=np.concatenate([ties.tie, numbers, numbers]),
        near_pairs=ties.near_pairs + len(pairs),
    )


def _add_conversations(facts: Facts, add: Callable[[Ints, NDArray[np.uint64]], None]) -> None:
    """Rows whose whole conversation is the beginning of another row's."""
    wholes, begins = as_array(facts.wholes), as_array(facts.begins)
    if not len(begins):
        return
    row = np.flatnonzero(np.isin(wholes, begins) & (wholes != 0))
    begun = np.frombuffer(facts.begun, dtype=np.int64)
    known = np.isin(begins, wholes[row])
    add(np.concatenate([row, begun[known]]).astype(np.int64), np.concatenate([wholes[row], begins[known]]))


def join_rows(count: int, ties: Ties) -> Ints:
    """Return the group of each row.

    Rows that are tied, directly or by others, are one.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    most = int(ties.tie.max(initial=-1)) + 1
    size = count + most
    ones = np.ones(len(ties.row), dtype=np.int8)
    graph = coo_matrix((ones, (ties.row, ties.tie + count)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    _, group = np.unique(label[:count], return_inverse=True)
    return group.astype(np.int64)


def place_new(side: Ints, group: Ints, ties: Ties) -> tuple[Ints, Ints]:
    """Return the sides of all rows beside an earlier split, and their groups anew.

    A row without a side (`NEW`) gets that of the rows it is tied to; where those have several sides it is `NEITHER`.
    What is left has no side, and groups of its own.
    """
    old = side >= 0
    count = int(group.max(initial=-1)) + 1
    low = np.full(count, np.iinfo(np.int64).max)
    high = np.full(count, -1, dtype=np.int64)
    np.minimum.at(low, group[old], side[old])
    np.maximum.at(high, group[old], side[old])
    placed = side.copy()
    alone = (high >= 0) & (low == high)
    take = ~old & alone[group]
    placed[take] = high[group[take]]
    torn = (high >= 0) & (low != high)
    mixed = np.flatnonzero(torn[group])
    if len(mixed):
        _settle(placed, group, ties, mixed)
    return placed, group


def _settle(placed: Ints, group: Ints, ties: Ties, mixed: Ints) -> None:
    """Give the new rows of groups with several sides theirs, row by row in their order."""
    inside = np.isin(ties.row, mixed)
    of_row: dict[int, list[int]] = defaultdict(list)
    of_tie: dict[int, list[int]] = defaultdict(list)
    sides: dict[int, set[int]] = defaultdict(set)
    for row, tie in zip(ties.row[inside].tolist(), ties.tie[inside].tolist(), strict=True):
        of_row[row].append(tie)
        of_tie[tie].append(row)
        if placed[row] >= 0:
            sides[tie].add(int(placed[row]))
    waiting = [row for row in mixed.tolist() if placed[row] == NEW]
    moved = True
    while moved:
        moved = False
        for row in waiting:
            near = set().union(*(sides[tie] for tie in of_row[row]))
            if near:
                moved = True
                placed[row] = near.pop() if len(near) == 1 else NEITHER
                if placed[row] >= 0:
                    for tie in of_row[row]:
                        sides[tie].add(int(placed[row]))
        waiting = [row for row in waiting if placed[row] == NEW]
    _regroup(group, waiting, of_row, of_tie)


def _regroup(group: Ints, left: list[int], of_row: dict[int, list[int]], of_tie: dict[int, list[int]]) -> None:
    """Groups of their own for rows that are tied to no side: only those left tie them."""
    number, open_rows = int(group.max(initial=-1)) + 1, set(left)
    while open_rows:
        stack = [open_rows.pop()]
        while stack:
            row = stack.pop()
            group[row] = number
            found = {other for tie in of_row[row] for other in of_tie[tie]} & open_rows
            open_rows -= found
            stack += sorted(found)
        number += 1


def torn_ties(side: Ints, ties: Ties) -> int:
    """Count the ties whose rows lie on several sides."""
    known = side[ties.row] >= 0
    tie, where = ties.tie[known], side[ties.row[known]]
    most = int(ties.tie.max(initial=-1)) + 1
    low = np.full(most, np.iinfo(np.int64).max)
    high = np.full(most, -1, dtype=np.int64)
    np.minimum.at(low, tie, where)
    np.maximum.at(high, tie, where)
    return int(((high >= 0) & (low != high)).sum())
