"""Words and sentences of Japanese as the official checkers see them, and how a noun at the end is told without."""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from evalkit.core.errors import MissingExtra

_STOP = re.compile(r"[。!?]")
_OPEN, _CLOSE = "「『（(", "」』）)"
_MARKS = re.compile(r"[\s」』）)”\"♪★☆…～〜！!？?。．.:：]+$")
_NOUN_END = re.compile(
    r"(?:[一-鿿々ァ-ヺーA-Za-zＡ-Ｚａ-ｚ\d]|(?:こと|もの|とき|ところ|ため|はず|わけ|ひと|ほう|まま|つもり|おかげ|ありさま|たち|さん|さま|しるし|すがた|かたち|こころ|いのち))$"
)
"""Hiragana nouns that end sentences often; a list is enough for a default that needs no dictionary"""


def need_janome() -> None:
    """Raise MissingExtra where janome is not installed."""
    _tagger()


@cache
def _tagger() -> Any:
    try:
        from janome.tokenizer import Tokenizer
    except ImportError as error:
        raise MissingExtra("janome", "instructions", "the scorer 'instructions' with `mode: compat`") from error
    return Tokenizer()


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.surface, one.part_of_speech) for one in _tagger().tokenize(text))


def cut_words(text: str) -> list[str]:
    """Cut a text into janome's tokens."""
    return [surface for surface, _ in _tokens(text)]


def has_noun_before_stop(text: str) -> int:
    """Count the stops before which janome sees a noun."""
    found = _tokens(text)
    return sum(
        surface in "。！？" and before[1].startswith("名詞") for before, (surface, _) in itertools.pairwise(found)
    )


def ends_with_noun(sentence: str) -> bool:
    """Tell whether a sentence ends with a noun (体言止め), by its last characters.

    >>> ends_with_noun("静かに降る雨。"), ends_with_noun("雨が降る。"), ends_with_noun("忘れられないもの")
    (True, False, True)
    """
    return _NOUN_END.search(_MARKS.sub("", sentence)) is not None


def split_sentences(text: str) -> list[str]:
    """Split a text as the official checker's segmenter does.

    At line ends and behind 。!? outside of brackets, white space between Japanese characters left out before.

    >>> split_sentences("はい。「今日は。」と言う。")
    ['はい。', '「今日は。」と言う。']
    """
    out: list[str] = []
    for line in unicodedata.normalize("NFKC", text).split("\n"):
        piece, depth = "", 0
        for mark in line.strip():
            piece += mark
            depth = max(0, depth + (mark in _OPEN) - (mark in _CLOSE))
            if not depth and _STOP.match(mark):
                out.append(piece)
                piece = ""
        out += [piece] if piece.strip() else []
    return out
