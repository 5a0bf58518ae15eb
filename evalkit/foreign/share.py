"""Mappings that are the same for many rows, kept once: a hundred thousand scores of 0 or 1 are two of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from evalkit.core.exchange import Json


def share_scores(scores: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the one mapping that stands for all like this.

    Nobody may write into it. Values that are no plain numbers are left as they are.

    >>> share_scores({"score": 1}) is share_scores({"score": 1})
    True
    """
    if not all(map(_is_plain, scores.values())):
        return scores
    return _share(tuple((name, type(value), value) for name, value in scores.items()))


@lru_cache(maxsize=4096)
def _share(items: tuple[tuple[str, type, Json], ...]) -> Mapping[str, Json]:
    return {name: value for name, _, value in items}


def _is_plain(value: Json) -> bool:
    """Nothing, or a number that equals no other one: minus zero equals zero."""
    return value is None or (isinstance(value, (bool, int, float)) and (value != 0 or str(value)[0] != "-"))
