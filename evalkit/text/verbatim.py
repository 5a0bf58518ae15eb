"""Text said again word for word: the longest run of one text in another, and what of it says nothing of its own.

A run counts the characters that nothing else explains: those of words and phrases that a model was given, or that are
a template, are taken off. Case, width and white space do not count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from evalkit.text.marks import drop_invisible
from evalkit.text.normalize import nfkc

TEMPLATE = 6
"""How heavy a phrase must be to be a template: three words, or six characters of a script without spaces"""
GIVEN = 2
"""How heavy what stands in the prompt must be: one word, or two such characters"""
_WORD = 2
_AT_ONCE = 200_000
"""Characters that are looked through at once"""
_BETWEEN = "\n"
"""Stands between texts; a flat text has none"""
_TOKEN = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|\w|[^\w\s]")
_LETTERS = re.compile(r"\w")

Token = tuple[str, int, int]
"""A word, a character of a script without spaces, or a mark; where it begins and ends"""


def flatten(text: str) -> str:
    """Write a text without case, width, runs of white space and invisible signs.

    >>> flatten("Ｃopper\\n  Otter")
    'copper otter'
    """
    return " ".join(nfkc(drop_invisible(text)).casefold().split())


def tokens(text: str) -> list[Token]:
    """Cut a flat text into tokens.

    They are words, single characters of scripts without spaces, and marks.
    """
    return [(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(text)]


def weigh(token: str) -> int:
    """Weigh a token.

    A word is 2, a character of a script without spaces 1, a mark 0.
    """
    if not _LETTERS.match(token):
        return 0
    return 1 if len(token) == 1 and not token.isascii() else _WORD


def _phrases(cut: Sequence[Token], weight: int) -> Iterator[tuple[str, int, int]]:
    """Every shortest stretch of tokens that is so heavy: its words, and the numbers of its first and last token."""
    end, heavy = 0, 0
    for first in range(len(cut)):
        while heavy < weight and end < len(cut):
            heavy += weigh(cut[end][0])
            end += 1
        if heavy < weight:
            return
        yield "\0".join(token for token, _, _ in cut[first:end]), first, end - 1
        heavy -= weigh(cut[first][0])


@dataclass(slots=True)
class Phrases:
    """The phrases of texts that explain a run, as heavy as `weight`."""

    weight: int
    known: set[str] = field(default_factory=set)

    def add(self, texts: Iterable[str]) -> Phrases:
        """Learn the phrases of texts and return itself."""
        for text in texts:
            self.known.update(phrase for phrase, _, _ in _phrases(tokens(flatten(text)), self.weight))
        return self

    def mark(self, cut: Sequence[Token], covered: bytearray) -> None:
        """Mark the characters of a text that stand in a known phrase.

        `covered` has one byte a character.
        """
        for phrase, first, last in _phrases(cut, self.weight):
            if phrase in self.known:
                start, end = cut[first][1], cut[last][2]
                covered[start:end] = b"\1" * (end - start)


@dataclass(frozen=True, slots=True)
class VerbatimRun:
    """The run of a text in others that counts most.

    `size` are its characters that nothing explains, `text` is all of it, `of` is the number of the text it stands in.
    """

    size: int
    text: str
    of: int = -1


NO_RUN = VerbatimRun(0, "")


class Corpus:
    """Texts that may be said again, compared with many answers at once.

    They are looked through in stretches of `_AT_ONCE` characters, so that long texts take time and no room.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.flat = [flatten(text) for text in texts]

    def find_run(self, answer: str, *, explained: Sequence[Phrases] = ()) -> VerbatimRun:
        """Find the run of one answer, as `find_runs` does."""
        return self.find_runs([(answer, explained)])[0]

    def find_runs(self, answers: Sequence[tuple[str, Sequence[Phrases]]]) -> list[VerbatimRun]:
        """Find the run of each answer in these texts that counts most.

        Of equals it is the first. Characters in phrases that are explained, which stand beside the answer, do not
        count.
        """
        read = [(flat := flatten(text), _count_unexplained(flat, explained)) for text, explained in answers]
        best = [NO_RUN] * len(answers)
        for first, last in self._stretches():
            group = _Group(self.flat[first:last], first)
            for place, (flat, counted) in enumerate(read):
                best[place] = group.find_longer(flat, counted, best[place])
        return best

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """The texts in order, so many that they are about `_AT_ONCE` characters long."""
        first = size = 0
        for place, text in enumerate(self.flat):
            size += len(text)
            if size >= _AT_ONCE:
                yield first, place + 1
                first, size = place + 1, 0
        if first < len(self.flat):
            yield first, len(self.flat)

    def count_holding(self, text: str) -> int:
        """Count the texts that hold another, which is flat."""
        return sum(text in one for one in self.flat)


