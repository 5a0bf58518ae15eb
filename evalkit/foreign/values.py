"""Cells as scores: numbers, ticks and crosses, blanks; what is none of them is told with its place."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

from evalkit.core.errors import Problem
from evalkit.core.exchange import Json
from evalkit.foreign.known_scores import YES_NO, yes_no_word
from evalkit.foreign.nouns import Wishes
from evalkit.foreign.sheets import Sheet

_BLANK = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "-", "—", "欠損", "なし"})
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")


def is_blank(value: Json) -> bool:
    """Whether a cell holds no score: empty, NaN, N/A, null.

    >>> is_blank(" NaN "), is_blank(float("nan")), is_blank("0")
    (True, True, False)
    """
    if isinstance(value, str):
        return value.strip().casefold() in _BLANK
    return value is None or (isinstance(value, float) and math.isnan(value))


def is_number(value: object) -> bool:
    """Whether a cell is a finite number, or a text that reads as one; a percent sign may stand behind it."""
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return math.isfinite(value)
    text = unicodedata.normalize("NFKC", value).strip().removesuffix("%").strip() if isinstance(value, str) else ""
    return _NUMBER.fullmatch(text) is not None or _COMMA.fullmatch(text) is not None


def is_yes_no(values: Iterable[Json]) -> bool:
    """Whether a column holds one pair of yes and no (1 and 0, true and false, ○ and ×), and blanks."""
    words = {_word(value) for value in values if not is_blank(value)}
    return bool(words) and any(words <= {good, bad} for good, bad in YES_NO)


def is_mark(values: Iterable[Json]) -> bool:
    """Whether a column holds ticks: 1 and 0, true and false, ○ and ×; not words that may be answers (yes, はい)."""
    words = {_word(value) for value in values if not is_blank(value)}
    return bool(words) and any(words <= {*pair} for pair in (("1", "0"), ("true", "false"), ("○", "×")))


def read_scores(sheet: Sheet, column: str, wishes: Wishes) -> tuple[list[Json], list[Problem]]:
    """One value a row (a number, true or false, None for a blank), and what is wrong with the column, in a sentence."""
    cells = [row.get(column) for row in sheet.rows]
    filled = [(index, cell) for index, cell in enumerate(cells) if not is_blank(cell)]
    pair = _pair([cell for _, cell in filled])
    if pair is not None and pair != ("1", "0"):
        return [None if is_blank(cell) else _word(cell) == pair[0] for cell in cells], []
    comma = sheet.decimal_comma and not any(isinstance(cell, str) and "." in cell for _, cell in filled)
    values: list[Json] = [None] * len(cells)
    wrong: list[tuple[int, Json]] = []
    for index, cell in filled:
        number = _number(cell, comma=comma)
        if number is None:
            wrong.append((index, cell))
        else:
            values[index] = number
    percent = [index for index, cell in filled if isinstance(cell, str) and cell.strip().endswith(("%", "％"))]
    problems: list[Problem] = []
    if wrong:
        problems.append(_not_numbers(sheet, column, wrong, filled))
    elif percent and (len(percent) < len(filled) or wishes.low is None or wishes.high is None):
        problems.append(_percent(sheet, column, percent, filled))
    return values, problems


def _word(value: Json) -> str:
    """A cell as a word of yes and no."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return yes_no_word(value) if isinstance(value, str) else repr(value)


def _pair(cells: Sequence[Json]) -> tuple[str, str] | None:
    words = {_word(cell) for cell in cells}
    return next((pair for pair in YES_NO if words and words <= {*pair}), None)


def _number(cell: Json, *, comma: bool) -> float | int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return cell if math.isfinite(cell) else None
    if not isinstance(cell, str):
        return None
    text = unicodedata.normalize("NFKC", cell).strip().removesuffix("%").strip()
    if comma and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def _not_numbers(
    sheet: Sheet, column: str, wrong: Sequence[tuple[int, Json]], filled: Sequence[tuple[int, Json]]
) -> Problem:
    index, cell = wrong[0]
    words = {_word(value) for _, value in filled}
    known = [f"{good}/{bad}" for good, bad in YES_NO if words & {good, bad}]
    where = sheet.where(index)
    if len(known) > 1 and not words - {word for pair in YES_NO for word in pair}:
        what = f"the score {column!r} mixes {' and '.join(known)}"
        return Problem(what=what, where=where, todo="write one of them throughout")
    shown = str(cell)[:40]
    what = f"the score {column!r} is no number in {len(wrong):,} of {len(filled):,} rows, first {shown!r}"
    return Problem(
        what=what, where=where, allowed="a number, or one pair of 1/0, true/false, pass/fail, ○/×; blank is unscorable"
    )


def _percent(sheet: Sheet, column: str, percent: Sequence[int], filled: Sequence[tuple[int, Json]]) -> Problem:
    where = sheet.where(percent[0])
    if len(percent) < len(filled):
        what = f"the score {column!r} has a percent sign in {len(percent):,} of {len(filled):,} rows"
        return Problem(what=what, where=where, todo="write all of them with it, or none")
    what = f"the score {column!r} is written in percent: its scale and direction are not guessed"
    return Problem(what=what, where=where, todo=f"--columns score={column},higher=better,low=0,high=100")
