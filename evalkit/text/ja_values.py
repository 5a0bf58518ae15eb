"""Japanese and plain values read from text: folding, numbers, dates, times, prefectures, honorifics.

Every reader takes the whole text and returns None where it is not wholly such a value: nothing is guessed from a part.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

# Width and compatibility forms are the same text in another dress; a superscript is not (x² is not x2).
_RAISED = re.compile("([\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u215f])")
_DASHES = str.maketrans({"\u2212": "-", "\u2010": "-", "\u2011": "-", "\u301c": "~"})
_SPACES = re.compile(r"\s+")

_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "億": 10**8, "兆": 10**12}
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_KANJI_NUMBER = re.compile(r"(?:[\d.〇零一二三四五六七八九十百千]+[万億兆]?)+")
_KANJI_UNIT = re.compile(r"([\d.〇零一二三四五六七八九十百千]+)([万億兆]?)")
_KANJI_STEP = re.compile(r"(\d+(?:\.\d+)?|[〇零一二三四五六七八九]+)?([十百千])?")

_COUNT = r"(\d{1,4}|元|[〇零一二三四五六七八九十]{1,4})"
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867} | {
    "r": 2018, "h": 1988, "s": 1925, "t": 1911, "m": 1867,
}  # fmt: skip
_WEEKDAY = re.compile(r"\s*(?:\(?[月火水木金土日](?:曜日?)?\)|[月火水木金土日]曜日?)$")
_AROUND_UNITS = re.compile(r"\s*([年月日])\s*")
_ERA = rf"({'|'.join(_ERAS)})"
_ERA_DATE = re.compile(rf"{_ERA}\s*{_COUNT}年{_COUNT}月{_COUNT}日")
_ERA_SHORT = re.compile(rf"{_ERA}\.?(\d{{1,2}}|元)[./-](\d{{1,2}})[./-](\d{{1,2}})")
_YEAR_DATE = re.compile(rf"{_COUNT}年{_COUNT}月{_COUNT}日")
_PLAIN_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?\s*(am|pm|a\.m\.|p\.m\.)?")
_HOUR_12 = re.compile(r"(\d{1,2})\s*(am|pm|a\.m\.|p\.m\.)")
_JA_CLOCK = re.compile(rf"(午前|午後|朝|夜)?\s*{_COUNT}時\s*(?:(半)|{_COUNT}分)?(?:\s*{_COUNT}秒)?")
_JA_COLON = re.compile(r"(午前|午後)\s*(\d{1,2}):(\d{2})(?::(\d{2}))?")

_PREFECTURES = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県",
    "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県",
    "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府",
    "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県",
    "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県",
    "鹿児島県", "沖縄県",
)  # fmt: skip
_BY_NAME = {name: name for name in _PREFECTURES} | {n[:-1]: n for n in _PREFECTURES if n != "北海道"}

_HONORIFICS = re.compile(r"\s*(?:(?:さん|様|さま|ちゃん|くん|君|氏|殿|先生|先輩|部長|課長|係長|社長|会長|教授)\s*)+$")


def fold(text: str, *, case: bool = True) -> str:
    """Remove differences of width, spacing and (with `case`) letter case.

    Punctuation and powers stay.

    >>> fold("１０：００　ＡＭ"), fold("x**2") == fold("x*2"), fold("x²") == fold("x2")
    ('10:00 am', False, False)
    """
    if not text.isascii():
        pieces = _RAISED.split(text.translate(_DASHES))
        text = "".join(p if i % 2 else unicodedata.normalize("NFKC", p) for i, p in enumerate(pieces))
    text = _SPACES.sub(" ", text).strip()
    return text.casefold() if case else text


def read_number(text: str) -> float | None:
    """Read a number in any width, with thousands separators or in kanji.

    >>> read_number("１２，３００"), read_number("三千五百"), read_number("1万5千"), read_number("12個")
    (12300.0, 3500.0, 15000.0, None)
    """
    text = fold(text).replace("、", ",")
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", ""))
    return _kanji_number(text) if _KANJI_NUMBER.fullmatch(text) else None


def read_date(text: str) -> dt.date | None:
    """Read a calendar day: 令和6年5月1日, R6.5.1, 2024年5月1日（水）, 2024-05-01, 2024/5/1.

    >>> read_date("令和６年５月１日").isoformat(), read_date("令和元年五月一日").isoformat(), read_date("5月1日")
    ('2024-05-01', '2019-05-01', None)
    """
    text = _WEEKDAY.sub("", _AROUND_UNITS.sub(r"\1", fold(text)))
    if match := _ERA_DATE.fullmatch(text) or _ERA_SHORT.fullmatch(text):
        era, *rest = match.groups()
        return _day(*rest, offset=_ERAS[era])
    match = _YEAR_DATE.fullmatch(text) or _PLAIN_DATE.fullmatch(text)
    return _day(*match.groups()) if match else None


def read_time(text: str) -> dt.time | None:
    """Read a time of day: 15:30, 午後3時半, 15時30分, 3:30 pm.

    午後0時 is noon, and so is 正午.

    >>> [read_time(t).isoformat("minutes") for t in ("午後３時半", "15時", "9:05 am", "午後1:05")]
    ['15:30', '15:00', '09:05', '13:05']
    """
    text = fold(text)
    if text == "正午":
        return dt.time(12)
    if match := _CLOCK.fullmatch(text):
        hour, minute, second, half = match.groups()
        return _clock(int(hour), int(minute), int(second or 0), half=(half or "").replace(".", ""))
    if match := _HOUR_12.fullmatch(text):
        return _clock(int(match[1]), 0, 0, half=match[2].replace(".", ""))
    if match := _JA_COLON.fullmatch(text):
        half, hour, minute, second = match.groups()
        return _clock(int(hour), int(minute), int(second or 0), half=_HALVES[half])
    if match := _JA_CLOCK.fullmatch(text):
        half, hours, thirty, minutes, seconds = match.groups()
        minute_count = 30 if thirty else _count(minutes or "0")
        return _clock(_count(hours), minute_count, _count(seconds or "0"), half=_HALVES.get(half or "", ""))
    return None


def read_datetime(text: str) -> dt.datetime | None:
    """Read a day with a time, in ISO 8601 or Japanese.

    ISO 8601 with or without a zone.

    >>> read_datetime("令和6年5月1日 午後3時").isoformat(), read_datetime("2024-05-01T06:00:00Z").isoformat()
    ('2024-05-01T15:00:00', '2024-05-01T06:00:00+00:00')
    """
    folded = fold(text, case=False)
    if _PLAIN_DATE.match(folded):
        try:
            return dt.datetime.fromisoformat(folded.replace("/", "-"))
        except ValueError:
            pass
    for end in [m.end() for m in re.finditer(r"日(?:\s*\([月火水木金土日]\))?|\d(?=[ tT])", folded)]:
        day, time = read_date(folded[:end]), read_time(folded[end:].lstrip(" tT"))
        if day and time:
            return dt.datetime.combine(day, time)
    return None


def prefecture(text: str) -> str | None:
    """Return the full name of a prefecture named with or without 都, 府, 県.

    >>> prefecture("大阪"), prefecture("京都府"), prefecture("大阪市")
    ('大阪府', '京都府', None)
    """
    return _BY_NAME.get(fold(text))


def without_honorific(text: str) -> str:
    """Return a person's name without さん, 様 and their like, and without spaces inside.

    >>> without_honorific("田中　太郎様"), without_honorific("佐藤部長さん")
    ('田中太郎', '佐藤')
    """
    folded = fold(text)
    bare = _HONORIFICS.sub("", folded)
    return (bare or folded).replace(" ", "")


_HALVES = {"午前": "am", "朝": "am", "午後": "pm", "夜": "pm"}


def _clock(hour: int, minute: int, second: int, *, half: str) -> dt.time | None:
    if half:
        if not 0 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return dt.time(hour, minute, second)
    except ValueError:
        return None


def _day(year: str, month: str, day: str, *, offset: int = 0) -> dt.date | None:
    try:
        return dt.date(_count(year) + offset, _count(month), _count(day))
    except ValueError:
        return None


def _count(text: str) -> int:
    if text == "元":
        return 1
    return int(text) if text.isdigit() else int(_kanji_number(text) or 0)


def _kanji_number(text: str) -> float | None:
    total = 0.0
    for part, unit in _KANJI_UNIT.findall(text):
        value = _below_myriad(part)
        if value is None:
            return None
        total += value * _MYRIADS.get(unit, 1)
    return total


def _below_myriad(text: str) -> float | None:
    total, at = 0.0, 0
    while at < len(text):
        match = _KANJI_STEP.match(text, at)
        if match is None or match.end() == at:
            return None
        digits, unit = match.groups()
        value = 1.0 if digits is None else _digits(digits)
        total += value * _TENS.get(unit or "", 1)
        at = match.end()
    return total


def _digits(text: str) -> float:
    if text[0] in _DIGITS:
        return float("".join(str(_DIGITS[c]) for c in text))
    return float(text)
