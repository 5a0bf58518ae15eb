"""A sentence of the catalogue: its English with holes for figures, and its Japanese with the same holes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["any", "figure", "name", "sentence", "quote"]
_KINDS: dict[str, Kind] = {"": "any", "#": "figure", "!": "name", "*": "sentence", "~": "quote"}
_HOLE = re.compile(r"\{(\w+)([#!*~]?)(\??)\}")
_FIGURE = re.compile(r"[+\-−±]?(?:\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)%?(?: points?| pp| s| USD)?|–")
_WORD = re.compile(r"[a-zA-Z]{2,}")
_MOST_TRIES = 400


def is_figure(text: str) -> bool:
    """Tell whether a text is a number, with its sign and unit.

    >>> is_figure("+2.9 points"), is_figure("refund")
    (True, False)
    """
    return _FIGURE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A place in a sentence that differs from one time to the next.

    `{n#}` is a figure, `{slice!}` a name that is shown as it is, `{answer~}` other people's text or a command, which is
    shown as it is, too, however long; `{why*}` is another sentence of the catalogue, `{what}` whichever of all these it
    turns out to be. A question mark behind says that it may be empty.
    """

    name: str
    kind: Kind
    empty: bool

    def takes(self, text: str) -> bool:
        """Tell whether a text can stand here."""
        if not text:
            return self.empty
        return self.kind != "figure" or is_figure(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One sentence in both languages; `literals` are the English words around the holes."""

    literals: tuple[str, ...]
    holes: tuple[Hole, ...]
    japanese: str
    weight: int
    """How many characters of a text it explains by itself"""
    loose: int
    """How many of its holes take other people's text, whatever it is"""

    @property
    def words(self) -> tuple[str, ...]:
        """The whole words that every text of this sentence has."""
        joined = "\0".join(self.literals)
        found = (
            (m[0], joined[m.start() - 1 : m.start()], joined[m.end() : m.end() + 1]) for m in _WORD.finditer(joined)
        )
        return tuple(word for word, before, behind in found if "\0" not in (before, behind))

    def fits(self, text: str) -> bool:
        """Tell at little cost whether a text may be of this sentence."""
        if len(text) < self.weight or not text.startswith(self.literals[0]) or not text.endswith(self.literals[-1]):
            return False
        return all(literal in text for literal in self.literals)

    def splits(self, text: str) -> Iterator[tuple[str, ...]]:
        """Yield what may have stood in the holes of a text.

        The shortest first; nothing where it is another text.
        """
        first, last = self.literals[0], self.literals[-1]
        tries = [_MOST_TRIES]
        yield from self._fill(text, len(first), 0, len(text) - len(last), tries)

    def _fill(self, text: str, start: int, at: int, end: int, tries: list[int]) -> Iterator[tuple[str, ...]]:
        if at == len(self.holes):
            if start == end:
                yield ()
            return
        hole = self.holes[at]
        if at == len(self.holes) - 1:
            if start <= end and hole.takes(text[start:end]):
                yield (text[start:end],)
            return
        literal = self.literals[at + 1]
        found = text.find(literal, start, end)
        while found != -1 and tries[0] > 0:
            tries[0] -= 1
            if hole.takes(text[start:found]):
                for rest in self._fill(text, found + len(literal), at + 1, end, tries):
                    yield (text[start:found], *rest)
            found = text.find(literal, found + 1, end) if found < end else -1

    def say(self, told: dict[str, str]) -> str:
        """Write the Japanese with what stands in the holes."""
        return _HOLE.sub(lambda hole: told[hole[1]], self.japanese)


def read_template(english: str, japanese: str) -> Template:
    """Read a pair of the catalogue.

    Full stops at the end belong to the text, not to the sentence. Raises ValueError where the languages do not have
    the same holes.
    """
    english, japanese = english.removesuffix("."), japanese.removesuffix("。")
    pieces = _HOLE.split(english)
    holes = tuple(
        Hole(name=name, kind=_KINDS[kind], empty=bool(empty))
        for name, kind, empty in zip(pieces[1::4], pieces[2::4], pieces[3::4], strict=True)
    )
    names = {hole.name for hole in holes}
    if names != {hole[0] for hole in _HOLE.findall(japanese)} or len(names) != len(holes):
        raise ValueError(f"not the same holes in both languages: {english!r}, {japanese!r}")
    literals = tuple(pieces[0::4])
    weight, loose = sum(map(len, literals)), sum(hole.kind == "quote" for hole in holes)
    return Template(literals=literals, holes=holes, japanese=japanese, weight=weight, loose=loose)


def has_holes(sentence: str) -> bool:
    """Tell whether a sentence of the catalogue differs from one time to the next.

    >>> has_holes("{n#} cases"), has_holes("`when: {tag: value}`")
    (True, False)
    """
    return _HOLE.search(sentence) is not None


def skeleton(sentence: str) -> str:
    """Return a sentence of the catalogue with bare holes, as the source writes it.

    >>> skeleton("{n#} of {slice!} fell")
    '{} of {} fell'
    """
    return _HOLE.sub("{}", sentence)
