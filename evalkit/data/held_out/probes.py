"""What is looked for: the rare runs of characters of every held-out question, as an inverted index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.data.held_out.letters import CJK, Codes

RUNS = 32
"""Runs of a probe at most, its rarest"""
LONGEST = 256
"""Letters of a probe at most: of a longer question, its beginning, middle and end are looked for"""
SHORT = 8
"""Letters that a question needs to be looked for inside longer texts"""
LEAST_WEIGHT = 0.01
"""Of a run that stands everywhere"""
PRUNED = 0.05
"""Share of a probe that its lightest runs may make up and are not looked for: they cost the most"""
_DENSE = 1 << 22
"""Cells up to which sums are kept in a table of all"""
FAMILIAR = 10
"""Rows that are added when it is asked whether a few rows share a template"""

_HASH = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D), np.uint32(0x27D4EB2F))
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def run_length(code: int) -> int:
    """Return how many characters make a run that begins with this one.

    >>> run_length(ord("a")), run_length(ord("円"))
    (4, 3)
    """
    return 3 if code >= CJK else 4


def run_hashes(codes: Codes) -> NDArray[np.uint32]:
    """Hash the run that begins at each character.

    At the end, where none fits, it is a hash of what is left.
    """
    padded = np.concatenate([codes, np.zeros(3, dtype=np.uint32)])
    size = len(codes)
    hashed = padded[:size] * _HASH[0]
    for step in (1, 2):
        hashed ^= padded[step : size + step] * _HASH[step]
        hashed = (hashed << np.uint32(7)) | (hashed >> np.uint32(25))
    fourth = np.where(codes < CJK, padded[3 : size + 3], np.uint32(0))
    hashed ^= fourth * _HASH[3]
    hashed ^= hashed >> np.uint32(15)
    hashed *= _HASH[1]
    hashed ^= hashed >> np.uint32(13)
    return hashed


@dataclass(frozen=True, slots=True)
class Probe:
    """A stretch of a held-out question and where its chosen runs begin."""

    row: int
    begin: int
    text: str
    starts: tuple[int, ...]

    def runs(self) -> list[str]:
        """Return the chosen runs."""
        return [self.text[at : at + run_length(ord(self.text[at]))] for at in self.starts]


class Index:
    """The probes of all held-out questions, looked up by hashes of training texts."""

    def __init__(self, texts: Sequence[str], units: Sequence[str]) -> None:
        self.texts = texts
        self.seen = 0
        """Training rows counted so far"""
        every = [_hash_runs(text) for text in texts]
        self._mask = np.uint32((1 << _bits(sum(map(len, every)))) - 1)
        shares, self._units = _shares(every, units, self._mask)
        self.probes = [
            probe for row, hashes in enumerate(every) for probe in _probes(row, texts[row], hashes & self._mask, shares)
        ]
        self.of_row: dict[int, list[int]] = {}
        """The numbers of the probes of each row, one behind the other"""
        for number, probe in enumerate(self.probes):
            self.of_row.setdefault(probe.row, []).append(number)
        self._build(every, shares)

    def _build(self, every: Sequence[NDArray[np.uint32]], shares: NDArray[np.int32]) -> None:
        owner, cells = [], []
        for number, probe in enumerate(self.probes):
            own = every[probe.row][[probe.begin + start for start in probe.starts]] & self._mask
            owner.append(np.full(len(own), number))
            cells.append(own)
        cell = np.concatenate(cells) if cells else np.zeros(0, dtype=np.uint32)
        self._owner = np.concatenate(owner) if owner else np.zeros(0, dtype=np.int64)
        distinct, self._run = np.unique(cell, return_inverse=True)
        self._slot = np.full(int(self._mask) + 1, -1, dtype=np.int32)
        self._slot[distinct] = np.arange(len(distinct), dtype=np.int32)
        held = shares[distinct].astype(np.float64)
        self._within = [
            np.log((self._units + extra + 1) / held) / np.log(self._units + extra + 1) for extra in (0, FAMILIAR)
        ]
        self._taught = np.zeros(len(distinct), dtype=np.int64)
        self.first = np.searchsorted(self._owner, np.arange(len(self.probes) + 1))
        self.least = np.array([least_share(probe) for probe in self.probes])
        self.reweigh()

    def reweigh(self) -> None:
        """Weigh the runs anew by how rare they are.

        They are counted among the questions and among the rows seen so far.
        """
        others = np.clip(self._taught - 1, 0, self.seen)  # but for the row it was seen in itself
        among = np.log((self.seen + 2) / (others + 1)) / np.log(self.seen + 2)
        self._weights = [np.maximum(np.minimum(within, among), LEAST_WEIGHT)[self._run] for within in self._within]
        whole = np.bincount(self._owner, weights=self._weights[0], minlength=len(self.probes))
        self._post(self._weights[0] / whole[self._owner])

    def _post(self, scaled: Floats) -> None:
        """List the probes of each run, but for those that tell least of a probe: a template is in many."""
        rising = np.lexsort((scaled, self._owner))
        sums = np.cumsum(scaled[rising])
        before = np.append(0.0, sums)[self.first[:-1]]
        kept = rising[sums - before[self._owner[rising]] > PRUNED]
        order = kept[np.argsort(self._run[kept], kind="stable")]
        self._posted, self._scaled = self._owner[order], scaled[order]
        self._many = np.bincount(self._run[kept], minlength=len(self._taught))
        self._begin = np.cumsum(self._many) - self._many

    def share(self, row: int, present: Sequence[bool]) -> float:
        """Return how much of a question these chosen runs are, by weight.

        They are chosen runs of any of its probes.

        The smaller of both ways to tell a template: among the rows as they are, and among a few more.
        """
        low, high = self.first[self.of_row[row][0]], self.first[self.of_row[row][-1] + 1]
        there = np.array(present, dtype=np.float64)
        return float(min(weights[low:high] @ there / weights[low:high].sum() for weights in self._weights))

    def candidates(self, codes: Codes, starts: Ints, owner: Ints) -> tuple[Ints, Ints]:
        """Return (piece, probe) wherever a training text holds enough of a probe, by weight.

        Each start begins a half; a piece is a half and the next one of the same owner.
        """
        runs = self._slot[run_hashes(codes) & self._mask]
        at = np.flatnonzero(runs >= 0)
        found = runs[at]
        self._taught += np.bincount(found, minlength=len(self._taught))
        half = np.searchsorted(starts, at, side="right") - 1
        if len(owner) > len(np.unique(owner)):  # a run counts in the piece that its half begins, and in the one it ends
            second = np.flatnonzero((half > 0) & (owner[half] == owner[half - 1]))
            half, found = np.append(half, half[second] - 1), np.append(found, found[second])
        many = self._many[found]
        entry = np.repeat(self._begin[found] - np.cumsum(many) + many, many) + np.arange(many.sum())
        keys = np.repeat(half, many) * len(self.probes) + self._posted[entry]
        cells, shares = _sum_by_key(keys, self._scaled[entry], size=len(starts) * len(self.probes))
        piece, probe = cells // max(len(self.probes), 1), cells % max(len(self.probes), 1)
        enough = shares >= self.least[probe] - PRUNED
        return piece[enough], probe[enough]


def _sum_by_key(keys: Ints, weights: Floats, *, size: int) -> tuple[Ints, Floats]:
    """The distinct keys and the sum of the weights of each."""
    if size <= _DENSE:
        sums = np.asarray(np.bincount(keys, weights=weights, minlength=size), dtype=np.float64)
        cells = np.flatnonzero(sums).astype(np.int64)
        return cells, sums[cells]
    if not len(keys):
        return keys, weights
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    runs: Floats = np.add.reduceat(weights[order], begins).astype(np.float64)
    return ordered[begins], runs


def least_share(probe: Probe) -> float:
    """Return how much of a probe a copy holds with one character lost.

    The character is lost in the worst place.
    """
    lost = run_length(ord(probe.text[0])) / len(probe.starts)
    return min(0.6, max(0.25, 1 - 1.3 * lost))


def _hash_runs(text: str) -> NDArray[np.uint32]:
    """The hashes of the runs of a plain text, one for each place where a whole run begins."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    whole = len(codes) - 3 + int(len(codes) >= 3 and codes[-3] >= CJK)
    return run_hashes(codes)[: max(whole, 0)]


