"""Characters that are not what was meant: wrong encodings, invisible marks, two widths of one letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from evalkit.core.data_report import DataFinding, Level
from evalkit.data.checks.base import Hits, RowCheck
from evalkit.data.checks.data_row import DataRow
from evalkit.text.mojibake import find_mojibake
from evalkit.text.outgoing import UNSEEN

_UNSEEN = re.compile(UNSEEN)
_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_TAGS = range(0xE0000, 0xE0080)
_QUESTION_MARKS = re.compile(r"[?？\s、。!！・]*[?？]{4}[?？\s、。!！・]*")
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4}){3,}")
_TWO_ALPHABETS = re.compile(r"[A-Za-z][\u0400-\u04ff][A-Za-z]|[\u0400-\u04ff][A-Za-z][\u0400-\u04ff]{2}")
_HALF_KANA = re.compile("[ｦ-ﾝ]{2,}")
_PLAIN_DIGIT = re.compile("[0-9]")
_WIDE_DIGIT = re.compile("[０-９]")
_ODD = re.compile(
    "[^\t\n\x20-\x7e\u2013\u2014\u2018-\u201d\u2026\u3000-\u30ff\u4e00-\u7e39\u7e3b-\u7e5c\u7e5e-\u7e66\u7e68-\u9fff\uff01-\uff65]"
)
"""What is neither plain ASCII nor common Japanese, and the kanji that damaged text is full of"""
_BOTH = 0.02
"""Share of rows in the rarer width from which a mix of widths is told"""
WHAT: Mapping[str, tuple[Level, str, str]] = {
    "mojibake": (
        "warning",
        "text was read in the wrong encoding (mojibake)",
        "read the source again in its own encoding, e.g. --encoding cp932",
    ),
    "replaced": (
        "warning",
        "characters were lost: U+FFFD stands in their place",
        "read the source again in its own encoding, e.g. --encoding cp932",
    ),
    "questions": (
        "warning",
        "a text is nothing but question marks: its characters may be lost",
        "read the source again in its own encoding, e.g. --encoding cp932",
    ),
    "direction": (
        "warning",
        "invisible marks that turn the direction of text",
        "take them out: they hide what a text says",
    ),
    "tags": (
        "warning",
        "invisible characters that can carry hidden text",
        "take them out: a model reads them, and people do not",
    ),
    "control": ("warning", "control characters in a text", "take them out"),
    "unseen": ("advice", "invisible characters in a text", "take them out, or make sure that users write them as well"),
    "alphabets": ("warning", "Latin and Cyrillic letters within one word", "write the word in one alphabet"),
    "escaped": ("advice", "characters are escaped twice", "decode them once"),
    "half kana": ("advice", "half-width katakana", "write it full-width (NFKC), or keep it where users write so"),
}
"""Fault -> level, what is said, what to do"""


class Characters(RowCheck):
    """Counts damaged text and marks that nobody sees."""

    name = "characters"

    def __init__(self) -> None:
        self.hits: dict[str, Hits] = {key: Hits() for key in WHAT}
        self.wide, self.narrow, self.both = Hits(), Hits(), Hits()

    def look(self, row: DataRow) -> None:
        """Look at every text of a row."""
        for turn in row.turns:
            text = turn.text
            if text.isascii():
                if not text.isprintable() or "\\u" in text or "????" in text:
                    self._ascii(row, text)
            elif _ODD.search(text) or "\\u" in text or "??" in text or "？？" in text:
                self._other(row, text)
        if row.rejected and not row.rejected.isascii():
            self._other(row, row.rejected)
        self._widths(row)

    def _ascii(self, row: DataRow, text: str) -> None:
        if _ESCAPED.search(text):
            self.hits["escaped"].add(row, excerpt=_around(text, _ESCAPED))
        if _QUESTION_MARKS.fullmatch(text):
            self.hits["questions"].add(row, excerpt=text)
        self._unseen(row, text)

    def _other(self, row: DataRow, text: str) -> None:
        damaged = find_mojibake(text)
        if damaged is not None:
            self.hits["mojibake"].add(row, excerpt=f"{damaged[0][:40]} → {damaged[1][:40]}")
            return  # its other marks are of the damage
        if "\ufffd" in text:
            self.hits["replaced"].add(row, excerpt=text)
        elif _QUESTION_MARKS.fullmatch(text):
            self.hits["questions"].add(row, excerpt=text)
        if _TWO_ALPHABETS.search(text):
            self.hits["alphabets"].add(row, excerpt=_around(text, _TWO_ALPHABETS))
        if _ESCAPED.search(text):
            self.hits["escaped"].add(row, excerpt=_around(text, _ESCAPED))
        if _HALF_KANA.search(text):
            self.hits["half kana"].add(row, excerpt=_around(text, _HALF_KANA))
        self._unseen(row, text)

    def _unseen(self, row: DataRow, text: str) -> None:
        for found in set(_UNSEEN.findall(text.replace("\r\n", "\n"))):
            kind = kind_of_unseen(found)
            self.hits[kind].add(row, excerpt=text[max(0, text.find(found) - 30) :], word=f"U+{ord(found[0]):04X}")

    def _widths(self, row: DataRow) -> None:
        text = row.answer
        wide = not text.isascii() and _WIDE_DIGIT.search(text) is not None
        narrow = _PLAIN_DIGIT.search(text) is not None
        if wide and narrow:
            self.both.add(row, excerpt=text)
        elif wide:
            self.wide.add(row, excerpt=text)
        elif narrow:
            self.narrow.add(row, excerpt=text)

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give damage first, then what is invisible, then widths."""
        for key, (level, what, todo) in WHAT.items():
            yield from self.hits[key].finding(self.name, level, what, todo)
        todo = "write digits in one width in all answers: a model learns both, and an exact match tells them apart"
        yield from self.both.finding(self.name, "advice", "one answer has full-width and half-width digits", todo)
        few, many = sorted((self.wide, self.narrow), key=lambda hits: hits.rows)
        if few.rows and few.rows >= _BOTH * (few.rows + many.rows):
            what = "some answers have full-width digits, others half-width ones"
            yield from few.finding(self.name, "advice", what, todo)


def kind_of_unseen(sign: str) -> str:
    """Name the kind of an invisible character: direction, tags, control or unseen."""
    code = ord(sign[0])
    if sign[0] in _DIRECTION:
        return "direction"
    if code in _TAGS:
        return "tags"
    control = code < 0x20 or 0x7F <= code < 0xA0 or 0xFFF9 <= code <= 0xFFFB
    return "control" if control else "unseen"


def _around(text: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(text)
    return text[max(0, found.start() - 30) :] if found else text
