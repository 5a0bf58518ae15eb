"""A text with the words of one group put in the place of another's, whole or not at all.

At every place the longest of word, stop and refused word counts. What cannot be taken back exactly is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import regex

from evalkit.suite.word_lists import WORD, WordList

_LATIN = regex.compile(r"[A-Za-z0-9]")
_AN = regex.compile(r"(?i)^(?:[aeio]|u(?!ni|se)|hour|honest|heir)(?!ne?\b)")
_A_BEFORE = regex.compile(r"(?i)\b(an?)( +)$")


@dataclass(frozen=True, slots=True)
class WordMention:
    """A word of a list in a text: where, and whose.

    `row` is None where it has no unique partner.
    """

    start: int
    end: int
    text: str
    row: int | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """What became of a text.

    `state` is "swapped", "unchanged" (no word of the list) or "refused"; then `because` names what stood in the way.
    """

    state: Literal["swapped", "unchanged", "refused"]
    text: str
    because: str = ""
    word: str = ""


class Swapper:
    """The rules of one list, compiled."""

    def __init__(self, words: WordList) -> None:
        """Take the list."""
        self.words = words
        self._places = {
            self._key(word): (number, value)
            for number, row in enumerate(words.rows)
            for word, value in zip(row, words.values, strict=True)
            if word is not None
        }

    def find(self, text: str) -> tuple[WordMention, ...]:
        """Return the words of the list in a text, left to right.

        Stop words are passed over.
        """
        return tuple(self._scan(text))

    def values_in(self, text: str) -> tuple[str, ...]:
        """Return whose words stand in a text, in the order of the list."""
        seen = {one.value for one in self.find(text)}
        return tuple(value for value in self.words.values if value in seen)

    def swap(self, text: str, *, to: str | None = None) -> Swap:
        """Put the words of `to` in the place of all others.

        None is for a pair: each word in the place of the other. Refused: a word without a unique partner, words of
        several values where `to` would mix them, and whatever would not come back exactly.
        """
        found = self.find(text)
        refused = self._refusal(found, to)
        if refused is not None:
            return Swap(state="refused", text=text, because=refused[1], word=refused[0])
        moved = [one for one in found if one.value != to]
        if not moved:
            return Swap(state="unchanged", text=text)
        made = self._replace(text, moved, to)
        if made is None:
            lacking = next(one for one in moved if self._partner(one, to) is None)
            return Swap(state="refused", text=text, because=f"has no word for {to}", word=lacking.text)
        back = self._replace(made, list(self.find(made)), None if to is None else moved[0].value)
        if back != text or len(self.find(made)) != len(found):
            return Swap(state="refused", text=text, because="would not come back as it was", word=moved[0].text)
        return Swap(state="swapped", text=made)

    def _refusal(self, found: tuple[WordMention, ...], to: str | None) -> tuple[str, str] | None:
        """The word that stands in the way, and how."""
        for one in found:
            if one.row is None:
                return one.text, "has no unique partner"
        if to is None and not self.words.is_pair and found:
            return found[0].text, "may become several words: say which value is wanted"
        if to is not None and len({one.value for one in found}) > 1:
            return found[-1].text, "stands beside a word of another value"
        return None

    def _partner(self, one: WordMention, to: str | None) -> str | None:
        assert one.row is not None
        values = self.words.values
        wanted = to or values[1 - values.index(one.value or "")]
        return self.words.rows[one.row][values.index(wanted)]

    def _replace(self, text: str, found: list[WordMention], to: str | None) -> str | None:
        out, at = "", 0
        for one in found:
            partner = None if one.row is None else self._partner(one, to)
            if partner is None:
                return None
            if self.words.case == "fold":
                partner = _written_like(one.text, partner)
            out += text[at : one.start]
            out = _with_article(out, partner) if self.words.boundary else out
            out += partner
            at = one.end
        return out + text[at:]

    def _scan(self, text: str) -> Iterator[WordMention]:
        at = 0
        while (first := self._any.search(text, at)) is not None:
            start = first.start()
            ends = [(self._end(pattern, text, start), rank) for rank, pattern in enumerate(self._kinds)]
            end, rank = max(ends, key=lambda pair: (pair[0], -pair[1]))
            if end <= start:
                at = start + 1
                continue
            word = text[start:end]
            if rank in (1, 3):
                yield WordMention(start, end, word)
            elif rank == 2:
                yield WordMention(start, end, word, *self._places[self._key(word)])
            at = end

    def _end(self, patterns: tuple[Any, ...], text: str, start: int) -> int:
        ends = [hit.end() for pattern in patterns if (hit := pattern.match(text, start))]
        return max(ends, default=-1)

    @cached_property
    def _kinds(self) -> tuple[tuple[Any, ...], ...]:
        """Patterns of stops, of refused words, of words, of other words of the kind; the first wins a tie."""
        words = self._literals([word for row in self.words.rows for word in row if word is not None])
        needed = [need.replace(WORD, words) for need in self.words.needs] or [words]
        sources = (
            [self._literals(self.words.stop), *self.words.stop_patterns],
            [self._literals(self.words.refuse), *self.words.refuse_patterns],
            needed,
            list(self.words.refuse_others),
        )
        return tuple(tuple(regex.compile(one, self._flags) for one in some if one) for some in sources)

    @cached_property
    def _any(self) -> Any:
        every = [pattern.pattern for patterns in self._kinds for pattern in patterns]
        return regex.compile("|".join(f"(?:{one})" for one in every), self._flags)

    @property
    def _flags(self) -> int:
        return int(regex.IGNORECASE) if self.words.case == "fold" else 0

    def _literals(self, words: list[str]) -> str:
        """An alternation, longest first; whole words where the list says so and they are in Latin letters."""
        parts = [self._literal(word) for word in sorted(set(words), key=lambda word: (-len(word), word))]
        return f"(?:{'|'.join(parts)})" if parts else ""

    def _literal(self, word: str) -> str:
        plain = regex.escape(word, special_only=True)
        if not (self.words.boundary and _LATIN.search(word)):
            return str(plain)
        left = r"(?<![A-Za-z0-9])" if _LATIN.match(word[0]) else ""
        right = r"(?![A-Za-z0-9])" if _LATIN.match(word[-1]) else ""
        return f"{left}{plain}{right}"

    def _key(self, word: str) -> str:
        return word.casefold() if self.words.case == "fold" else word


@lru_cache(maxsize=64)
def _compile(dumped: str) -> Swapper:
    return Swapper(WordList.model_validate_json(dumped))


def swapper(words: WordList) -> Swapper:
    """Return the compiled rules of a list; the same list is compiled once."""
    return _compile(words.model_dump_json())


def _written_like(old: str, new: str) -> str:
    """`new` in the case of `old`: lower, Capitalised or UPPER."""
    letters = [sign for sign in old if sign.isalpha()]
    if len(letters) > 1 and all(sign.isupper() for sign in letters):
        return new.upper()
    if all(sign.islower() for sign in letters):
        return new.lower()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _with_article(before: str, word: str) -> str:
    """What stands before a word, with a or an as the word asks for."""
    hit = _A_BEFORE.search(before)
    if hit is None or not _LATIN.match(word[:1]):
        return before
    article = "an" if _AN.search(word) else "a"
    old = hit[1]
    article = article.upper() if old.isupper() and len(old) > 1 else article
    article = article[0].upper() + article[1:] if old[0].isupper() else article
    return f"{before[: hit.start()]}{article}{hit[2]}"
