"""Flesch's reading ease, with syllables counted by rule."""

from __future__ import annotations

import re

from evalkit.text.sentences import sentences

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")


def flesch_ease(text: str) -> float | None:
    """Compute Flesch's reading ease of English (Flesch 1948); None without a word.

    206.835 - 1.015 words a sentence - 84.6 syllables a word.

    >>> round(flesch_ease("The cat sat on the mat."), 1)
    116.1
    """
    words = _WORD.findall(text)
    if not words:
        return None
    many = sum(1 for one in sentences(text) if _WORD.search(one))
    syllables = sum(map(count_syllables, words))
    return 206.835 - 1.015 * len(words) / max(1, many) - 84.6 * syllables / len(words)


def count_syllables(word: str) -> int:
    """Count the syllables of an English word by its groups of vowels.

    >>> [count_syllables(word) for word in ("cat", "table", "made", "readability", "asked")]
    [1, 2, 1, 5, 1]
    """
    plain = re.sub(r"[^a-z]", "", word.lower())
    many = len(_VOWELS.findall(plain))
    if plain.endswith("e") and not re.search(r"[^aeiouy]le$", plain):
        many -= 1
    if re.search(r"[^aeiouytd]ed$", plain):
        many -= 1
    return max(1, many)
