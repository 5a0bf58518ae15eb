"""Postal codes and street addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalkit.text.personal.around import is_named_otherwise
from evalkit.text.personal.span import Span

_PREFECTURES = (
    "北海道|東京都|京都府|大阪府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|"
    "滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県"
)
_BLOCK = (
    r"(?:[\d〇一二三四五六七八九十]{1,4}(?:丁目|番地?|号)(?:の?\d{1,4}(?:番地?|号)?)*(?:-\d{1,4})*"
    r"|\d{1,4}(?:-\d{1,4}){1,3}(?:号室?)?)"
)
_WITH_PREFECTURE = re.compile(
    rf"(?a)(?:{_PREFECTURES})[^\s、。,:()「」\d]{{1,12}}?[市区町村郡][^\s、。,:()「」\d]{{0,20}}?(?<![はがでをに]){_BLOCK}(?!\d)"
)
_KANJI = "一-龥々ヶケノ之ァ-ヴー"
_WITHOUT = re.compile(
    rf"(?a)(?<![{_KANJI}])[{_KANJI}]{{1,6}}市(?:[{_KANJI}ぁ-ん]{{1,5}}区)?[{_KANJI}]{{1,12}}"
    rf"(?:[\d一二三四五六七八九十]{{1,3}}丁目\d{{1,4}}(?:番地?|-)?(?:\d{{1,4}}号?)?|\d{{1,4}}-\d{{1,4}}(?:-\d{{1,4}})+)(?!\d)"
)
_STREET = (
    r"(?:Street|St\.?|Avenue|Ave\.?|Road|Rd\.?|Lane|Ln\.?|Drive|Dr\.?|Boulevard|Blvd\.?|Way|Court|Ct\.?|Place|Pl\.?|Square|"
    r"Terrace|Loop|Highway|Hwy\.?|Parkway|Pkwy\.?|Crescent|Close|Alley|Row|Mews|Gardens|Circle|Trail)"
)
_CITY = r"(?:,? (?:Apt|Suite|Unit|Ste)\.? ?#?\w{1,6})?(?:, [A-Z][a-z]+(?: [A-Z][a-z]+){0,2})?"
_ENGLISH = re.compile(
    rf"(?a)(?<![\w.,-])\d{{1,5}}[A-Za-z]? (?:(?:[NSEW]\.? )?(?:[A-Z][\w'.]*|\d{{1,3}}(?:st|nd|rd|th)) ){{1,4}}?"
    rf"{_STREET}(?![a-z]| Journal)(?: (?:NW|NE|SW|SE))?{_CITY}"
)
_FRENCH = re.compile(
    rf"(?a)(?<![\w.,-])\d{{1,4}}(?: bis)?,? (?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Vv]ia|[Cc]alle|[Pp]laza) "
    rf"(?:d[eu]s? |de la |della |del |di )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)*{_CITY}"
)
_JAPANESE_CODE = re.compile(
    r"(?a)(?:〒 ?|郵便番号(?:[^\d\n]{0,6}?)|(?<![a-z])(?:postal code|postcode)(?: is|:|\s)*)"
    r"(\d{3}-\d{4}|\d{7})(?![\w]|[-.,]\d)",
    re.IGNORECASE,
)
_BEFORE_PREFECTURE = re.compile(rf"(?a)(?<![\w.-])(\d{{3}}-\d{{4}})(?=[ ,、]{{0,2}}(?:{_PREFECTURES}))")
_AMERICAN_CODE = re.compile(
    r"(?a)(?<![a-z])(?:zip code|zip)(?: is|:|=|\s(?=\d{5}-))+ ?(\d{5}(?:-\d{4})?)(?![\w-])", re.IGNORECASE
)
_BRITISH_CODE = re.compile(
    r"(?a)(?<![a-z])(?:postcode|post code|postal code)(?: is|:|\s)*([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)


def find_postal_codes(text: str) -> Iterator[Span]:
    """Find postal codes that are named as such.

    Or that stand in front of a prefecture.
    """
    for pattern in (_JAPANESE_CODE, _BEFORE_PREFECTURE, _AMERICAN_CODE, _BRITISH_CODE):
        for found in pattern.finditer(text):
            yield Span(start=found.start(1), end=found.end(1), kind="postal_code")


def find_addresses(text: str) -> Iterator[Span]:
    """Find street addresses that have a number.

    A town alone is nobody's address.
    """
    for pattern in (_WITH_PREFECTURE, _WITHOUT, _ENGLISH, _FRENCH):
        for found in pattern.finditer(text):
            if not is_named_otherwise(text, found.start()):
                yield Span(start=found.start(), end=found.end(), kind="address")
