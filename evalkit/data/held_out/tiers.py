"""How surely a held-out question stands in a training row: exactly, normalised, contained, nearly or probably."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from evalkit.core.errors import Location
from evalkit.data.held_out.letters import CJK, PART, plain
from evalkit.data.held_out.probes import Index, Probe, run_length

Tier = Literal["exact", "normalised", "contained", "near", "probable"]
TIERS: tuple[Tier, ...] = ("exact", "normalised", "contained", "near", "probable")
"""From the surest on; `probable` alone is no proof of a leak"""

PROBABLE = 0.7
"""Share of a question's rare runs, by weight, from which it probably stands in a training row"""
NEAR = 0.92
"""The same share from which it nearly does, in whatever order"""
ALIKE = 0.9
"""Likeness of the characters in their order from which it nearly does"""
BRIEF = 24
"""Letters below which a near copy differs in one character only, dropped or added"""
WHOLE = 0.95
"""Share of the characters of a near copy in another order"""
OTHER_NUMBERS = -1.0
"""The likeness of texts that agree but for their numbers"""
KEPT, KEPT_BRIEF = 0.65, 0.45
"""The share of rare runs that a question which is that much alike keeps at least: of a brief one, a single character
takes more with it"""

_NUMBERS = re.compile(r"\d+")
_SPACES = re.compile(r"(?:\\[nrt]|[\W_])+")
"""What stands between words; a line break that was escaped twice too"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A held-out question seen in a training row.

    It holds what proves it, and what is left to weigh at the end.
    """

    where: Location
    tier: Tier
    row: int
    """Of the question among the held-out ones"""
    present: tuple[bool, ...]
    """Which of the chosen runs of all its probes stand there"""
    alike: float


def same_tier(raw: str, texts: Sequence[str]) -> Tier:
    """Return `exact` where a training text is the very question.

    It is `normalised` where only letters agree.
    """
    return "exact" if raw in texts else "normalised"


def literal_tier(question: str, parts: Sequence[str]) -> Tier | None:
    """Return the tier of a question that stands letter for letter in a row.

    It is None where the row's plain texts do not hold the question.
    """
    whole = "".join(parts)
    if question not in whole:
        return None
    for first in range(len(parts)):
        run = ""
        for part in parts[first:]:
            run += part
            if run == question:
                return "normalised"
            if len(run) >= len(question):
                break
    return "contained"


def is_cut_out(question: str, texts: Sequence[str]) -> bool:
    """Return whether a question stands in texts only as part of a word.

    It starts from within a word on, or ends within one ("change" in "exchange").

    Never so where its first and last letters are of a script without spaces, and for what is not brief.
    """
    if len(question) >= BRIEF or (ord(question[0]) >= CJK and ord(question[-1]) >= CJK):
        return False
    words = [plain(word) for text in texts for word in _SPACES.split(text)]
    ends = set(accumulate(map(len, words), initial=0))
    whole = "".join(words)
    at = whole.find(question)
    while at >= 0:
        free = (at in ends or ord(whole[at]) >= CJK, at + len(question) in ends or ord(question[-1]) >= CJK)
        if all(free):
            return False
        at = whole.find(question, at + 1)
    return True


def best_window(probe: Probe, text: str) -> tuple[str, list[bool]]:
    """Find the stretch of a plain text that holds most of the probe's runs.

    Returns the stretch, and which runs it holds.
    """
    runs = probe.runs()
    size = 2 * len(probe.text) + 20
    best, most = text[:size], [run in text[:size] for run in runs]
    step = len(probe.text) // 2 + 10
    for begin in range(step, max(len(text) - size + step, 0), step):
        window = text[begin : begin + size]
        held = [run in window for run in runs]
        if sum(held) > sum(most):
            best, most = window, held
    return best, most


