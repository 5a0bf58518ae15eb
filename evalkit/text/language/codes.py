"""The languages that can be told, and the script that each is written in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Code = Literal[
    "ja", "zh", "ko", "th", "el", "he", "hi", "ar", "fa", "ru", "uk", "bg", "latin",
    "en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu", "ro", "tr", "vi", "id",
]  # fmt: skip

LATIN: tuple[str, ...] = (
    "en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu", "ro", "tr", "vi", "id",
)  # fmt: skip
"""Told apart by py3langid"""
CYRILLIC = ("ru", "uk", "bg")
ARABIC = ("ar", "fa")

CODES: Mapping[str, str] = (
    {"ja": "kana", "zh": "han", "ko": "hangul", "th": "thai", "el": "greek", "he": "hebrew", "hi": "devanagari"}
    | dict.fromkeys(ARABIC, "arabic")
    | dict.fromkeys(CYRILLIC, "cyrillic")
    | dict.fromkeys(("latin", *LATIN), "latin")
)
"""language -> its script"""

SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "kana": re.compile("[ぁ-ゖゝゞァ-ヺーヽヾｦ-ﾟ]"),
    "han": re.compile("[一-鿿㐀-䶿々〆\U00020000-\U0002ebef]"),
    "hangul": re.compile("[가-힣ᄀ-ᇿㄱ-ㆎ]"),
    "latin": re.compile("[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]"),
    "cyrillic": re.compile("[Ѐ-ԯ]"),
    "arabic": re.compile("[\u0620-\u064a\u066e-\u06d3\u0750-\u077f]"),
    "thai": re.compile("[\u0e01-\u0e2e\u0e40-\u0e45]"),
    "greek": re.compile("[Ͱ-Ͽἀ-῿]"),
    "hebrew": re.compile("[א-ת]"),
    "devanagari": re.compile("[\u0904-\u0939\u0958-\u0961]"),
}


def count_letters(text: str) -> dict[str, int]:
    """Count the letters of each script, those at 0 left out.

    >>> count_letters("東京へ go")
    {'kana': 1, 'han': 2, 'latin': 2}
    """
    counts = {name: len(pattern.findall(text)) for name, pattern in SCRIPTS.items()}
    return {name: count for name, count in counts.items() if count}
