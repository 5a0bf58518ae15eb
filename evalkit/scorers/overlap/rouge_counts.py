"""What two token lists have in common, as ROUGE counts it (Lin 2004; the values of rouge-score 0.1.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import LCSseq

Tokens = Sequence[str]


@dataclass(frozen=True, slots=True)
class Counted:
    """Shares of the answer's and of the target's tokens that both have."""

    precision: float
    recall: float

    @property
    def fmeasure(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total > 0 else 0.0


def count_ngrams(target: Tokens, answer: Tokens, n: int) -> Counted:
    """Count the n-grams that both have, each as often as both have it.

    >>> count_ngrams(["a", "b", "c"], ["a", "b"], 2)
    Counted(precision=1.0, recall=0.5)
    """
    wanted, got = _ngrams(target, n), _ngrams(answer, n)
    shared = sum((wanted & got).values())
    return Counted(shared / max(len(answer) - n + 1, 1), shared / max(len(target) - n + 1, 1))


def count_lcs(target: Tokens, answer: Tokens) -> Counted:
    """Measure the longest common subsequence.

    >>> count_lcs(["a", "b", "c", "d"], ["a", "c"])
    Counted(precision=1.0, recall=0.5)
    """
    if not target or not answer:
        return Counted(0.0, 0.0)
    shared = LCSseq.similarity(target, answer)
    return Counted(shared / len(answer), shared / len(target))


def count_summary_lcs(target: Sequence[Tokens], answer: Sequence[Tokens]) -> Counted:
    """Count the union of longest common subsequences, line by line.

    Every line of the target against all lines of the answer; no token counts more often than both sides have it.

    >>> count_summary_lcs([["a", "b"], ["c"]], [["c"], ["a"]])
    Counted(precision=1.0, recall=0.6666666666666666)
    """
    m, n = sum(map(len, target)), sum(map(len, answer))
    if not m or not n:
        return Counted(0.0, 0.0)
    if len(target) == len(answer) == 1:
        return count_lcs(target[0], answer[0])
    left = Counter(token for line in target for token in line), Counter(token for line in answer for token in line)
    hits = 0
    for line in target:
        union: set[int] = set()
        for other in answer:
            union.update(_lcs_places(line, other))
        for place in sorted(union):
            token = line[place]
            if left[0][token] > 0 and left[1][token] > 0:
                hits += 1
                left[0][token] -= 1
                left[1][token] -= 1
    return Counted(hits / n, hits / m)


def _ngrams(tokens: Tokens, n: int) -> Counter[Any]:
    return Counter(tokens) if n == 1 else Counter(zip(*(tokens[at:] for at in range(n)), strict=False))


def _lcs_places(ours: Tokens, theirs: Tokens) -> list[int]:
    """The positions in `ours` of one longest common subsequence: of several the one that rouge-score reads out.

    The rows of the table as bits (Hyyrö 2004): bit j of a row is 0 where its value grows at j.
    """
    places: dict[str, int] = {}
    for at, token in enumerate(theirs):
        places[token] = places.get(token, 0) | 1 << at
    whole = (1 << len(theirs)) - 1
    row, grown = whole, [0]
    for token in ours:
        met = row & places.get(token, 0)
        row = ((row + met) | (row - met)) & whole
        grown.append(whole ^ row)
    i, j, found = len(ours), len(theirs), []
    while i > 0 and j > 0 and grown[i]:
        if ours[i - 1] == theirs[j - 1]:
            found.append(i - 1)
            i, j = i - 1, j - 1
            continue
        mask = (1 << j) - 1
        stays = not grown[i] >> (j - 1) & 1
        if stays and (grown[i] & mask).bit_count() > (grown[i - 1] & mask).bit_count():
            j -= 1
        else:
            i -= 1
    return found
