"""Named steps that make two spellings of the same answer equal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from evalkit.text.marks import (
    drop_emoji,
    drop_final_marks,
    drop_invisible,
    drop_markdown,
    drop_quotes,
    plain_typography,
)

Step = Literal[
    "nfkc", "casefold", "strip", "spaces", "punctuation", "articles", "kana", "markdown", "quotes", "final_marks",
    "emoji", "invisible", "typographic", "lowercase",
]  # fmt: skip

_PLAIN = re.compile("[\x00-\x7f\u3000-\u3029\u3030\u3041-\u3096\u309d\u309e\u30a1-\u30fe\u4e00-\u9fff\uff01-\uff5e]*")
_WIDE = re.compile("[\u3000\uff01-\uff5e]")
"""In texts of nothing but kana, Han and ASCII, NFKC changes these alone, one by one: a tenth of its time"""
_DRESSED = "〝〞〟＂＇"
"""What `typographic` changes in such texts; nothing in them is invisible"""
_ARTICLES = re.compile(r"\b(?:a|an|the)\b", re.IGNORECASE)


def normalize(text: str, steps: Sequence[Step]) -> str:
    """Return the text after these steps, in their order.

    >>> normalize("  ＡＢＣ\u3000Def ", ["nfkc", "casefold", "strip"])
    'abc def'
    >>> normalize("the Cat, sat.", ["casefold", "punctuation", "articles", "spaces"])
    'cat sat'
    """
    changed = text
    table = STEPS if text.isascii() or not keeps_length(text) else _STEPS_OF_PLAIN
    for step in steps:
        changed = table[step](changed)
    return text if changed == text else changed  # the very same text where nothing changed: runs keep many


def nfkc(text: str) -> str:
    """Convert to the Unicode compatibility form (NFKC).

    Full-width letters and digits become half-width, half-width kana full-width.
    """
    if text.isascii():
        return text
    return _narrow(text) if keeps_length(text) else unicodedata.normalize("NFKC", text)


def keeps_length(text: str) -> bool:
    """Tell whether a text is nothing but kana, Han and ASCII.

    NFKC then changes it character by character.

    >>> keeps_length("はい！ OK"), keeps_length("㈱")
    (True, False)
    """
    return _PLAIN.fullmatch(text) is not None


def _narrow(text: str) -> str:
    return _WIDE.sub(_narrow_mark, text)


def _narrow_mark(found: re.Match[str]) -> str:
    return " " if found.group() == "\u3000" else chr(ord(found.group()) - 0xFEE0)


def spaces(text: str) -> str:
    """Replace runs of white space by one space; none at the ends."""
    return " ".join(text.split())


def punctuation(text: str) -> str:
    """Remove punctuation marks of any script (Unicode category P).

    The sign of a number and its point stay.

    >>> punctuation("-1.5, 「はい」！")
    '-1.5 はい'
    """
    kept = []
    for index, mark in enumerate(text):
        if not unicodedata.category(mark).startswith("P") or _belongs_to_number(text, index):
            kept.append(mark)
    return "".join(kept)


def articles(text: str) -> str:
    """Remove a, an, the."""
    return _ARTICLES.sub("", text)


def kana(text: str) -> str:
    """Replace katakana by hiragana, so that リンゴ equals りんご.

    >>> kana("リンゴ")
    'りんご'
    """
    return text.translate(_HIRAGANA)


def _belongs_to_number(text: str, index: int) -> bool:
    following = text[index + 1 : index + 2]
    before = text[index - 1 : index] if index else ""
    if text[index] == "-":
        return following.isdigit() and not before.isalnum()
    return text[index] == "." and following.isdigit() and before.isdigit()


_HIRAGANA: Mapping[int, int] = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}

STEPS: Mapping[Step, Callable[[str], str]] = {
    "nfkc": nfkc,
    "casefold": str.casefold,
    "strip": str.strip,
    "spaces": spaces,
    "punctuation": punctuation,
    "articles": articles,
    "kana": kana,
    "markdown": drop_markdown,
    "quotes": drop_quotes,
    "final_marks": drop_final_marks,
    "emoji": drop_emoji,
    "invisible": drop_invisible,
    "typographic": plain_typography,
    "lowercase": str.lower,
}
_STEPS_OF_PLAIN: Mapping[Step, Callable[[str], str]] = {
    **STEPS,
    "nfkc": _narrow,
    "invisible": str,
    "typographic": lambda text: plain_typography(text) if any(mark in text for mark in _DRESSED) else text,
}
"""The same for texts of which `keeps_length` holds, before and after each step"""
