"""Patterns as ECMA-262 writes them, rewritten for the package `regex` so that they mean the same there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class BadPattern(ValueError):
    """What is no pattern, or one that means different things to different readers."""


def translate_pattern(pattern: str) -> str:
    """Translate an ECMA-262 pattern into the same pattern for `regex`.

    \\d, \\w, \\b are ASCII, $ is the very end, names and code points are rewritten.

    Read by code points, as the flag `u` has it, but lenient: `{` alone and `[\\w-.]` are literal. A leading `(?i)` and
    groups with Python's spelling of a name are taken too, because every other JSON Schema validator does.
    Raises BadPattern for what ECMA-262 does not have, and for `[]a]` and `{,3}`, which are read in two ways.

    >>> translate_pattern(r"^(?<year>\\d{4})$")
    '^(?P<year>[0-9]{4})\\\\Z'
    """
    flags = re.match(r"\(\?([is]+)\)", pattern)
    reader = _Reader(pattern, at=flags.end() if flags else 0, dot_all=flags is not None and "s" in flags[1])
    while reader.at < len(pattern):
        reader.step()
    return ("(?i)" if flags and "i" in flags[1] else "") + "".join(reader.pieces)


@dataclass(slots=True)
class _Reader:
    text: str
    at: int
    dot_all: bool
    pieces: list[str] = field(default_factory=list)
    repeated: bool = False
    """Whether a quantifier stands just before"""
    sizes: list[int] = field(default_factory=lambda: [0])
    """Pieces in every open group, written out as often as they must come"""
    last: int = 0
    """The size of what stands just before"""

    def step(self) -> None:
        """One character, escape, class, quantifier or opening of a group."""
        char = self.text[self.at]
        if char in "*+?{" and (quantifier := _QUANTIFIER.match(self.text, self.at)):
            if self.repeated:
                raise BadPattern(f"{quantifier[0]!r} repeats what is repeated already")
            self._grow(self.last * max(0, int((quantifier[1] or "1")[:9]) - 1))
            self._take(quantifier.end(), quantifier[0], repeated=True)
        elif char == "{" and _PYTHONS.match(self.text, self.at):
            raise BadPattern("'{,n}' is read in two ways: write '{0,n}'")
        elif char == "[":
            self._class()
        elif char == "(" and self.text.startswith("(?", self.at):
            self._group()
        elif char == "\\":
            self._escape()
        elif char == ".":
            self._take(self.at + 1, _ANYTHING if self.dot_all else _NOT_LINE_END)
        else:
            self._take(self.at + 1, _LITERAL.get(char, char))

    def _take(self, end: int, piece: str, *, repeated: bool = False) -> None:
        if self.text[self.at] == "(":
            self.sizes.append(0)
        elif piece == ")" and len(self.sizes) > 1:
            self.last = self.sizes.pop()
            self._grow(self.last)
        elif not repeated:
            self.last = 1
            self._grow(1)
        self.pieces.append(piece)
        self.at, self.repeated = end, repeated

    def _grow(self, more: int) -> None:
        """`regex` writes out what must come n times, n times."""
        self.sizes[-1] += more
        if self.sizes[-1] > _LARGEST:
            raise BadPattern(f"written out it has more than {_LARGEST:,} pieces")

    def _group(self) -> None:
        opening = _OPENING.match(self.text, self.at)
        if opening is None:
            raise BadPattern(f"{self.text[self.at : self.at + 4]!r} opens no group of ECMA-262")
        name = opening["name"]
        self._take(opening.end(), f"(?P<{name}>" if name else opening[0])

    def _escape(self) -> None:
        letter = self.text[self.at + 1 : self.at + 2]
        if reference := _REFERENCE.match(self.text, self.at):
            self._take(reference.end(), f"\\g<{reference[1] or reference[2]}>")
        elif letter in _OUTSIDE:
            self._take(self.at + 2, _OUTSIDE[letter])
        else:
            end, piece = _character(self.text, self.at)
            self._take(end, piece)

    def _class(self) -> None:
        start = self.at + 1
        negated = self.text.startswith("^", start)
        at = start + negated
        if self.text.startswith("]", at):
            raise BadPattern("']' first in a class is read in two ways: write '\\]', or '[\\s\\S]' for any character")
        members: list[str] = []
        while not self.text.startswith("]", at):
            at, member = self._member(at)
            members.append(member)
        self._take(at + 1, "[" + "^" * negated + "".join(members) + "]")

    def _member(self, at: int) -> tuple[int, str]:
        """One character, set or range of a class."""
        end, first = self._atom(at)
        if self.text.startswith("-", end) and not self.text.startswith("-]", end):
            after, last = self._atom(end + 1)
            if first.startswith(_CODE) and last.startswith(_CODE):  # else the hyphen stands for itself
                if first > last:
                    raise BadPattern(f"the range {self.text[at:after]!r} runs backwards")
                return after, f"{first}-{last}"
        return end, first

    def _atom(self, at: int) -> tuple[int, str]:
        if at >= len(self.text):
            raise BadPattern("a class without an end")
        if self.text.startswith("[:", at):
            raise BadPattern("'[:' in a class is POSIX's, not ECMA-262's")
        if self.text[at] != "\\":
            return at + 1, _code(ord(self.text[at]))
        letter = self.text[at + 1 : at + 2]
        if letter in _INSIDE:
            return at + 2, _INSIDE[letter]
        return _character(self.text, at)


def _character(text: str, at: int) -> tuple[int, str]:
    """Where an escape of one character or property ends, and what it is."""
    found = _ESCAPE.match(text, at)
    if found is None:
        raise BadPattern(f"{text[at : at + 3]!r} is no escape of ECMA-262")
    kind = found.lastgroup or ""
    said = found[kind]
    if kind == "property":
        return found.end(), f"\\{said}"
    if kind == "pair":
        return found.end(), _code(ord(bytes.fromhex(said.replace("\\u", "")).decode("utf-16-be")))
    code = _CODE_OF[kind](said)
    if code > 0x10FFFF:
        raise BadPattern(f"{found[0]!r} is beyond the last character")
    return found.end(), _code(code)


_CODE = "\\U"


def _code(code: int) -> str:
    return f"{_CODE}{code:08x}"


def _complement(ranges: str) -> str:
    """The other characters, for a class: `regex` would read [^\\W] by Unicode."""
    spans = [(ord(pair[0]), ord(pair[-1])) for pair in re.findall(r".-.|.", ranges, re.DOTALL)]
    edges, next_free = [], 0
    for low, high in sorted(spans):
        if low > next_free:
            edges.append(f"{_code(next_free)}-{_code(low - 1)}")
        next_free = high + 1
    return "".join(edges) + f"{_code(next_free)}-{_code(0x10FFFF)}"


_LARGEST = 100_000
_QUANTIFIER = re.compile(r"(?:[*+?]|\{([0-9]+)(?:,[0-9]*)?\})\??")
_PYTHONS = re.compile(r"\{,[0-9]+\}")
_OPENING = re.compile(r"\(\?(?:[:=!]|<[=!]|-?i:|P?<(?P<name>[^\W\d]\w*)>)")
_REFERENCE = re.compile(r"\\(?:k<([^\W\d]\w*)>|([1-9][0-9]*))")
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(
    rf"(?P<pair>{_HIGH}{_LOW})|\\(?:u\{{(?P<wide>[0-9a-fA-F]{{1,8}})\}}|u(?P<four>[0-9a-fA-F]{{4}})"
    r"|x(?P<two>[0-9a-fA-F]{2})|c(?P<control>[A-Za-z])|(?P<property>[pP]\{[\w=]+\}|[pP][A-Z])"
    r"|(?P<named>[tnvfr]|0(?![0-9]))|(?P<itself>[^A-Za-z0-9]))",
    re.DOTALL,
)
_CONTROLS: Mapping[str, int] = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
_CODE_OF: Mapping[str, Callable[[str], int]] = {
    **dict.fromkeys(("wide", "four", "two"), lambda said: int(said, 16)),
    "control": lambda said: ord(said) % 32,
    "named": lambda said: _CONTROLS[said],
    "itself": ord,
}
_DIGIT, _WORD = "0-9", "0-9A-Z_a-z"
_SPACE = "\t-\r \u00a0\u1680\u2000-\u200a\u2028-\u2029\u202f\u205f\u3000\ufeff"
_ANYTHING = f"[{_code(0)}-{_code(0x10FFFF)}]"
_NOT_LINE_END = "[^\\n\\r\u2028\u2029]"
_BEFORE, _AFTER = f"(?<=[{_WORD}])", f"(?=[{_WORD}])"
_NOT_BEFORE, _NOT_AFTER = f"(?<![{_WORD}])", f"(?![{_WORD}])"
_INSIDE: Mapping[str, str] = {
    "d": _DIGIT,
    "w": _WORD,
    "s": _SPACE,
    "D": _complement(_DIGIT),
    "W": _complement(_WORD),
    "S": _complement(_SPACE),
    "b": _code(8),
}
_OUTSIDE: Mapping[str, str] = {
    **{letter: f"[{ranges}]" for letter, ranges in _INSIDE.items()},
    "b": f"(?:{_BEFORE}{_NOT_AFTER}|{_NOT_BEFORE}{_AFTER})",
    "B": f"(?:{_BEFORE}{_AFTER}|{_NOT_BEFORE}{_NOT_AFTER})",
    "A": r"\A",
    "Z": r"\Z",
    "z": r"\Z",
}
_LITERAL: Mapping[str, str] = {"$": r"\Z", "{": r"\{", "}": r"\}", "]": r"\]"}
