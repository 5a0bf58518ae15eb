"""What the choices are called: A, (b), 2番, ②, イ, or what the question itself put before them."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_GOJUON = "アイウエオカキクケコ"
_IROHA = "イロハニホヘト"
_SHOWN = r"(?:[A-Za-z]|\d{1,2}|[ア-コ]|[イロハニホヘト]|[ivx]{1,4})"


@dataclass(frozen=True, slots=True)
class Labels:
    """The index of each label, by kind.

    A kind is empty where texts of choices look like it, for a text wins over a label.
    """

    letters: Mapping[str, int]
    numbers: Mapping[int, int]
    kana: Mapping[str, int]


def known_labels(choices: Sequence[str], shown: Mapping[str, int] | None = None) -> Labels:
    """Return the labels that choices have by custom or in the question.

    Those in the question are `shown`, put before them.
    """
    texts = {unicodedata.normalize("NFKC", choice).strip() for choice in choices}
    count = len(choices)
    letters = dict(zip(string.ascii_uppercase, range(count), strict=False))
    numbers = {index + 1: index for index in range(count)}
    kana = dict(zip(_GOJUON, range(count), strict=False))
    named = dict(shown or {})
    numbers = {int(label): index for label, index in named.items() if label.isdecimal()} or numbers
    kana = {label: index for label, index in named.items() if label in _GOJUON + _IROHA} or kana
    letters = {label.upper(): index for label, index in named.items() if re.fullmatch("[A-Za-z]", label)} or letters
    if any(len(text) == 1 and text.isascii() and text.isalpha() for text in texts):
        letters = {}
    if any(re.fullmatch(r"[-+$¥€]?\s?\d[\d.,/]*\s?%?", text) for text in texts):
        numbers = {}
    if any(len(text) == 1 and text in _GOJUON + _IROHA for text in texts):
        kana = {}
    return Labels(letters, numbers, kana)


def find_shown_labels(question: str, choices: Sequence[str]) -> Mapping[str, int]:
    """Find what stands before each choice in the question.

    Empty unless it is so for all of them, each once.

    >>> dict(find_shown_labels("0. London\\n1. Paris", ["London", "Paris"]))
    {'0': 0, '1': 1}
    >>> dict(find_shown_labels("London or Paris?", ["London", "Paris"]))
    {}
    """
    asked = unicodedata.normalize("NFKC", question[-20_000:])
    found: dict[str, int] = {}
    for index, choice in enumerate(choices):
        text = re.escape(unicodedata.normalize("NFKC", choice).strip())
        label = re.search(rf"(?m)(?:^|[\s(（「【,、])\(?({_SHOWN})[).:、。\s]{{1,3}}\"?{text}(?![^\W_])", asked)
        if label is None or label[1] in found:
            return {}
        found[label[1]] = index
    return found


def letter_of(index: int) -> str:
    """Return the letter of a choice: A for the first; beyond Z its number.

    >>> letter_of(1), letter_of(26)
    ('B', '27')
    """
    return string.ascii_uppercase[index] if index < len(string.ascii_uppercase) else str(index + 1)
