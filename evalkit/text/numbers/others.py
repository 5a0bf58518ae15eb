"""What is made of digits and is no number: dates, times of day, ratios, ranges, codes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from evalkit.text.numbers.amounts import PLAIN, read_composite, read_plain
from evalkit.text.numbers.quantity import Kind, Quantity

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_COUNT = r"(?:\d{1,2}|元|[一二三四五六七八九十]{1,3})"
_ALONE = r"(?<![\d.])"

PATTERNS: Mapping[str, str] = {
    "era": rf"(?:{'|'.join(_ERAS)})\s?{_COUNT}年(?:度|\s?{_COUNT}月(?:\s?{_COUNT}日)?)?",
    "iso": _ALONE + r"\d{4}(?P<sep>[-/.])\d{1,2}(?P=sep)\d{1,2}(?![-/.]?\d)",
    "kanji_date": r"(?<!\d)\d{4}年\s?\d{1,2}月(?:\s?\d{1,2}日)?|(?<!\d)\d{1,2}月\s?\d{1,2}日",
    "us_date": _ALONE + r"(?<!/)\d{1,2}/\d{1,2}/\d{4}(?![/\d])",
    "named_date": rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,? \d{{4}}(?!\d))?"
    rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? \d{{4}}(?!\d))?",
    "clock": r"(?:午前|午後)?\s?(?<![\d:.])\d{1,2}:[0-5]\d(?::[0-5]\d)?(?![\d:])(?:\s?[AaPp]\.?[Mm]\b\.?)?",
    "hour": r"(?:午前|午後)\s?\d{1,2}時(?:半|\s?\d{1,2}分)?|(?<!\d)\d{1,2}時(?:半|\s?\d{1,2}分(?!の))"
    r"|(?<![\d.])\d{1,2}\s?[AaPp]\.?[Mm]\b\.?",
    "ratio": _ALONE + r"(?<!:)\d{1,9}(?:\.\d{1,9})?(?:\s?[:対]\s?\d{1,9}(?:\.\d{1,9})?){1,5}(?![\d:])",
    "version": _ALONE + r"\d{1,9}(?:\.\d{1,9}){2,6}(?!\d)(?!,\d{1,2}(?!\d))",
    "code": r"(?<![\w.])(?:0\d{1,5}-\d{1,5}(?:-\d{1,5}){0,3}|\d{1,5}(?:-\d{1,5}){2,4}|\d{1,5}-0\d{1,5})"
    r"(?![\d-]|\s?[=×+*/-])",
    "either": rf"(?<![\w.,-]){PLAIN}(?:\sor\s|\s?(?:または|もしくは|あるいは|か)\s?){PLAIN}(?![\d.,]*\d)"
    r"(?!\s?(?:[/%^]|more|fewer|less))",
    "between": rf"\bbetween {PLAIN} and {PLAIN}(?![\d.,]*\d)",
    "range": rf"(?<![\w.,-])[$¥€£]?{PLAIN}(?:-[$¥€£]?|\s?(?:[^\W\d_]{{1,3}}|%)?\s?~\s?[$¥€£]?){PLAIN}"
    r"(?![\d.,]*\d)(?!\s?[=×+*/^-])",
}

_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_PLAIN = re.compile(PLAIN)
_ERA_PARTS = re.compile(rf"({'|'.join(_ERAS)})\s?({_COUNT})年(?:度|\s?({_COUNT})月(?:\s?({_COUNT})日)?)?")


def read_other(name: str, found: re.Match[str]) -> Quantity | None:
    """Read the quantity of a match of `PATTERNS[name]`.

    None where it is a number after all.
    """
    text = found.group()
    kind, read = _READERS[name]
    value = read(text)
    if value is None:
        return None
    if isinstance(value, Fraction):
        return Quantity(kind="number", value=value, start=found.start(), end=found.end())
    half = kind != "time" or re.search(r"[AaPp]\.?[Mm]|午|^\D*(?:1[3-9]|2\d|0\d?)\D", text) is not None
    return Quantity(kind=kind, value=value, start=found.start(), end=found.end(), half=half)


def _era(text: str) -> str | Fraction | None:
    parts = _ERA_PARTS.match(text)
    if parts is None:
        return None
    years = _read_count(parts[2])
    if years is None:
        return None
    year = _ERAS[parts[1]] + years
    if parts[3] is None:
        return Fraction(year)
    rest = [_read_count(part) for part in parts.groups()[2:] if part is not None]
    return None if None in rest else "-".join([str(year), *(f"{part:02d}" for part in rest if part is not None)])


def _read_count(text: str) -> int | None:
    value = Fraction(1) if text == "元" else read_composite(text)
    return None if value is None else int(value)


def _kanji_date(text: str) -> str:
    return "-".join(part.zfill(2) for part in _DIGITS.findall(text))


def _iso(text: str) -> str | None:
    year, month, day = (int(part) for part in re.findall(r"\d+", text))
    return f"{year}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _us_date(text: str) -> str:
    month, day, year = (int(part) for part in text.split("/"))
    if month > 12:
        month, day = day, month
    return f"{year}-{month:02d}-{day:02d}"


def _named_date(text: str) -> str:
    month = next(index + 1 for index, name in enumerate(_MONTHS) if name in text.casefold())
    figures = re.findall(r"\d+", text)
    day, year = figures[0], figures[1] if len(figures) > 1 else ""
    return f"{year}-{month:02d}-{int(day):02d}".lstrip("-")


def _time(text: str) -> str:
    figures = [int(part) for part in re.findall(r"\d+", text)]
    hour = figures[0]
    minute = figures[1] if len(figures) > 1 else 30 if "半" in text else 0
    second = figures[2] if len(figures) > 2 else 0
    if re.search(r"[Pp]\.?[Mm]|午後", text) and hour < 12:
        hour += 12
    elif re.search(r"[Aa]\.?[Mm]|午前", text) and hour == 12:
        hour = 0
    return f"{hour}:{minute:02d}" + (f":{second:02d}" if second else "")


def _ratio(text: str) -> str:
    parts = [Fraction(part) for part in _DIGITS.findall(text)]
    if all(part.denominator == 1 for part in parts) and any(parts):
        shared = math.gcd(*(part.numerator for part in parts))
        parts = [part / shared for part in parts]
    return ":".join(str(part) for part in parts)


def _range(text: str) -> str | None:
    low, high = (read_plain(part) for part in _PLAIN.findall(text)[:2])
    return f"{low}-{high}" if low < high else None


def _either(text: str) -> str | None:
    one, two = (read_plain(part) for part in _PLAIN.findall(text)[:2])
    return f"{one} or {two}" if one != two else None


_READERS: Mapping[str, tuple[Kind, Callable[[str], str | Fraction | None]]] = {
    "era": ("date", _era),
    "iso": ("date", _iso),
    "kanji_date": ("date", _kanji_date),
    "us_date": ("date", _us_date),
    "named_date": ("date", _named_date),
    "clock": ("time", _time),
    "hour": ("time", _time),
    "ratio": ("ratio", _ratio),
    "version": ("code", lambda text: text if not re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", text) else None),
    "code": ("code", lambda text: text),
    "either": ("range", _either),
    "between": ("range", _range),
    "range": ("range", _range),
}
