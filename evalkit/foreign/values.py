"""Cells as scores: numbers, ticks and crosses, blanks; what is none of them is told with its place."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from evalkit.core.errors import Problem
from evalkit.core.exchange import Json
from evalkit.foreign.known_scores import YES_NO, yes_no_word
from evalkit.foreign.nouns import Wishes
from evalkit.foreign.sheets import Sheet

_BLANK = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "-", "—", "欠損", "なし"})
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_LONGEST = 200
"""Letters of a cell that may be a number or a word of yes and no; no text of a page is held for it"""
_MOST_WORDS = 64
"""More than all pairs of YES_NO have"""


def is_blank(value: Json) -> bool:
    """Tell whether a cell holds no score: empty, NaN, N/A, null.

    >>> is_blank(" NaN "), is_blank(float("nan")), is_blank("0")
    (True, True, False)
    """
    if isinstance(value, str):
        return value.strip().casefold() in _BLANK
    return value is None or (isinstance(value, float) and math.isnan(value))


def is_number(value: object) -> bool:
    """Tell whether a cell is a finite number or reads as one.

    A percent sign may stand behind it.
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return math.isfinite(value)
    text = unicodedata.normalize("NFKC", value).strip().removesuffix("%").strip() if isinstance(value, str) else ""
    return _NUMBER.fullmatch(text) is not None or _COMMA.fullmatch(text) is not None


def is_yes_no(values: Iterable[Json]) -> bool:
    """Tell whether a column holds one yes/no pair, and blanks.

    1 and 0, true and false, ○ and ×.
    """
    return _is_within(values, YES_NO)


def is_mark(values: Iterable[Json]) -> bool:
    """Tell whether a column holds ticks.

    1 and 0, true and false, ○ and ×; not words that may be answers (yes, はい).
    """
    return _is_within(values, (("1", "0"), ("true", "false"), ("○", "×")))


def _is_within(values: Iterable[Json], pairs: Sequence[tuple[str, str]]) -> bool:
    words: set[str] = set()
    for value in values:
        if not is_blank(value):
            words.add(_word(value))
            if len(words) > 2:
                return False
    return bool(words) and any(words <= {*pair} for pair in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReader:
    """Reads the cells of a score's column: as a yes/no pair, or as numbers."""

    pair: tuple[str, str] | None = None
    comma: bool = False

    def __call__(self, cell: Json) -> Json:
        """Return a number, true or false; None for a blank."""
        if is_blank(cell):
            return None
        return _number(cell, comma=self.comma) if self.pair is None else _word(cell) == self.pair[0]


@dataclass(slots=True)
class _Column:
    """What a column of scores holds."""

    filled: int = 0
    words: set[str] = field(default_factory=set)
    dotted: bool = False
    percent: list[int] = field(default_factory=list)
    """The first row with a percent sign, and how many there are; the same of what is no number"""
    wrong: list[int] = field(default_factory=list)
    cell: Json = None


def plan_reading(sheet: Sheet, column: str, wishes: Wishes) -> tuple[CellReader, list[Problem]]:
    """Find out how the cells of a column are read as scores.

    With it comes what is wrong with the column. A problem is a sentence.
    """
    held = _survey(sheet, column, comma=sheet.decimal_comma)
    comma = sheet.decimal_comma and not held.dotted
    if held.wrong and sheet.decimal_comma and not comma:
        held = _survey(sheet, column, comma=False)
    pair = next((pair for pair in YES_NO if held.words and held.words <= {*pair}), None)
    if pair is not None and pair != ("1", "0"):
        return CellReader(pair=pair), []
    problems: list[Problem] = []
    if held.wrong:
        problems.append(_not_numbers(sheet, column, held))
    elif held.percent and (held.percent[1] < held.filled or wishes.low is None or wishes.high is None):
        problems.append(_percent(sheet, column, held))
    return CellReader(comma=comma), problems


def _survey(sheet: Sheet, column: str, *, comma: bool) -> _Column:
    held = _Column()
    for index, cell in enumerate(sheet.column(column)):
        if is_blank(cell):
            continue
        held.filled += 1
        if len(held.words) < _MOST_WORDS:
            held.words.add(_word(cell))
        if isinstance(cell, str):
            held.dotted = held.dotted or "." in cell
            if cell.strip().endswith(("%", "％")):
                held.percent = [held.percent[0], held.percent[1] + 1] if held.percent else [index, 1]
        if _number(cell, comma=comma) is None:
            held.cell = held.cell if held.wrong else cell
            held.wrong = [held.wrong[0], held.wrong[1] + 1] if held.wrong else [index, 1]
    return held


def _word(value: Json) -> str:
    """A cell as a word of yes and no."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    if not isinstance(value, str):
        return repr(value)
    return yes_no_word(value) if len(value) <= _LONGEST else value


def _number(cell: Json, *, comma: bool) -> float | int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return cell if math.isfinite(cell) else None
    return _read_number(cell, comma) if isinstance(cell, str) and len(cell) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _read_number(cell: str, comma: bool) -> float | None:
    text = unicodedata.normalize("NFKC", cell).strip().removesuffix("%").strip()
    if comma and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def _not_numbers(sheet: Sheet, column: str, held: _Column) -> Problem:
    known = [f"{good}/{bad}" for good, bad in YES_NO if held.words & {good, bad}]
    where = sheet.where(held.wrong[0])
    if len(known) > 1 and not held.words - {word for pair in YES_NO for word in pair}:
        what = f"the score {column!r} mixes {' and '.join(known)}"
        return Problem(what=what, where=where, todo="write one of them throughout")
    shown = str(held.cell)[:40]
    what = f"the score {column!r} is no number in {held.wrong[1]:,} of {held.filled:,} rows, first {shown!r}"
    return Problem(
        what=what, where=where, allowed="a number, or one pair of 1/0, true/false, pass/fail, ○/×; blank is unscorable"
    )


def _percent(sheet: Sheet, column: str, held: _Column) -> Problem:
    where = sheet.where(held.percent[0])
    if held.percent[1] < held.filled:
        what = f"the score {column!r} has a percent sign in {held.percent[1]:,} of {held.filled:,} rows"
        return Problem(what=what, where=where, todo="write all of them with it, or none")
    what = f"the score {column!r} is written in percent: its scale and direction are not guessed"
    return Problem(what=what, where=where, todo=f"--columns score={column},higher=better,low=0,high=100")
