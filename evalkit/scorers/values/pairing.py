"""The best one-to-one pairing of two lists by similarity (the assignment problem)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from math import inf

_BY_HAND = 3
"""Up to this many on the longer side all pairings are tried"""
_IN_PYTHON = 16
"""Up to this many paths are augmented here, which spares the import of scipy"""


def best_pairs(grid: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Find the best pairs (row, column).

    They maximise the number of perfect (1.0) pairs, then the summed similarity.

    `grid[i][j]` is the similarity of row i and column j, in [0, 1]. The shorter side is paired completely; pairs are
    sorted by row. Among equals the pairing nearest to the given order wins, so that the result is deterministic.

    >>> best_pairs([[1.0, 1.0], [1.0, 0.0]])
    [(0, 1), (1, 0)]
    """
    rows = len(grid)
    columns = len(grid[0]) if rows else 0
    if rows == 0 or columns == 0:
        return []
    if rows == columns == 1:
        return [(0, 0)]
    if _pair_in_order(grid, rows, columns):
        return [(i, i) for i in range(rows)]
    if max(rows, columns) <= _BY_HAND:
        return _try_all(grid, rows, columns)
    if max(rows, columns) <= _IN_PYTHON:
        return _augment(grid, rows, columns)
    from scipy.optimize import linear_sum_assignment

    # A perfect pair outweighs every sum of imperfect ones, as `_value` does.
    weight = max(rows, columns) + 1.0
    found = linear_sum_assignment([[_value(v, weight) for v in row] for row in grid], maximize=True)
    return [(int(i), int(j)) for i, j in zip(*found, strict=True)]


def _pair_in_order(grid: Sequence[Sequence[float]], rows: int, columns: int) -> bool:
    return rows == columns and all(grid[i][i] == 1.0 for i in range(rows))


def _try_all(grid: Sequence[Sequence[float]], rows: int, columns: int) -> list[tuple[int, int]]:
    weight = max(rows, columns) + 1.0
    if rows <= columns:
        options = ([(i, j) for i, j in enumerate(chosen)] for chosen in permutations(range(columns), rows))
    else:
        options = (sorted((i, j) for j, i in enumerate(chosen)) for chosen in permutations(range(rows), columns))
    return max(options, key=lambda pairs: sum(_value(grid[i][j], weight) for i, j in pairs))


def _augment(grid: Sequence[Sequence[float]], rows: int, columns: int) -> list[tuple[int, int]]:
    """The Hungarian method by shortest augmenting paths (Jonker and Volgenant 1987), the shorter side first."""
    if rows > columns:
        turned = [[grid[i][j] for i in range(rows)] for j in range(columns)]
        return sorted((i, j) for j, i in _augment(turned, columns, rows))
    weight = max(rows, columns) + 1.0
    cost = [[-_value(value, weight) for value in row] for row in grid]
    of_row, of_column = [0.0] * rows, [0.0] * columns
    owner: list[int] = [-1] * columns
    for row in range(rows):
        distance, before, done = [inf] * columns, [-1] * columns, [False] * columns
        at, here, sunk = row, -1, 0.0
        while True:
            for j in range(columns):
                length = sunk + cost[at][j] - of_row[at] - of_column[j]
                if not done[j] and length < distance[j]:
                    distance[j], before[j] = length, here
            here = min((j for j in range(columns) if not done[j]), key=distance.__getitem__)
            done[here], sunk = True, distance[here]
            if owner[here] < 0:
                break
            at = owner[here]
        of_row[row] += sunk
        for j in range(columns):
            if done[j] and j != here:
                of_row[owner[j]] += sunk - distance[j]
                of_column[j] -= sunk - distance[j]
        while here >= 0:
            previous = before[here]
            owner[here] = owner[previous] if previous >= 0 else row
            here = previous
    return sorted((i, j) for j, i in enumerate(owner) if i >= 0)


def _value(similarity: float, weight: float) -> float:
    return similarity * weight if similarity == 1.0 else similarity
