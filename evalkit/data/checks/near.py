"""Rows that ask nearly the same: found by MinHash over what is rare in the set, then compared letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from evalkit.core.data_report import DataFinding, DataPlace
from evalkit.data.checks.base import PLACES, place_of_row, safe
from evalkit.data.checks.data_row import DataRow
from evalkit.data.checks.stream import DataSource, Unread
from evalkit.data.held_out.letters import plain
from evalkit.data.integrity import NEAR

_SHINGLE = 5
_CELLS = 1 << 24
_BANDS, _ROWS = 16, 3
_HASHES = _BANDS * _ROWS
_NEIGHBOURS = 4
"""Rows of one bucket that each is compared with"""
_LIKELY = 0.5
"""Estimated share of rare shingles from which two rows are compared"""
_SHARED = 0.45
"""Share of rare shingles that two rows have in common at least: a template alone makes no copies"""
_COMMON = 0.005
_LEAST_COMMON, _MOST_COMMON = 3, 20
"""Shingles in more rows (a share of them, or so many) belong to a template"""
_LETTERS = 15
_DIGITS = re.compile(r"\d+")
_PAIRS = 100_000
_BATCH = 300_000
_LONGEST = 4_000


class _Shingles:
    """The hashed runs of letters of many texts, and how often each stands in the set."""

    def __init__(self) -> None:
        import numpy as np

        self.np = np
        self.counts = np.zeros(_CELLS, np.uint32)
        dice = np.random.default_rng(20_011)
        self.factors = dice.integers(1, 1 << 31, _HASHES, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
        self.limit = _LEAST_COMMON

    def cells(self, texts: Sequence[str]) -> tuple[Any, Any]:
        """All runs of the texts as cells, and how many each text has."""
        np = self.np
        lengths = np.array([len(text) for text in texts])
        signs = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
        counts = np.maximum(lengths - _SHINGLE + 1, 0)
        if len(signs) < _SHINGLE:
            return np.zeros(0, np.int64), counts
        mixed = np.zeros(len(signs) - _SHINGLE + 1, np.uint64)
        for at in range(_SHINGLE):
            mixed = mixed * np.uint64(0x100000001B3) + signs[at : len(signs) - _SHINGLE + 1 + at]
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        begins = np.cumsum(lengths) - lengths
        place = np.arange(len(mixed))
        text = np.searchsorted(begins, place, side="right") - 1
        inside = place - begins[text] < counts[text]
        return (mixed[inside] >> np.uint64(40)).astype(np.int64), counts

    def count(self, texts: Sequence[str]) -> None:
        cells, _ = self.cells(texts)
        self.counts += self.np.bincount(cells, minlength=_CELLS).astype(self.np.uint32)

    def sign(self, texts: Sequence[str]) -> Any:
        """The MinHash signature of the rare runs of each text; all ones where it has fewer than five."""
        np = self.np
        cells, counts = self.cells(texts)
        rare = self.counts[cells] <= self.limit
        owner = np.repeat(np.arange(len(texts)), counts)[rare]
        kept = np.bincount(owner, minlength=len(texts))
        values = cells[rare].astype(np.uint32)
        signature = np.full((len(texts), _HASHES), 0xFFFFFFFF, np.uint32)
        some = kept > 0
        if some.any():
            starts = (np.cumsum(kept) - kept)[some]
            for at, factor in enumerate(self.factors):
                signature[some, at] = np.minimum.reduceat((values + np.uint32(at)) * factor, starts)
        signature[kept < 5] = 0xFFFFFFFF
        return signature

    def rare(self, text: str) -> frozenset[int]:
        cells, _ = self.cells([text])
        return frozenset(cells[self.counts[cells] <= self.limit].tolist())


def find_near_copies(source: DataSource, *, rows: int) -> Iterator[DataFinding]:
    """Find pairs of rows whose questions are nearly the same, letter for letter.

    Questions that are quite the same are told by `repeats`; those that differ in numbers alone are none. Rows are read
    three times; 192 bytes a row and 64 MB are kept. A finding says so where there were more likely pairs than are
    compared (100,000).
    """
    shingles = _Shingles()
    for _, texts in _batches(source):
        shingles.count(texts)
    shingles.limit = max(_LEAST_COMMON, min(_MOST_COMMON, rows // 50), int(_COMMON * rows))
    np = shingles.np
    signatures = np.concatenate([shingles.sign(texts) for _, texts in _batches(source)])
    pairs = _likely_pairs(np, signatures)
    more = len(pairs) - _PAIRS
    pairs = pairs[:_PAIRS]
    if not len(pairs):
        return
    kept = _read_texts(source, {int(at) + 1 for at in pairs.ravel()})
    found = _compare(shingles, kept, pairs)
    if found:
        yield _as_finding(found, more)


def _as_finding(found: Sequence[tuple[float, int, DataPlace, DataPlace]], more: int) -> DataFinding:
    places = tuple(
        replace(b, excerpt=f"≈ {a} ({share:.0%}): {b.excerpt}")
        for share, _, a, b in sorted(found, key=lambda one: (-one[0], one[1]))[:PLACES]
    )
    what = "the question is nearly the same as one before it"
    if more > 0:
        what = f"the question is nearly the same as one before it ({_PAIRS:,} likely pairs were compared, not all)"
    return DataFinding(
        check="near", level="warning", what=what, rows=len({number for _, number, _, _ in found}), places=places,
        todo="give such rows one `cluster`, or n is overstated; in training data keep one, and never split them",
    )  # fmt: skip


def _question(row: DataRow) -> str:
    said = (turn.text for turn in row.turns if turn.role not in ("system", "developer") and not turn.learned)
    return plain("\n".join((*said, row.offered))[:_LONGEST])


def _batches(source: DataSource) -> Iterator[tuple[int, list[str]]]:
    """The letters of the questions, many at once, with the number of rows before them."""
    texts: list[str] = []
    size = before = 0
    for row in source.rows(Unread(), examples=False):
        texts.append(_question(row))
        size += len(texts[-1])
        if size >= _BATCH:
            yield before, texts
            before, texts, size = before + len(texts), [], 0
    yield before, texts


def _likely_pairs(np: Any, signatures: Any) -> Any:
    """Pairs of rows that share a band of their signatures and are likely alike; the likeliest first."""
    known = np.flatnonzero(signatures[:, 0] != 0xFFFFFFFF)
    signed = signatures[known]
    found = []
    for band in range(_BANDS):
        part = signed[:, band * _ROWS : (band + 1) * _ROWS].astype(np.uint64)
        key = (part[:, 0] * np.uint64(0x9E3779B97F4A7C15) + part[:, 1]) * np.uint64(0xC2B2AE3D27D4EB4F) + part[:, 2]
        order = np.argsort(key, kind="stable")
        key = key[order]
        for step in range(1, _NEIGHBOURS + 1):
            at = np.flatnonzero(key[step:] == key[:-step])
            one, two = order[at], order[at + step]
            for begin in range(0, len(one), 1 << 16):
                a, b = one[begin : begin + (1 << 16)], two[begin : begin + (1 << 16)]
                share = (signed[a] == signed[b]).mean(axis=1)
                likely = share >= _LIKELY
                found.append(np.c_[np.minimum(a, b)[likely], np.maximum(a, b)[likely], (share[likely] * 1e6)])
    if not found:
        return np.zeros((0, 2), np.int64)
    pairs = np.unique(np.concatenate(found).astype(np.int64), axis=0)
    order = np.argsort(-pairs[:, 2], kind="stable")
    return known[pairs[order, :2]]


def _read_texts(source: DataSource, wanted: set[int]) -> dict[int, tuple[str, DataPlace, str]]:
    """The letters, the place and the unit of the rows that are compared."""
    kept: dict[int, tuple[str, DataPlace, str]] = {}
    last = max(wanted)
    for row in source.rows(Unread(), examples=False):
        if row.number in wanted:
            cluster = row.raw.get("cluster")
            kept[row.number] = _question(row), place_of_row(row), safe(str(cluster)) if cluster is not None else ""
        if row.number >= last:
            break
    return kept


def _compare(
    shingles: _Shingles, kept: dict[int, tuple[str, DataPlace, str]], pairs: Any
) -> list[tuple[float, int, DataPlace, DataPlace]]:
    from rapidfuzz.distance import Indel

    found = []
    for one, other in pairs:
        text, place, unit = kept[int(one) + 1]
        again, at, of = kept[int(other) + 1]
        if (
            _DIGITS.sub("0", text) == _DIGITS.sub("0", again)
            or min(len(text), len(again)) < _LETTERS
            or (unit and unit == of)
        ):
            continue
        share = Indel.normalized_similarity(text, again, score_cutoff=NEAR)
        if share < NEAR:
            continue
        mine, theirs = shingles.rare(text), shingles.rare(again)
        if len(mine & theirs) >= _SHARED * len(mine | theirs):
            found.append((share, int(other) + 1, place, at))
    return found
