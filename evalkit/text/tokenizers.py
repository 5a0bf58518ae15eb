"""Tokenizers by the names that papers give them: what two texts are cut into before their overlap is counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from evalkit.core.errors import MissingExtra
from evalkit.text.script import HAN, is_japanese

Name = Literal["13a", "intl", "char", "ja-mecab", "ja-sudachi", "rouge", "none"]
"""`13a`, `intl`, `char` and `ja-mecab` are sacrebleu's, `rouge` is rouge-score's, `none` cuts at white space"""
Mode = Literal["A", "B", "C"]
Dictionary = Literal["small", "core", "full"]
Spaced = Callable[[str], str]
"""From a text to its tokens with one space between them"""

_HAN, _LATIN, _LETTER = re.compile(f"[{HAN}]"), re.compile("[A-Za-z]"), re.compile(r"[^\W\d_]")
_NO_ROUGE_TOKEN = re.compile(r"[^a-z0-9]+")
_SACREBLEU = {
    "13a": "tokenizer_13a:Tokenizer13a",
    "intl": "tokenizer_intl:TokenizerV14International",
    "char": "tokenizer_char:TokenizerChar",
    "ja-mecab": "tokenizer_ja_mecab:TokenizerJaMecab",
}
_SUDACHI_LIMIT = 12_000
"""Characters at once: sudachi takes 49,149 bytes"""


@cache
def load_tokenizer(name: Name, *, mode: Mode = "C", dictionary: Dictionary = "small") -> Spaced:
    """Load a tokenizer by its name.

    `mode` and `dictionary` are sudachi's. Raises MissingExtra where a package is not installed: never another
    tokenizer in its place.

    >>> load_tokenizer("rouge")("It's 3 o'clock.")
    'it s 3 o clock'
    """
    if name == "rouge":
        return lambda text: _NO_ROUGE_TOKEN.sub(" ", text.lower()).strip()
    if name == "none":
        return lambda text: " ".join(text.split())
    if name == "ja-sudachi":
        return _sudachi(mode, dictionary)
    return _sacrebleu(name)


def choose_tokenizer(texts: Sequence[str]) -> Literal["char", "13a"]:
    """Choose `char` where most texts are Japanese, else `13a`.

    Japanese is what holds kana, or Han and no Latin letters; texts without any letters do not count.

    >>> choose_tokenizer(["東京へ行く", "はい"]), choose_tokenizer(["to Tokyo"])
    ('char', '13a')
    """
    told = [text for text in texts if _LETTER.search(text)]
    japanese = sum(is_japanese(text) or (not _LATIN.search(text) and bool(_HAN.search(text))) for text in told)
    return "char" if told and 2 * japanese >= len(told) else "13a"


def _sacrebleu(name: str) -> Spaced:
    from importlib import import_module

    module, _, kind = _SACREBLEU[name].partition(":")
    purpose = f"the tokenizer {name!r}"
    try:
        found = import_module(f"sacrebleu.tokenizers.{module}")
    except (ImportError, RuntimeError) as error:
        if name == "ja-mecab" and _is_installed("sacrebleu"):
            raise MissingExtra("mecab-python3", "mecab", purpose) from error
        raise MissingExtra("sacrebleu", "text", purpose) from error
    made: Spaced = getattr(found, kind)()
    return made


def _is_installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _sudachi(mode: Mode, dictionary: Dictionary) -> Spaced:
    purpose = f"the tokenizer 'ja-sudachi' (mode {mode}, dictionary {dictionary})"
    try:
        from sudachipy import Dictionary as Opened
        from sudachipy import SplitMode
    except ImportError as error:
        raise MissingExtra("sudachipy", "sudachi", purpose) from error
    if not _is_installed(f"sudachidict_{dictionary}"):
        raise MissingExtra(f"sudachidict_{dictionary}", "sudachi", purpose)
    opened: Any = Opened(dict=dictionary)
    make = opened.tokenizer if hasattr(opened, "tokenizer") else opened.create
    cut = make(mode=getattr(SplitMode, mode))

    def cut_words(text: str) -> str:
        pieces = [text[at : at + _SUDACHI_LIMIT] for at in range(0, len(text), _SUDACHI_LIMIT)]
        return " ".join(word.surface() for piece in pieces for word in cut.tokenize(piece) if word.surface().strip())

    return cut_words
