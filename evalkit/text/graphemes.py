"""Characters as readers count them."""

from __future__ import annotations


def count_graphemes(text: str) -> int:
    """Count a text's user-perceived characters (Unicode extended grapheme clusters).

    >>> count_graphemes("abc"), count_graphemes("か\u3099"), count_graphemes("\U0001f468\u200d\U0001f469")
    (3, 1, 1)
    """
    if text.isascii():
        return len(text) - text.count("\r\n")
    if all(_stands_alone(mark) for mark in set(text)):
        return len(text) - text.count("\r\n")
    import regex

    return sum(1 for _ in regex.finditer(r"\X", text))


def _stands_alone(mark: str) -> bool:
    """Whether a character never joins another: letters, kana, Han, punctuation below the marks that combine."""
    return (
        mark <= "\u02ff" or "\u3000" <= mark <= "\u3029" or "\u3030" <= mark <= "\u3098" or "\u309b" <= mark <= "\u9fff"
    )
