"""What dresses an answer without changing it: Markdown, quotes around it, final marks, emoji, invisible signs."""

from __future__ import annotations

import re

_NOT_SHOWN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point: what a font shows nothing for, the variants of Japanese names among it"""
_INVISIBLE = re.compile(f"[{_NOT_SHOWN}]")
_SEEN = re.compile(f"[^\\s\u2800{_NOT_SHOWN}]")
"""Seen: neither white space, nor the blank pattern of Braille, nor invisible"""
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U0001fb00-\U0001fbff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff\u3030\u303d\u3297\u3299]"
    "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\u200d\U000e0020-\U000e007f]*|[#*0-9]\ufe0f?\u20e3"
)
_TYPOGRAPHIC = str.maketrans(
    dict.fromkeys("“”„‟«»〝〞〟＂″", '"')
    | dict.fromkeys("‘’‚‛‹›′＇", "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "..."}
)
_DRESSED = re.compile("[" + re.escape("".join(map(chr, _TYPOGRAPHIC))) + "]")
_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)[^\n`]{0,40}$\n?", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\s]{0,500}(?: \"[^\"\n]{0,100}\")?\)")
_LINE = re.compile(r"^[ \t]{0,3}(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+|\d{1,3}[.)][ \t]+)", re.MULTILINE)
_STRONG = re.compile(r"(\*\*\*|\*\*|__|~~)(?=\S)([^\n]{1,200}?)(?<=\S)\1")
_ITALIC = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^\n*_]{1,200}?)(?<=[^\s*_])\1(?![\w*])")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,200})\1")
_PAIRS = {
    '"': '"',
    "'": "'",
    "`": "`",
    "“": "”",
    "‘": "’",
    "„": "“",
    "«": "»",
    "「": "」",
    "『": "』",
    "〝": "〟",
    "＂": "＂",
}
_MOST_LAYERS = 4


def drop_invisible(text: str) -> str:
    """Remove characters that cannot be seen.

    Zero-width signs, directional marks, soft hyphens, fillers, tags and variation selectors; joined emoji come apart.
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)


def places_seen(text: str) -> list[int] | None:
    """List the places of the characters that `drop_invisible` leaves; None where it drops none.

    >>> places_seen("a\\u200bb"), places_seen("ab")
    ([0, 2], None)
    """
    if text.isascii() or _INVISIBLE.search(text) is None:
        return None
    return [place for place, sign in enumerate(text) if _INVISIBLE.match(sign) is None]


def is_blank(text: str) -> bool:
    """Tell whether a reader sees nothing: white space and invisible characters alone.

    >>> is_blank("\\u200b\\u3000\\ufe0f"), is_blank("。")
    (True, False)
    """
    return _SEEN.search(text) is None


def drop_emoji(text: str) -> str:
    """Remove emoji, and the white space at the ends that they leave.

    >>> drop_emoji("はい 😀👍🏽")
    'はい'
    """
    return text if text.isascii() else _EMOJI.sub("", text).strip()


def plain_typography(text: str) -> str:
    """Replace typographic quotes, dashes and ellipses by ASCII."""
    if text.isascii() or _DRESSED.search(text) is None:
        return text
    return text.translate(_TYPOGRAPHIC)


def drop_markdown(text: str) -> str:
    """Remove the marks of Markdown.

    Headings, bullets, emphasis, code marks, fences and the addresses of links.

    >>> drop_markdown("## **Paris**, see [here](http://a.b) `x`")
    'Paris, see here x'
    """
    text = _LINE.sub("", _FENCE.sub("", text))
    text = _LINK.sub(r"\1", text)
    for _ in range(2):
        text = _STRONG.sub(r"\2", text)
    return _CODE.sub(r"\2", _ITALIC.sub(r"\2", text))


def drop_quotes(text: str) -> str:
    """Remove quotation marks that enclose the whole text.

    And white space around them.

    >>> drop_quotes(' “Paris” '), drop_quotes("「はい」"), drop_quotes('"a" or "b"')
    ('Paris', 'はい', '"a" or "b"')
    """
    text = text.strip()
    for _ in range(_MOST_LAYERS):
        closing = _PAIRS.get(text[:1])
        inner = text[1:-1]
        if (
            len(text) < 2
            or closing is None
            or text[-1] not in (closing, text[0])
            or closing in inner
            or text[0] in inner
        ):
            break
        text = inner.strip()
    return text


def drop_final_marks(text: str) -> str:
    """Remove full stops, exclamation and question marks, and commas at the end.

    >>> drop_final_marks("はい。"), drop_final_marks("Paris!!")
    ('はい', 'Paris')
    """
    end = len(text)
    while end and (text[end - 1].isspace() or text[end - 1] in ".。．!！?？,，、;；…"):
        end -= 1
    return text[:end]
