"""MinHash sketches of many texts, and the pairs of them that may be near-duplicates.

Broder 1997; banding as in Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from evalkit.data.held_out.letters import CJK, PART, ROW, Codes, many

HASHES = 32
BAND = 2
"""Hashes that must agree for a pair to be looked at"""
LIKELY = 0.22
"""Share of all hashes that agree from which a pair is compared letter by letter"""
_WINDOW = 24
"""Neighbours that a text of a crowded band is compared with"""
_CROWD = 400
"""Texts of one band up to which all pairs are looked at"""
_BUCKETS = 22
"""log2 of the cells in which runs are counted"""
_REMEMBERED = 5_000
"""Texts whose runs are remembered while pairs are compared"""
_AROUND = 10
"""Texts that are added, so that a run of a few texts is no template"""

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


class Sketches:
    """The sketches of texts, 64 bytes each, and how often each run stands."""

    def __init__(self) -> None:
        rng = np.random.default_rng(20260401)
        self._factor = rng.integers(1, 1 << 32, HASHES, dtype=np.uint32) | np.uint32(1)
        self._shift = rng.integers(0, 1 << 32, HASHES, dtype=np.uint32)
        self._parts: list[NDArray[np.uint16]] = []
        self._count = np.zeros(1 << _BUCKETS, dtype=np.int64)
        self._texts = 0
        self._rare: dict[str, dict[int, float]] = {}

    def add(self, texts: Sequence[str]) -> list[str]:
        """Sketch texts; return them as they are compared: letters and digits, NFKC, without case."""
        joined, codes = many([[text] for text in texts])
        plain = [row.replace(PART, "") for row in joined.split(ROW)[:-1]]
        hashes, owner = _runs(codes)
        self._count += np.bincount(hashes >> np.uint32(32 - _BUCKETS), minlength=1 << _BUCKETS)
        self._texts += len(texts)
        sketch = np.full((len(texts), HASHES), 0xFFFF, dtype=np.uint16)
        if len(hashes):
            starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
            for number in range(HASHES):
                mixed = (hashes * self._factor[number]) ^ self._shift[number]
                mixed ^= mixed >> np.uint32(16)
                mixed *= np.uint32(0x85EBCA6B)
                least = np.minimum.reduceat(mixed, starts) * np.uint32(0x9E3779B1)
                sketch[owner[starts], number] = np.minimum(least >> np.uint32(16), np.uint32(0xFFFE))
        self._parts.append(sketch)
        return plain

    def candidates(self) -> Iterator[Pairs]:
        """Yield pairs of texts that may be near-duplicates.

        A band of their hashes agrees, and enough of all do.
        """
        whole = np.concatenate(self._parts) if self._parts else np.empty((0, HASHES), dtype=np.uint16)
        self._parts = [whole]
        filled = np.flatnonzero((whole != 0xFFFF).any(axis=1))
        for first in range(0, HASHES, BAND):
            yield from _band(whole, filled, first)

    def share(self, one: str, other: str) -> float:
        """Return the share of runs that both texts have, by how rare each is."""
        mine, theirs = self._weights(one), self._weights(other)
        most = max(sum(mine.values()), sum(theirs.values()))
        return sum(weight for run, weight in mine.items() if run in theirs) / most if most else 1.0

    def _weights(self, text: str) -> dict[int, float]:
        """How rare each run of a text is, by its hash."""
        known = self._rare.get(text)
        if known is None:
            hashes = np.unique(_runs(many([[text]])[1])[0])
            seen = np.maximum(self._count[hashes >> np.uint32(32 - _BUCKETS)], 1)
            weights = np.log((self._texts + _AROUND) / np.minimum(seen, self._texts)) + 0.01
            known = dict(zip(hashes.tolist(), weights.tolist(), strict=True))
            if len(self._rare) >= _REMEMBERED:
                self._rare.clear()
            self._rare[text] = known
        return known


def _runs(codes: Codes) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The hashes of the runs of each text (3 letters, of Japanese and Chinese 2), and whose they are."""
    ends = codes == ord(ROW)
    owner = np.cumsum(ends) - ends
    padded = np.concatenate([codes, np.full(2, ord(ROW), dtype=np.uint32)])
    size = len(codes)
    second, third = padded[1 : size + 1], padded[2 : size + 2]
    wide = codes >= CJK
    breaks = (ord(PART), ord(ROW))
    inside = ~np.isin(codes, breaks) & ~np.isin(second, breaks) & (wide | ~np.isin(third, breaks))
    hashed = codes * np.uint32(0x9E3779B1) ^ (second * np.uint32(0x85EBCA77))
    hashed = (hashed << np.uint32(7)) | (hashed >> np.uint32(25))
    hashed ^= np.where(wide, np.uint32(0), third) * np.uint32(0xC2B2AE3D)
    hashed ^= hashed >> np.uint32(15)
    hashed *= np.uint32(0x27D4EB2F)
    hashed ^= hashed >> np.uint32(13)
    return hashed[inside], owner[inside].astype(np.int64)


def _band(whole: NDArray[np.uint16], filled: NDArray[np.int64], first: int) -> Iterator[Pairs]:
    """The pairs of one band; of a crowded one, neighbours in the order of further hashes."""
    further = [whole[filled, (first + step) % HASHES] for step in range(4, BAND - 1, -1)]
    keys = [whole[filled, first + step] for step in range(BAND - 1, -1, -1)]
    order = np.lexsort([*further, *keys])
    rows = filled[order]
    key = np.zeros(len(rows), dtype=np.uint32)
    for column in keys[::-1]:
        key = (key << np.uint32(16)) | column[order]
    begins = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(rows) else np.empty(0, dtype=np.int64)
    sizes = np.diff(np.append(begins, len(rows)))
    group = np.repeat(np.arange(len(begins)), sizes)
    most = int(min(sizes.max(initial=1), _CROWD))
    crowded = (sizes > _CROWD)[group] if len(begins) else np.empty(0, dtype=bool)
    for step in range(1, most):
        if step >= len(rows):
            break
        here = group[step:] == group[:-step]
        if step > _WINDOW:
            here &= ~crowded[step:]
        at = np.flatnonzero(here)
        for begin in range(0, len(at), 1 << 18):
            chosen = at[begin : begin + (1 << 18)]
            one, other = rows[chosen], rows[chosen + step]
            agree = (whole[one] == whole[other]).mean(axis=1)
            likely = agree >= LIKELY
            yield np.minimum(one, other)[likely], np.maximum(one, other)[likely]
