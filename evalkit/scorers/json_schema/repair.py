"""JSON as models write it, read by a grammar in which every byte has a meaning and every departure a name.

Nothing is guessed: a repeated key, NaN, a comma that is missing, a text or a number that the end cuts off has no
reading here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from evalkit.core.exchange import Json
from evalkit.core.numerals import finite, whole

_OPEN_FENCE = re.compile(r"```[a-zA-Z0-9]*[ \t]*\r?\n")
_BEGIN = re.compile(r"(?<!\[)\[[0-9]{1,3}\](?=[^\s\]]*[\s.,;:)])|([{\[｛［])")
"""A footnote such as [1], or the first bracket"""


class _NoReading(ValueError):
    """A byte that has no meaning here."""


def repair_json(text: str, *, cut: bool = False) -> tuple[Json, tuple[str, ...]] | None:
    """Repair a text to the object or array it was meant to be.

    Returns it with the repairs it took; None where that would be a guess.

    Nothing is returned for prose, for several values, or where what is wrong has no name here. Repairs: fence, prose,
    trailing comma, quotes, unquoted key, comment, python literal, line break in string, escape, full-width punctuation,
    spacing, truncation (closing brackets alone are missing; never where the answer was `cut` at its limit).

    >>> repair_json("{'a': True, 'b': [1, 2]")
    ({'a': True, 'b': [1, 2]}, ('python literal', 'quotes', 'truncation'))
    >>> repair_json('{"a": 1, "b": 2') is None
    True
    """
    start = next((m.start() for m in _BEGIN.finditer(text) if m[1]), -1)
    if start < 0:
        return None
    before, body = text[:start], text[start:]
    fenced = bool(_OPEN_FENCE.search(before))
    if fenced and body.rstrip().endswith("```"):
        body = body.rstrip().removesuffix("```")
    reader = _Reader(body)
    try:
        value = reader.value()
    except _NoReading:
        return None
    after = body[reader.at :]
    if (reader.cut_off and cut) or re.search(r"[{}\[\]｛｝［］]", after) or not reader.faults or not value:
        return None
    if fenced:
        reader.faults.add("fence")
    elif before.strip() or after.strip():
        reader.faults.add("prose")
    return value, tuple(sorted(reader.faults))


_SPACE = re.compile(r"[ \t\r\n]+")
_OTHER_SPACE = re.compile(r"[\s\ufeff]+")
_COMMENT = re.compile(r"(?://|#)[^\r\n]*|/\*.*?\*/", re.DOTALL)
_NUMBER = re.compile(r"[-+.0-9eE０-９－−．]+")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_ASCII = str.maketrans("０１２３４５６７８９－−．", "0123456789--.")
_WORD = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_WORDS: dict[str, tuple[Json, str]] = {
    "true": (True, ""), "false": (False, ""), "null": (None, ""),
    "True": (True, "python literal"), "False": (False, "python literal"), "None": (None, "python literal"),
}  # fmt: skip
_QUOTES = {
    '"': '"', "'": "'", "“": "”", "”": "”", "„": "”“", "‘": "’", "’": "’", "＂": "＂", "＇": "＇", "«": "»", "「": "」",
}  # fmt: skip
"""Opening quotes with those that close them"""
_PLAIN = {quote: re.compile(rf"[^\\{closing}\x00-\x1f]+") for quote, closing in _QUOTES.items()}
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_BREAKS = re.compile(r"[\n\r\t]+")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_MARKS = {"{": "{｛", "}": "}｝", "[": "[［", "]": "]］", ":": ":：", ",": ",，、"}
_DEEPEST = 64


@dataclass(slots=True)
class _Reader:
    """Reads from the start of `text`; `faults` are the departures from JSON, `at` is where the value ends."""

    text: str
    at: int = 0
    depth: int = 0
    cut_off: bool = False
    """The text ended behind a whole member or element, before its brackets were closed"""
    faults: set[str] = field(default_factory=set)

    def value(self) -> Json:
        """The value that begins here. Raises _NoReading."""
        if self._mark("{"):
            return self._inside(self._object)
        if self._mark("["):
            return self._inside(self._array)
        if self.text[self.at : self.at + 1] in _QUOTES and self.at < len(self.text):
            return self._string()
        if number := _NUMBER.match(self.text, self.at):
            return self._number(number)
        word = _WORD.match(self.text, self.at)
        if word is None or word[0] not in _WORDS:
            raise _NoReading
        value, fault = _WORDS[word[0]]
        self.faults.update({fault} - {""})
        self.at = word.end()
        return value

    def _inside(self, read: Callable[[], Json]) -> Json:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _NoReading
        value = read()
        self.depth -= 1
        return value

    def _object(self) -> dict[str, Json]:
        found: dict[str, Json] = {}
        more = not self._closes("}")
        while more:
            key = self._key()
            self._space()
            if key in found or not self._mark(":"):
                raise _NoReading
            self._space()
            found[key] = self.value()
            more = self._goes_on("}")
        return found

    def _array(self) -> list[Json]:
        found: list[Json] = []
        more = not self._closes("]")
        while more:
            found.append(self.value())
            more = self._goes_on("]")
        return found

    def _closes(self, closing: str) -> bool:
        """Whether nothing stands in the brackets that were just opened."""
        self._space()
        return self._mark(closing)

    def _goes_on(self, closing: str) -> bool:
        """Behind a member or an element: whether another one follows. Raises _NoReading for neither comma nor end."""
        number = self.text[self.at - 1 : self.at]
        self._space()
        if self.at == len(self.text):
            if number.isdigit():  # it may go on
                raise _NoReading
            self.cut_off = True
            self.faults.add("truncation")
            return False
        if self._mark(closing):
            return False
        if not self._mark(","):
            raise _NoReading
        self._space()
        if self._mark(closing):
            self.faults.add("trailing comma")
            return False
        return True

    def _key(self) -> str:
        if self.text[self.at : self.at + 1] in _QUOTES and self.at < len(self.text):
            return self._string()
        word = _WORD.match(self.text, self.at)
        if word is None:
            raise _NoReading
        self.faults.add("unquoted key")
        self.at = word.end()
        return word[0]

    def _string(self) -> str:
        quote = self.text[self.at]
        if quote != '"':
            self.faults.add("quotes" if quote in "'“”„‘’«" else "full-width punctuation")
        self.at += 1
        pieces: list[str] = []
        while self.text[self.at : self.at + 1] not in _QUOTES[quote] or self.at >= len(self.text):
            pieces.append(self._piece(quote))
        self.at += 1
        return "".join(pieces)

    def _piece(self, quote: str) -> str:
        """What stands before the next escape, control character or closing quote; or that escape or character."""
        if plain := _PLAIN[quote].match(self.text, self.at):
            self.at = plain.end()
            return plain[0]
        if breaks := _BREAKS.match(self.text, self.at):
            self.at = breaks.end()
            self.faults.add("tab in string" if breaks[0].strip("\t") == "" else "line break in string")
            return breaks[0]
        if self.text[self.at : self.at + 1] != "\\":
            raise _NoReading
        self.at += 1
        letter = self.text[self.at : self.at + 1]
        self.at += 1
        if letter == "u" and (code := _HEX.match(self.text, self.at)):
            return self._character(code)
        if letter == "'":
            self.faults.update({"escape"} if quote != "'" else ())
            return "'"
        if letter not in _ESCAPES:
            raise _NoReading
        return _ESCAPES[letter]

    def _character(self, code: re.Match[str]) -> str:
        self.at = code.end()
        low = _LOW.match(self.text, self.at)
        if "d800" <= code[0].lower() <= "dbff" and low:
            self.at = low.end()
            return chr(0x10000 + (int(code[0], 16) - 0xD800) * 0x400 + int(low[1], 16) - 0xDC00)
        return chr(int(code[0], 16))

    def _number(self, number: re.Match[str]) -> Json:
        plain = number[0].translate(_ASCII)
        read = _JSON_NUMBER.fullmatch(plain)
        if read is None or _WORD.match(self.text, number.end()):
            raise _NoReading
        if plain != number[0]:
            self.faults.add("full-width punctuation")
        self.at = number.end()
        try:
            return finite(plain) if read[1] or read[2] else whole(plain)
        except ValueError:
            raise _NoReading from None

    def _mark(self, plain: str) -> bool:
        """Whether this mark stands here, full-width or not; it is passed."""
        char = self.text[self.at : self.at + 1]
        if not char or char not in _MARKS[plain]:
            return False
        if char != plain:
            self.faults.add("full-width punctuation")
        self.at += 1
        return True

    def _space(self) -> None:
        """White space and comments."""
        while True:
            if space := _SPACE.match(self.text, self.at):
                self.at = space.end()
            elif other := _OTHER_SPACE.match(self.text, self.at):
                self.faults.add("spacing")
                self.at = other.end()
            elif comment := _COMMENT.match(self.text, self.at):
                self.faults.add("comment")
                self.at = comment.end()
            else:
                return


_LOW = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
