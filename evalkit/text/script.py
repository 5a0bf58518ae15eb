"""Which script a text is written in, and runs of one script: tokens for text without spaces."""

from __future__ import annotations

import re

HIRAGANA = r"ぁ-ゖゝゞ"
KATAKANA = r"ァ-ヺー・ｦ-ﾟ"
HAN = r"一-鿿㐀-䶿々〆"

_JAPANESE = re.compile(f"[{HIRAGANA}{KATAKANA}]")
_RUN = re.compile(
    rf"[{HIRAGANA}]+|[{KATAKANA}]+|[{HAN}]+|[가-힣]+|[^\W\d_{HIRAGANA}{KATAKANA}{HAN}가-힣]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*"
)


def tokens(text: str) -> list[str]:
    """Split a text into words, Japanese into runs of one script.

    Such a run is a rough word, needing no dictionary.

    >>> tokens("It's 3.5 km")
    ["It's", '3.5', 'km']
    >>> tokens("東京タワーへ行く")
    ['東京', 'タワー', 'へ', '行', 'く']
    """
    return _RUN.findall(text)


def is_japanese(text: str) -> bool:
    """Tell whether a text holds hiragana or katakana."""
    return _JAPANESE.search(text) is not None
