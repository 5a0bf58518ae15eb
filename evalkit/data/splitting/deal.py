"""Groups of rows dealt into parts: strata first, then the counts, the largest groups first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_SMALL = 8
"""Rows of a group that may be moved to meet the totals"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """Groups to deal.

    `group`, `stratum` and `rows` say how many rows of which stratum each group has, a line for each of its strata;
    `draw` and `side` have one value a group.
    """

    group: Ints
    stratum: Ints
    rows: Ints
    draw: NDArray[np.uint64]
    """Its place in the order, uniform; of rows, not of their places in the file"""
    side: Ints
    """The part that it is in already; -1 where it is to be dealt"""


def deal(groups: Dealt, targets: Sequence[int]) -> Ints:
    """Return the part of each group, as its position in `targets`.

    Those are the rows each part is to get. In every stratum each part gets its share of rows, rounded down or up as
    far as whole groups allow; which of both is chosen so that the totals are met, to a row where single rows are left
    to move. Groups that have a side keep it.
    """
    table = _Table(groups, targets)
    left: list[int] = []
    for number in table.order():
        part = table.best(number, room=table.low)
        if part < 0:
            left.append(number)
        else:
            table.place(number, part)
    for number in left:
        part = table.best(number, room=table.high, by_total=True)
        table.place(number, part if part >= 0 else table.neediest(number))
    table.mend()
    return np.array(table.side, dtype=np.int64)


def deal_by_time(size: Ints, time: NDArray[np.float64], draw: NDArray[np.uint64], targets: Sequence[int]) -> Ints:
    """Return the part of each group, the earliest in the first.

    A group goes where its middle row falls.
    """
    order = np.lexsort((draw, time))
    ends = np.cumsum(size[order])
    middle = ends - size[order] / 2
    bounds = np.cumsum(np.array(targets, dtype=np.float64))[:-1]
    side = np.empty(len(size), dtype=np.int64)
    side[order] = np.searchsorted(bounds, middle, side="right")
    return side


class _Table:
    """How many rows each part has, in every stratum and in all."""

    def __init__(self, groups: Dealt, targets: Sequence[int]) -> None:
        count = len(groups.side)
        self._draw, self._given = groups.draw, groups.side
        self._sizes = np.bincount(groups.group, weights=groups.rows, minlength=count).astype(np.int64)
        self._size: list[int] = self._sizes.tolist()
        self._main = np.zeros(count, dtype=np.int64)
        lines = np.lexsort((-groups.stratum, groups.rows, groups.group))
        self._main[groups.group[lines]] = groups.stratum[lines]
        self._stratum: list[int] = self._main.tolist()
        self._mixed: dict[int, list[tuple[int, int]]] = {}
        several = np.bincount(groups.group, minlength=count)[groups.group] > 1
        for number, stratum, rows in zip(
            groups.group[several].tolist(), groups.stratum[several].tolist(), groups.rows[several].tolist(), strict=True
        ):
            self._mixed.setdefault(number, []).append((stratum, rows))
        self.side: list[int] = groups.side.tolist()
        self._targets = list(targets)
        self._total = [0] * len(targets)
        strata = int(groups.stratum.max(initial=-1)) + 1
        each = np.bincount(groups.stratum, weights=groups.rows, minlength=strata)
        quota = each[:, None] * (np.array(targets, dtype=np.float64) / max(sum(targets), 1))[None, :]
        self._quota: list[list[float]] = quota.tolist()
        self.low: list[list[int]] = np.floor(quota + 1e-9).astype(np.int64).tolist()
        self.high: list[list[int]] = np.ceil(quota - 1e-9).astype(np.int64).tolist()
        self._dealt = [[0] * len(targets) for _ in range(strata)]
        for number in np.flatnonzero(groups.side >= 0).tolist():
            self.place(number, self.side[number])

    def order(self) -> list[int]:
        """The groups to deal: the largest first, single rows a stratum behind the other."""
        stratum = np.where(self._sizes > 1, -1, self._main)
        order = np.lexsort((self._draw, stratum, -self._sizes))
        return [number for number in order.tolist() if self._given[number] < 0]

    def _strata(self, number: int) -> list[tuple[int, int]]:
        """The strata of a group and its rows in each."""
        return self._mixed.get(number) or [(self._stratum[number], self._size[number])]

    def place(self, number: int, part: int, sign: int = 1) -> None:
        """Put a group into a part, or (sign -1) take it out."""
        self.side[number] = part
        for stratum, rows in self._strata(number):
            self._dealt[stratum][part] += sign * rows
        self._total[part] += sign * self._size[number]

    def best(self, number: int, *, room: Sequence[Sequence[int]], by_total: bool = False) -> int:
        """The part with room that lacks most of its share, in the stratum or in all; -1 where none has room."""
        strata = self._strata(number)
        stratum = self._stratum[number]
        dealt, quota = self._dealt[stratum], self._quota[stratum]
        best, most = -1, -math.inf
        for part in range(len(self._targets)):
            if any(self._dealt[own][part] + rows > room[own][part] for own, rows in strata):
                continue
            lack = self._targets[part] - self._total[part] if by_total else 1 - dealt[part] / max(quota[part], 1e-9)
            if lack > most + 1e-9:
                best, most = part, lack
        return best

    def neediest(self, number: int) -> int:
        """The part that lacks most in the stratum, room or not."""
        dealt, quota = self._dealt[self._stratum[number]], self._quota[self._stratum[number]]
        lacks = [quota[part] - dealt[part] for part in range(len(dealt))]
        return max(range(len(lacks)), key=lambda part: (lacks[part], self._targets[part] - self._total[part]))

    def mend(self) -> None:
        """Move small groups from parts that have too much to parts that lack, as far as their strata allow."""
        movable = [number for number in self.order() if self._size[number] <= _SMALL]
        for slack in (0, 1, 1 << 40):
            for number in reversed(movable):
                over, size = self.side[number], self._size[number]
                if self._total[over] - self._targets[over] < size:
                    continue
                lacks = [part for part in range(len(self._targets)) if self._targets[part] - self._total[part] >= size]
                fits = [part for part in lacks if self._may_move(number, part, slack)]
                if fits:
                    self.place(number, over, sign=-1)
                    self.place(number, max(fits, key=lambda part: self._targets[part] - self._total[part]))

    def _may_move(self, number: int, part: int, slack: int) -> bool:
        """Whether the strata bear a move, to a row or so."""
        over = self.side[number]
        return all(
            self._dealt[own][over] - rows >= self.low[own][over] - slack
            and self._dealt[own][part] + rows <= self.high[own][part] + slack
            for own, rows in self._strata(number)
        )
