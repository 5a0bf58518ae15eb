"""Character n-grams of two texts, counted by sorting numbers instead of making a million short strings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
LONGEST = 1 << 20
"""Characters of both texts together that are counted so"""
_BITS = 21
"""A character is below 2**21, so three of them fit into one number; so does the rank of three among `LONGEST`"""


def count_characters(text: str, target: str, orders: int) -> tuple[float, ...]:
    """Count the n-grams of text, target and both, by order.

    Up to six characters. Those of the text count only where the target has n-grams of this order at all, as in
    sacrebleu.

    >>> count_characters("abc", "abd", 2)
    (3.0, 3.0, 2.0, 2.0, 2.0, 1.0)
    """
    codes = _codes(text), _codes(target)
    first, second = codes[0].size, codes[1].size
    out: list[float] = []
    for order, grams in zip(range(1, orders + 1), _grams(np.concatenate(codes)), strict=False):
        got, wanted = max(0, first - order + 1), max(0, second - order + 1)
        both = _count_shared(grams[:got], grams[first : first + wanted]) if got and wanted else 0
        out += [float(got if wanted else 0), float(wanted), float(both)]
    return (*out, *[0.0] * (3 * orders - len(out)))


def _codes(text: str) -> Ints:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)


def _grams(one: Ints) -> Iterator[Ints]:
    """The n-grams of 1 to 6 characters as numbers, as far as there are any: the same gram, the same number."""
    if not one.size:
        return
    yield one
    two = (one[:-1] << _BITS) | one[1:]
    yield two
    ranks = _rank((two[: max(0, one.size - 2)] << _BITS) | one[2:])
    yield ranks
    for more, length in ((one, 1), (two, 2), (ranks, 3)):
        behind = more[3:]
        yield (ranks[: behind.size] << (_BITS * min(length, 2))) | behind[: ranks.size]


def _rank(values: Ints) -> Ints:
    """Small numbers in the place of large ones."""
    order = np.argsort(values)
    ordered = values[order]
    out = np.empty(values.size, dtype=np.int64)
    out[order] = np.cumsum(np.concatenate([[0], ordered[1:] != ordered[:-1]])) if values.size else 0
    return out


def _count_shared(one: Ints, two: Ints) -> int:
    """How many numbers both hold, each as often as both hold it."""
    ordered = np.concatenate([one << 1, (two << 1) | 1])
    ordered.sort()
    value = ordered >> 1
    starts = np.flatnonzero(value[1:] != value[:-1]) + 1
    theirs = np.concatenate([[0], np.cumsum(ordered & 1)])
    edges = np.concatenate([[0], starts, [ordered.size]])
    second = np.diff(theirs[edges])
    return int(np.minimum(second, np.diff(edges) - second).sum())
