"""Whether a text asks for what is missing, in English or Japanese."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalkit.text.ja_values import fold

_QUESTION = re.compile(
    r"[?？]|(?:でしょう|ます|です|ません|よろしい|ない)か(?:[。\s]|$)|(?:教え|お知らせ|お聞かせ|指定|入力|お申し付け|ご確認)[^。]*"
    r"(?:ください|下さい|いただけ|頂け|願い)"
    r"|\b(?:please (?:provide|specify|tell|share|let me know|confirm)|could you|may i (?:ask|have))\b"
)


def asks_for(text: str, words: Sequence[str]) -> bool:
    """Return whether the text asks for information that names one of `words`.

    "" is always named.

    >>> asks_for("ご予約の日付を教えていただけますか。", ["日付", "いつ"]), asks_for("予約しました。", [""])
    (True, False)
    """
    folded = fold(text)
    return bool(_QUESTION.search(folded)) and any(fold(word) in folded for word in words)
