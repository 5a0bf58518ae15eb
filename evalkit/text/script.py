"""Which script a text is written in, and runs of one script: tokens for text without spaces."""

from __future__ import annotations

import re

HIRAGANA = r"ぁ-ゖゝゞ"
KATAKANA = r"ァ-ヺー・ｦ-ﾟ"
HAN = r"一-鿿㐀-䶿々〆"

_JAPANESE = re.compile(f"[{HIRAGANA}{KATAKANA}]")
_HAN = re.compile(f"[{HAN}]")
_HANGUL = re.compile(r"[가-힣ᄀ-ᇿ]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_ARABIC = re.compile(r"[؀-ۿ]")
_RUN = re.compile(
    rf"[{HIRAGANA}]+|[{KATAKANA}]+|[{HAN}]+|[가-힣]+|[^\W\d_{HIRAGANA}{KATAKANA}{HAN}가-힣]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*"
)


def tokens(text: str) -> list[str]:
    """Words of spaced scripts, and runs of one script in Japanese (a rough word, needing no dictionary).

    >>> tokens("It's 3.5 km")
    ["It's", '3.5', 'km']
    >>> tokens("東京タワーへ行く")
    ['東京', 'タワー', 'へ', '行', 'く']
    """
    return _RUN.findall(text)


def is_japanese(text: str) -> bool:
    """Whether a text holds hiragana or katakana."""
    return _JAPANESE.search(text) is not None


def shares(text: str) -> dict[str, float]:
    """The share of each language's letters among all letters: ja, zh, ko, latin, ru, ar; empty without letters.

    Han characters count as Japanese where the text holds kana, else as Chinese.
    """
    counts = {
        "ja": len(_JAPANESE.findall(text)),
        "zh": len(_HAN.findall(text)),
        "ko": len(_HANGUL.findall(text)),
        "latin": len(_LATIN.findall(text)),
        "ru": len(_CYRILLIC.findall(text)),
        "ar": len(_ARABIC.findall(text)),
    }
    if counts["ja"]:
        counts["ja"] += counts.pop("zh")
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items() if count} if total else {}
