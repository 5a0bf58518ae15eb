"""Which prompts share an opening long enough to compute it once; pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeVar

Row = TypeVar("Row", tuple[int, ...], bytes)
MIN_GAIN = 512
"""Tokens that a further split must save, summed over its rows, before it is worth a group of its own"""


def shared_length(prompts: Sequence[Row]) -> int:
    """Return the length of the longest opening that all prompts share.

    It leaves every prompt at least one token of its own.

    >>> shared_length([(1, 2, 3), (1, 2, 4, 5)]), shared_length([(1, 2), (1, 2)]), shared_length([(7,)])
    (2, 1, 0)
    """
    first, last = min(prompts), max(prompts)
    limit = min(len(p) for p in prompts) - 1
    return bisect_left(range(1, limit + 1), True, key=lambda length: first[:length] != last[:length])


def by_opening(prompts: Sequence[Row], *, min_gain: int = MIN_GAIN) -> list[tuple[int, list[int]]]:
    """Split prompts into groups: (length of the shared opening, indices).

    A split is made where it saves enough.

    >>> by_opening([(1, 2, 3), (1, 2, 4), (9, 9)], min_gain=2)
    [(1, [2]), (2, [0, 1])]
    """
    return _split(prompts, list(range(len(prompts))), min_gain) if prompts else []


def _split(prompts: Sequence[Row], members: list[int], min_gain: int) -> list[tuple[int, list[int]]]:
    depth = shared_length([prompts[i] for i in members])
    branches: dict[int, list[int]] = {}
    for i in members:
        branches.setdefault(prompts[i][depth], []).append(i)
    rest: list[int] = []
    groups: list[tuple[int, list[int]]] = []
    for branch in branches.values():
        gain = (shared_length([prompts[i] for i in branch]) - depth) * (len(branch) - 1)
        if gain >= min_gain and len(branch) < len(members):
            groups += _split(prompts, branch, min_gain)
        else:
            rest += branch
    if rest:
        rest.sort()
        groups.insert(0, (shared_length([prompts[i] for i in rest]), rest))
    return groups
