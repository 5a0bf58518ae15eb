"""Units that a suite names: whether a number carries one of them, another, or none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from evalkit.text.numbers.quantity import Quantity

_ALIASES = (
    ("円", "yen", "¥", "jpy"),
    ("ドル", "dollar", "dollars", "$", "usd", "us$", "米ドル"),
    ("ユーロ", "euro", "euros", "€", "eur"),
    ("ポンド", "pound", "pounds", "£", "gbp"),
    ("%", "percent", "per cent", "パーセント"),
    ("km", "キロメートル", "キロ", "kilometer", "kilometers", "kilometre", "kilometres"),
    ("m", "メートル", "meter", "meters", "metre", "metres"),
    ("cm", "センチメートル", "センチ", "centimeter", "centimeters", "centimetre", "centimetres"),
    ("mm", "ミリメートル", "ミリ", "millimeter", "millimeters", "millimetre", "millimetres"),
    ("kg", "キログラム", "キロ", "kilogram", "kilograms", "kilos"),
    ("g", "グラム", "gram", "grams"),
    ("l", "リットル", "liter", "liters", "litre", "litres"),
    ("°c", "度", "℃", "degrees", "degree", "degrees celsius"),
    ("時間", "hour", "hours", "hrs", "hr", "h"),
    ("分", "分間", "minute", "minutes", "min", "mins"),
    ("秒", "秒間", "second", "seconds", "sec", "secs"),
    ("日", "日間", "day", "days"),
    ("週間", "week", "weeks"),
    ("か月", "ヶ月", "カ月", "箇月", "ヵ月", "month", "months"),
    ("年", "年間", "year", "years"),
    ("人", "名", "people", "person", "persons"),
    ("点", "point", "points", "pts"),
)
_NO_UNIT = re.compile(
    r"\s*(?:$|[^\w\s%°$€£¥/-]|\n|です|でした|だ(?![ァ-ヶ])|である|で|に|と|が|は|も|の|を|や|くらい|ぐらい|ほど|程度|前後|以[上下]|から|まで"
    r"|\s(?:is|are|was|in|as|and|or|because|so|for|which|that|if|when|after|total|altogether|left|more|of)\b)"
)
_CURRENCY = re.compile(r"(?:[$€£¥₹₩]|\b(?:USD|JPY|EUR|GBP)\s?)\s?-?$")


def has_unit(text: str, one: Quantity, unit: Sequence[str]) -> bool:
    """Tell whether the number carries one of these units.

    Behind it or (a currency) before it.
    """
    behind, before = _patterns(tuple(unit))
    written = text[one.start : one.end]
    return bool(
        behind.match(text, one.end)
        or before.search(text[max(0, one.start - 8) : one.start])
        or before.search(re.split(r"[\d.]", written, maxsplit=1)[0])
        or (one.percent and behind.match("%"))
    )


def is_bare(text: str, one: Quantity) -> bool:
    """Tell whether the number carries no unit at all.

    Then it may be of the one asked for.
    """
    bare = one.end == len(text) or _NO_UNIT.match(text, one.end) is not None
    written = text[one.start : one.end]
    return bare and not one.percent and not re.search(r"[$€£¥₹₩A-Z]", written) and not _CURRENCY.search(
        text[max(0, one.start - 5) : one.start]
    )  # fmt: skip


@lru_cache(maxsize=64)
def _patterns(unit: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    names: set[str] = set()
    for one in unit:
        name = unicodedata.normalize("NFKC", one).strip().casefold()
        names |= {name, *(alias for group in _ALIASES if name in group for alias in group)}
    spelled = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return (
        re.compile(rf"\s?(?:{spelled})(?![a-z])(?!(?<=[一-鿿ァ-ヶー])[ァ-ヶー])", re.IGNORECASE),
        re.compile(rf"(?:{spelled})\s?-?$", re.IGNORECASE),
    )