class _Group:
    """Some texts behind each other, with what finds their stretches."""

    def __init__(self, texts: Sequence[str], first: int) -> None:
        self._first = first
        self._begins = [0, *accumulate(len(text) + 1 for text in texts)]
        self._joined = _BETWEEN.join(texts)
        self._machine = _Automaton(self._joined)

    def find_longer(self, flat: str, counted: Sequence[int], best: VerbatimRun) -> VerbatimRun:
        """The run of an answer that counts more than the best so far, or that one."""
        most, found = best.size, (0, 0)
        for place, (end, size) in enumerate(self._machine.matches(flat), start=1):
            own = counted[place] - counted[place - size]
            if own > most:
                most, found = own, (end - size, end)
        if most == best.size:
            return best
        of = self._first + bisect_right(self._begins, found[0]) - 1
        return VerbatimRun(most, self._joined[slice(*found)].strip(), of)


def longest_possible(text: str, *, explained: Sequence[Phrases] = ()) -> int:
    """Count the characters of a text that nothing explains.

    No run in it counts more.
    """
    return _count_unexplained(flatten(text), explained)[-1]


def _count_unexplained(flat: str, explained: Sequence[Phrases]) -> list[int]:
    """(n + 1,) sums: the characters up to each place that are no space and in no phrase that is explained."""
    cut, covered = tokens(flat), bytearray(len(flat))
    for phrases in explained:
        phrases.mark(cut, covered)
    return [0, *accumulate(not mark and letter != " " for mark, letter in zip(covered, flat, strict=True))]


def overlap(text: str, answer: str, n: int = 4) -> float | None:
    """Return the share of a text's stretches of n words that an answer holds.

    Each counts once; None where the text is shorter. In scripts without spaces a word is a character.
    """
    mine, its = (_grams([token for token, _, _ in tokens(flatten(one))], n) for one in (text, answer))
    return len(mine & its) / len(mine) if mine else None


def _grams(words: Sequence[str], n: int) -> set[tuple[str, ...]]:
    return {tuple(words[place : place + n]) for place in range(len(words) - n + 1)}


class _Automaton:
    """The suffix automaton of a text (Blumer et al. 1985): finds its stretches in linear time."""

    def __init__(self, text: str) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._link, self._size, self._end = [-1], [0], [0]
        last = 0
        for place, letter in enumerate(text, start=1):
            last = self._extend(last, letter, place)

    def _add(self, follows: dict[str, int], link: int, size: int, end: int) -> int:
        self._next.append(follows)
        self._link.append(link)
        self._size.append(size)
        self._end.append(end)
        return len(self._next) - 1

    def _extend(self, last: int, letter: str, end: int) -> int:
        new = self._add({}, 0, self._size[last] + 1, end)
        state = last
        while state >= 0 and letter not in self._next[state]:
            self._next[state][letter] = new
            state = self._link[state]
        if state < 0:
            return new
        follows = self._next[state][letter]
        if self._size[state] + 1 == self._size[follows]:
            self._link[new] = follows
            return new
        copy = self._add(dict(self._next[follows]), self._link[follows], self._size[state] + 1, self._end[follows])
        while state >= 0 and self._next[state].get(letter) == follows:
            self._next[state][letter] = copy
            state = self._link[state]
        self._link[follows] = self._link[new] = copy
        return new

    def matches(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield for every character the longest stretch that ends there: its end in the text, and its size."""
        state = size = 0
        for letter in text:
            while state and letter not in self._next[state]:
                state = self._link[state]
                size = self._size[state]
            if letter in self._next[state]:
                state, size = self._next[state][letter], size + 1
            else:
                size = 0
            yield self._end[state], size