def likeness(probe: Probe, window: str) -> float:
    """Measure how alike the probe and the most similar stretch of the window are.

    It is 0 for less, and -1 where the numbers differ.

    Normalised indel similarity: what must be inserted or deleted, over the characters of both.
    """
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Indel

    text = probe.text
    if not _has_same_numbers(text, window):
        return OTHER_NUMBERS
    least = ALIKE if len(text) >= BRIEF else 1 - 1.5 / (2 * len(text))
    if len(window) <= len(text):
        alike = float(Indel.normalized_similarity(text, window, score_cutoff=least))
    else:
        alike = fuzz.partial_ratio(text, window, score_cutoff=100 * least) / 100
    return alike


def _has_same_numbers(text: str, window: str) -> bool:
    """Whether the window has a text's numbers: 7:45 is no copy of 7:15. One may have lost a digit of three or more.

    Numbers that touch each other in a plain text part where its clauses turn: then the digits are the same in all.
    """
    held, there = _NUMBERS.findall(text), _NUMBERS.findall(window)
    lost = [number for number in held if number not in there]
    edges = [(text.startswith, str.endswith), (text.endswith, str.startswith)]  # there it may touch another number
    lost = [one for one in lost if not any(at(one) and any(is_at(o, one) for o in there) for at, is_at in edges)]
    if not lost:
        return True
    if len(held) != len(there) and sorted("".join(held)) == sorted("".join(there)):
        return True
    (first, *more) = lost
    return not more and len(first) >= 3 and any(_is_cut(first, other) for other in there)


def _is_cut(number: str, other: str) -> bool:
    """Whether the other is the number without one of its digits."""
    return other in (number[:at] + number[at + 1 :] for at in range(len(number)))


def reordered_share(text: str, window: str, texts: Sequence[str]) -> float:
    """Return the share of a text that the window holds as reordered blocks.

    A few blocks stand close together, in any order; it is 0 for less.

    In brief ones the blocks are whole words of the texts that the window is of.
    """
    blocks = _blocks(text, window)
    share = sum(map(len, blocks)) / len(text)
    if share < WHOLE or len(blocks) > 2 + len(text) // 20:
        return 0.0
    longest = max(blocks, key=len)
    anchor = window.find(longest)
    begin, end = anchor, anchor + len(longest)
    for block in sorted(blocks, key=len, reverse=True)[1:]:
        left, right = window.rfind(block, 0, begin), window.find(block, end)
        if left < 0 and right < 0:
            return 0.0
        if right < 0 or (left >= 0 and begin - left - len(block) <= right - end):
            begin = left
        else:
            end = right + len(block)
    if end - begin > 1.15 * len(text) + 2 or (len(text) < BRIEF and any(is_cut_out(one, texts) for one in blocks)):
        return 0.0
    return share


def _blocks(text: str, window: str) -> list[str]:
    """The text from left to right in the longest blocks that the window holds; what is shorter than a run is lost."""
    blocks, at = [], 0
    while at < len(text):
        size = 0
        while at + size < len(text) and text[at : at + size + 1] in window:
            size += 1
        if size >= run_length(ord(text[at])) - 1:
            blocks.append(text[at : at + size])
        at += max(size, 1)
    return blocks


def weigh(index: Index, seen: Sighting, question: str) -> tuple[Tier | None, float]:
    """Return the tier of a sighting and the share behind it.

    It weighs by the weights of the index as they are now.
    """
    if seen.tier in ("exact", "normalised", "contained"):
        return seen.tier, 1.0
    share = index.share(seen.row, seen.present)
    if seen.tier == "probable":
        return ("probable" if share >= PROBABLE else None), share
    kept = KEPT if len(question) >= BRIEF else KEPT_BRIEF
    if seen.alike != OTHER_NUMBERS and share >= NEAR:
        return "near", share
    if seen.alike >= ALIKE and share >= kept:
        return "near", max(share, seen.alike)
    return ("probable", share) if share >= PROBABLE else (None, share)


def parts_of(plain_row: str) -> list[str]:
    """Return the plain texts of one row."""
    return [part for part in plain_row.split(PART) if part]