def _bits(runs: int) -> int:
    """Bits of the table of runs: a quarter of it is filled at most."""
    return min(26, max(20, int(runs * 4).bit_length()))


def _shares(
    every: Sequence[NDArray[np.uint32]], units: Sequence[str], mask: np.uint32
) -> tuple[NDArray[np.int32], int]:
    """In how many units each run stands, by its masked hash, and how many units there are."""
    number = {unit: position for position, unit in enumerate(dict.fromkeys(units))}
    count = np.zeros(int(mask) + 1, dtype=np.int32)
    if not every:
        return count, 0
    pairs = np.concatenate(
        [(own & mask).astype(np.int64) * len(number) + number[unit] for own, unit in zip(every, units, strict=True)]
    )
    pairs.sort()
    first = np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]
    cells = pairs[first] // len(number)
    begins = np.flatnonzero(np.append(True, cells[1:] != cells[:-1])[: len(cells)])
    count[cells[begins]] = np.diff(np.append(begins, len(cells)))
    return count, len(number)


def _probes(row: int, text: str, cells: NDArray[np.uint32], shares: NDArray[np.int32]) -> list[Probe]:
    if not len(cells):
        return []
    last = max(len(text) - LONGEST, 0)
    probes = []
    for begin in sorted({0, last // 2, last}):
        inside = cells[begin : begin + LONGEST - 3]
        rarest = np.lexsort((inside, _scatter(inside), shares[inside]))
        ordered = inside[rarest]
        new = np.append(True, ordered[1:] != ordered[:-1])  # equal runs stand together
        starts = np.sort(rarest[new][:RUNS])
        probes.append(Probe(row, begin, text[begin : begin + LONGEST], tuple(starts.tolist())))
    return probes


def _scatter(cells: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Numbers that put equally rare runs into an order that has nothing to do with their places."""
    return (cells * _HASH[0]) >> np.uint32(16)
